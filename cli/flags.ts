import { type BindAddress, parseBindAddress } from "./bind-address.ts";
import { LONGEST_LEASE } from "../src/runtime/lease.ts";
import { parseDuration } from "./duration.ts";
import { type Format, FORMATS, type Level, LEVELS } from "./log-line.ts";

/** What each mode does. */
export const MODES = {
  director: "create one request and drive it to its end; with --serve, drive every request until told to end",
  worker: "claim and run jobs until told to end",
  cluster: "serve a fake API server on loopback until told to end",
  demo: "show one flow on a fake API server, director and worker in this process",
} as const;

/** A way to run the command. */
export type Mode = keyof typeof MODES;

/** What a flag may be given, and how it is read. */
export interface Flag<T> {
  readonly modes: readonly Mode[];
  /** What its value stands for; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  /** The text of a value. @returns The value, or what was expected instead. */
  readonly read: (text: string) => { readonly is: T } | { readonly expected: string };
  /** Whether there is an environment variable for it. @default {true} */
  readonly env?: false;
}

const CLIENT: readonly Mode[] = ["director", "worker"];
const TALKS: readonly Mode[] = ["director", "worker", "demo"];

const text: Flag<string>["read"] = (text) => ({ is: text });
const truth: Flag<boolean>["read"] = (text) =>
  text === "true" || text === "false" ? { is: text === "true" } : { expected: "true or false" };
const choice = <T extends string>(values: readonly T[]): Flag<T>["read"] => (text) => {
  const is = values.find((value) => value === text);
  return is === undefined ? { expected: `one of ${values.join(", ")}` } : { is };
};
const wholeNumber = (least: number, most: number): Flag<number>["read"] => (text) => {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? { is: value } : { expected: `a whole number from ${least} to ${most}` };
};
/** client-go takes a negative number for no limit, too. */
const rate: Flag<number>["read"] = (text) =>
  /^-?\d+(\.\d+)?$/.test(text) ? { is: Math.max(0, Number(text)) } : { expected: "a number of requests a second" };
const address: Flag<BindAddress | "off">["read"] = (text) => {
  const is = parseBindAddress(text);
  return is === undefined ? { expected: "HOST:PORT, :PORT for all addresses of this machine, or 0 for none" } : { is };
};
const duration: Flag<number>["read"] = (text) => {
  const is = parseDuration(text);
  return is ? { is } : { expected: "a time such as 15s, 1m30s or 500ms" };
};
/** None is one, too. */
const span: Flag<number>["read"] = (text) => {
  const is = parseDuration(text);
  return is === undefined ? { expected: "a time such as 15s, 1m30s, 500ms or 0" } : { is };
};
const leaseDuration: Flag<number>["read"] = (text) => {
  const ms = parseDuration(text);
  const fits = ms !== undefined && Number.isInteger(ms / 1_000) && ms > 0 && ms <= LONGEST_LEASE;
  return fits ? { is: ms } : { expected: "whole seconds from 1s to 10m, as in 15s" };
};
const namespace: Flag<string>["read"] = (text) =>
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
    ? { is: text }
    : { expected: `a name that a namespace can have: lower-case letters, digits and "-", at most 63` };

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
}

