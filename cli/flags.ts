import { FLOW_STATUSES, type FlowStatus } from "../src/flow/standing.ts";
import type { BindAddress } from "./bind-address.ts";
import {
  address,
  age,
  choice,
  choices,
  duration,
  type Flag,
  labels,
  leaseDuration,
  namespace,
  rate,
  span,
  text,
  truth,
  wholeNumber,
} from "./flag.ts";
import { type Format, FORMATS, type Level, LEVELS } from "./log-line.ts";

/** What the flags say, each in its own type. */
export interface FlagValues {
  readonly serve: boolean;
  readonly "leader-elect": boolean;
  readonly "leader-elect-lease-duration": number;
  readonly "leader-elect-renew-deadline": number;
  readonly "leader-elect-retry-period": number;
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly context: string;
  readonly master: string;
  readonly flow: string;
  readonly concurrency: number;
  readonly grace: number;
  readonly "lease-duration": number;
  readonly "kube-api-qps": number;
  readonly "kube-api-burst": number;
  readonly "log-level": Level;
  readonly "log-format": Format;
  readonly "metrics-bind-address": BindAddress | "off";
  readonly "health-probe-bind-address": BindAddress | "off";
  readonly port: number;
  readonly "write-kubeconfig": string;
  readonly "token-auth-file": string;
  readonly crds: string;
  readonly objects: string;
  readonly stages: string;
  readonly log: boolean;
  readonly "all-namespaces": boolean;
  readonly selector: string;
  readonly "flow-name": string;
  readonly status: readonly FlowStatus[];
  readonly since: number;
  readonly older: number;
  readonly all: boolean;
  readonly sort: Sort;
  readonly output: string;
  readonly "no-headers": boolean;
  readonly "no-color": boolean;
  readonly watch: boolean;
  readonly wait: boolean;
  readonly timeout: number;
  readonly "dry-run": boolean;
  readonly yes: boolean;
  readonly input: string;
  readonly key: string;
  readonly label: Readonly<Record<string, string>>;
  readonly from: string;
  readonly data: string;
}

/** In which order flows are listed. */
export type Sort = "age" | "name";

/** The name of a flag. */
export type FlagName = keyof FlagValues;

const SORTS: readonly Sort[] = ["age", "name"];

/** Every flag but --mode, --help and --version; which of them is for what says commands.ts. */
export const FLAGS: { readonly [Name in FlagName]: Flag<FlagValues[Name]> } = {
  serve: { help: "create nothing, drive every request of the namespace", read: truth },
  "leader-elect": {
    help: "with --serve: write only while leading the directors of the same flow, by a lease (default: true)",
    read: truth,
  },
  "leader-elect-lease-duration": {
    value: "TIME",
    help: "how long the lease of a leader lasts without a renewal (default: 15s)",
    read: duration,
  },
  "leader-elect-renew-deadline": {
    value: "TIME",
    help: "how long a leader goes on without a renewal (default: 10s)",
    read: duration,
  },
  "leader-elect-retry-period": {
    value: "TIME",
    help: "how often it is renewed, and looked at by the others (default: 2s)",
    read: duration,
  },
  namespace: { value: "NAME", short: "n", help: "the namespace (default: default)", read: namespace, mayBeEmpty: true },
  kubeconfig: {
    value: "PATH",
    help: "the kubeconfig (default: $KUBECONFIG, ~/.kube/config, the service account)",
    read: text,
    mayBeEmpty: true,
  },
  context: { value: "NAME", help: "the context of the kubeconfig (default: its current-context)", read: text, mayBeEmpty: true },
  master: { value: "URL", help: "the server, instead of the kubeconfig's", read: text, mayBeEmpty: true },
  flow: {
    value: "MODULE",
    help: "a module whose default export is a flow with its handlers, or a list of them",
    read: text,
  },
  concurrency: {
    value: "N",
    help: "requests (director) or jobs (worker) worked on at once (default: 8, of a worker 1)",
    read: wholeNumber(1, 1_000),
  },
  grace: {
    value: "TIME",
    help: "how long jobs under way may go on after SIGTERM; they are given back then (default: 20s)",
    read: span,
  },
  "lease-duration": {
    value: "TIME",
    help: "how long the worker's lease lasts without a renewal, whole seconds (default: 15s)",
    read: leaseDuration,
  },
  "kube-api-qps": {
    value: "N",
    help: "requests a second to the API server at the most, watches excepted; 0 is no limit (default: 0)",
    read: rate,
  },
  "kube-api-burst": {
    value: "N",
    help: "with --kube-api-qps: requests at once after a quiet time (default: 10)",
    read: wholeNumber(1, 1_000_000),
  },
  "log-level": {
    value: "LEVEL",
    help: `how much is logged: ${LEVELS.join(", ")} (default: info; of verbs: warn)`,
    read: choice(LEVELS),
    values: LEVELS,
  },
  "log-format": {
    value: "FORMAT",
    help: `how it is logged: ${FORMATS.join(", ")} (default: text)`,
    read: choice(FORMATS),
    values: FORMATS,
  },
  "metrics-bind-address": {
    value: "ADDRESS",
    help: "where to serve /metrics, as in :8080; port 0 picks a free one, 0 is off (default: 0)",
    read: address,
  },
  "health-probe-bind-address": {
    value: "ADDRESS",
    help: "where to serve /healthz and /readyz, as in :8081; may be the same (default: 0)",
    read: address,
  },
  // No variable: Kubernetes sets CRD_WATCHER_PORT in every pod beside a Service called crd-watcher.
  port: {
    value: "N",
    help: "the port (default: 0, picks a free one)",
    read: wholeNumber(0, 65_535),
    env: false,
  },
  "write-kubeconfig": { value: "PATH", help: "where to write a kubeconfig for the server", read: text },
  "token-auth-file": {
    value: "PATH",
    help: 'users as kube-apiserver takes them: lines of token,user,uid,"group1,group2" (default: everybody may do everything)',
    read: text,
  },
  crds: {
    value: "PATH",
    help: "CRDs beside the project's own: a YAML or JSON file, or a folder of them",
    read: text,
  },
  objects: {
    value: "PATH",
    help: "what is there from the start: a YAML or JSON file, or a folder of them",
    read: text,
  },
  stages: {
    value: "PATH",
    help:
      "what becomes of objects by themselves, as in - podReady: a YAML or JSON file, or a folder of them (docs/guide/fake.md)",
    read: text,
  },
  log: { help: "tell of each request on stderr: time, verb, path, status, how long it took", read: truth },
  "all-namespaces": { short: "A", help: "in every namespace", read: truth, env: false },
  selector: {
    value: "LABELS",
    short: "l",
    help: "flows with these labels, as in tenant=a,tier!=free",
    read: text,
    env: false,
    joins: true,
  },
  "flow-name": { value: "NAME", help: "flows of this name; with a key, the flow that it belongs to", read: text, env: false },
  status: {
    value: "STATUS",
    help: `flows that are ${FLOW_STATUSES.join(", ")}; several with commas`,
    read: choices(FLOW_STATUSES),
    env: false,
    joins: true,
    values: FLOW_STATUSES,
  },
  since: { value: "TIME", help: "flows that were started within this time, as in 10m or 7d", read: age, env: false },
  older: { value: "TIME", help: "flows that were started longer ago than this", read: age, env: false },
  all: { help: "every flow to which it can be done", read: truth, env: false },
  sort: {
    value: "ORDER",
    help: `${SORTS.join(" or ")} (default: age, the newest last; name where there is more than a page of 500)`,
    read: choice(SORTS),
    env: false,
    values: SORTS,
  },
  // Which of them there are is up to the verb.
  output: { value: "FORMAT", short: "o", help: "how it is shown", read: text, env: false },
  "no-headers": { help: "no line with the names of the columns", read: truth, env: false },
  "no-color": { help: "no colours; nor where NO_COLOR is set, nor in a pipe", read: truth, env: false },
  watch: { short: "w", help: "show what happens, until it is over", read: truth, env: false },
  wait: { help: "wait until the flow is over; exit code 3 unless it succeeds", read: truth, env: false },
  timeout: {
    value: "TIME",
    help: "with --wait or --watch: no longer than this, as in 90s or 2h; exit code 1 then, and the flow goes on",
    read: age,
    env: false,
  },
  "dry-run": { help: "say what would be done, and write nothing", read: truth, env: false },
  yes: { short: "y", help: "do not ask", read: truth, env: false },
  input: { value: "JSON|@FILE", help: "what its handlers get; @- reads it from stdin", read: text, env: false },
  key: {
    value: "KEY",
    help: "what you call it: started twice with one key it is one flow; stands for its name everywhere",
    read: text,
    env: false,
  },
  label: { value: "NAME=VALUE", short: "l", help: "labels that it gets", read: labels, env: false, joins: true },
  from: { value: "JOB", help: "the job to go on from, in a new flow (default: the one that failed)", read: text, env: false },
  data: { value: "JSON|@FILE", help: "what becomes the output of the job", read: text, env: false },
};

/** The environment variable behind a flag, as far as there is one. */
export const variableOf = (name: string): string => `CRD_WATCHER_${name.toUpperCase().replaceAll("-", "_")}`;