/** Every flag but --mode and --help. */
export const FLAGS: { readonly [Name in keyof FlagValues]: Flag<FlagValues[Name]> } = {
  serve: { modes: ["director"], help: "create nothing, drive every request of the namespace", read: truth },
  "leader-elect": {
    modes: ["director"],
    help: "with --serve: write only while leading the directors of the same flow, by a lease (default: true)",
    read: truth,
  },
  "leader-elect-lease-duration": {
    modes: ["director"],
    value: "TIME",
    help: "how long the lease of a leader lasts without a renewal (default: 15s)",
    read: duration,
  },
  "leader-elect-renew-deadline": {
    modes: ["director"],
    value: "TIME",
    help: "how long a leader goes on without a renewal (default: 10s)",
    read: duration,
  },
  "leader-elect-retry-period": {
    modes: ["director"],
    value: "TIME",
    help: "how often it is renewed, and looked at by the others (default: 2s)",
    read: duration,
  },
  namespace: { modes: TALKS, value: "NAME", help: "the namespace (default: default)", read: namespace },
  kubeconfig: {
    modes: CLIENT,
    value: "PATH",
    help: "the kubeconfig (default: $KUBECONFIG, ~/.kube/config, the service account)",
    read: text,
  },
  context: { modes: CLIENT, value: "NAME", help: "the context of the kubeconfig (default: its current-context)", read: text },
  master: { modes: CLIENT, value: "URL", help: "the server, instead of the kubeconfig's", read: text },
  flow: {
    modes: TALKS,
    value: "MODULE",
    help: "a module whose default export is a flow with its handlers, or a list of them (default: the sample flow)",
    read: text,
  },
  concurrency: {
    modes: CLIENT,
    value: "N",
    help: "requests (director) or jobs (worker) worked on at once",
    read: wholeNumber(1, 1_000),
  },
  grace: {
    modes: ["worker"],
    value: "TIME",
    help: "how long jobs under way may go on after SIGTERM; they are given back then (default: 20s)",
    read: span,
  },
  "lease-duration": {
    modes: ["worker"],
    value: "TIME",
    help: "how long the worker's lease lasts without a renewal, whole seconds (default: 15s)",
    read: leaseDuration,
  },
  "kube-api-qps": {
    modes: CLIENT,
    value: "N",
    help: "requests a second to the API server at the most, watches excepted; 0 is no limit (default: 0)",
    read: rate,
  },
  "kube-api-burst": {
    modes: CLIENT,
    value: "N",
    help: "with --kube-api-qps: requests at once after a quiet time (default: 10)",
    read: wholeNumber(1, 1_000_000),
  },
  "log-level": {
    modes: TALKS,
    value: "LEVEL",
    help: `how much is logged: ${LEVELS.join(", ")} (default: info)`,
    read: choice(LEVELS),
  },
  "log-format": {
    modes: TALKS,
    value: "FORMAT",
    help: `how it is logged: ${FORMATS.join(", ")} (default: text)`,
    read: choice(FORMATS),
  },
  "metrics-bind-address": {
    modes: CLIENT,
    value: "ADDRESS",
    help: "where to serve /metrics, as in :8080; port 0 picks a free one, 0 is off (default: 0)",
    read: address,
  },
  "health-probe-bind-address": {
    modes: CLIENT,
    value: "ADDRESS",
    help: "where to serve /healthz and /readyz, as in :8081; may be the same (default: 0)",
    read: address,
  },
  // No variable: Kubernetes sets CRD_WATCHER_PORT in every pod beside a Service called crd-watcher.
  port: {
    modes: ["cluster"],
    value: "N",
    help: "the port (default: 0, picks a free one)",
    read: wholeNumber(0, 65_535),
    env: false,
  },
  "write-kubeconfig": { modes: ["cluster"], value: "PATH", help: "where to write a kubeconfig for the server", read: text },
  "token-auth-file": {
    modes: ["cluster"],
    value: "PATH",
    help: 'users as kube-apiserver takes them: lines of token,user,uid,"group1,group2" (default: everybody may do everything)',
    read: text,
  },
};

/** The environment variable behind a flag, as far as there is one. */
export const variableOf = (name: string): string => `CRD_WATCHER_${name.toUpperCase().replaceAll("-", "_")}`;

/** The text of --help. */
export const USAGE: string = [
  "usage: main.ts [--mode MODE] [FLAG ...]",
  "",
  "modes",
  ...Object.entries(MODES).map(([mode, help]) =>
    `  ${mode.padEnd(10)}${help}${mode === "director" ? " (the default mode)" : ""}`
  ),
  "",
  "flags",
  ...Object.entries(FLAGS).map(([name, { modes, help, value }]) =>
    `  ${`--${name}${value ? ` ${value}` : ""}`.padEnd(37)}${help} [${modes.join(", ")}]`
  ),
  "",
  `Each of them, and --mode, may stand in the environment, too: ${variableOf("log-level")}=debug is --log-level debug. The`,
  "command line goes first. (Not --port: Kubernetes itself sets such a variable.)",
  "",
  "exit codes: 0 done (director: the flow succeeded), 1 an error, 2 wrong usage, 3 the flow failed or was cancelled",
].join("\n");
