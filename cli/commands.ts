import type { FlagName } from "./flags.ts";

/** One way to run the command: a mode or a verb. What is known about it is here: parsing, help and completion are made of it. */
export interface Command {
  /** What it does; begins small, and has no full stop. */
  readonly summary: string;
  /** Its flags, in the order of their help. */
  readonly flags: readonly FlagName[];
  /** What flags mean for this one, where that is more than for others. */
  readonly helps?: { readonly [Name in FlagName]?: string };
}

/** A verb for a person at a terminal. */
export interface VerbCommand extends Command {
  /** What comes after it, as in `NAME...`; brackets around what may be left out. @default {Nothing} */
  readonly operands?: string;
  /** What a word after it is, for completion: a flow that exists, or one of these. @default {Nothing that is known} */
  readonly completes?: "flows" | readonly string[];
  /** What --output takes. */
  readonly outputs?: readonly string[];
  /** It changes something: it goes on when nobody reads what it shows. */
  readonly changes?: true;
  /** Further sentences of its help. */
  readonly about?: readonly string[];
  /** Command lines, without the name of the program, and what they do. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
}

const CLIENT: readonly FlagName[] = ["kubeconfig", "context", "master"];
const LOG: readonly FlagName[] = ["log-level", "log-format"];
const LIMITS: readonly FlagName[] = ["kube-api-qps", "kube-api-burst"];
const SERVERS: readonly FlagName[] = ["metrics-bind-address", "health-probe-bind-address"];

/** Programs that run until they are told to end, or until one flow is over. */
export const MODES: {
  readonly director: Command;
  readonly worker: Command;
  readonly cluster: Command;
  readonly demo: Command;
} = {
  director: {
    summary: "create one request and drive it to its end; with --serve, drive every request until told to end",
    helps: { flow: "a module whose default export is a flow with its handlers, or a list of them (default: the sample flow)" },
    flags: [
      ...["serve", "leader-elect", "leader-elect-lease-duration", "leader-elect-renew-deadline"] as const,
      ...["leader-elect-retry-period", "namespace", ...CLIENT, "flow", "concurrency", ...LIMITS, ...LOG, ...SERVERS] as const,
    ],
  },
  worker: {
    summary: "claim and run jobs until told to end",
    helps: { flow: "a module whose default export is a flow with its handlers, or a list of them (default: the sample flow)" },
    flags: ["namespace", ...CLIENT, "flow", "concurrency", "grace", "lease-duration", ...LIMITS, ...LOG, ...SERVERS],
  },
  cluster: {
    summary: "serve a fake API server on loopback until told to end",
    flags: ["port", "write-kubeconfig", "crds", "objects", "stages", "log", "token-auth-file"],
  },
  demo: {
    summary: "show the story of a flow: a fake API server, a director and workers in this process",
    helps: {
      flow: "a module whose default export is a flow with its handlers: that is shown instead of the story",
      "log-level": "how much is logged: debug, info, warn, error (default: nothing; with --flow: info)",
    },
    flags: ["namespace", "flow", "no-color", ...LOG],
  },
};

/** A way to run the command as a program. */
export type Mode = keyof typeof MODES;

/** Which flows. */
const SELECTION: readonly FlagName[] = ["selector", "flow-name", "status", "since", "older"];
const PLACE: readonly FlagName[] = ["namespace", "all-namespaces"];
/** Of every verb that asks the cluster: how it is reached, and what is logged meanwhile. */
export const CONNECTION: readonly FlagName[] = [...CLIENT, ...LOG];
const CHANGE: readonly FlagName[] = [...PLACE, ...SELECTION, "all", "yes", "dry-run"];
const SHOW: readonly FlagName[] = ["output", "no-headers", "no-color"];
const SHOWN: readonly string[] = ["name", "json", "yaml", "wide"];
const OBJECTS: readonly string[] = ["name", "json", "yaml"];

const NAMES = "A flow is named by its name, NAMESPACE/NAME, the key that it was started with, both ends of its name " +
  "(3f2a...9d1f), or @latest.";
const SEVERAL = `${NAMES} In the place of names a selection takes all that it fits.`;

/** What a person does with flows. */
export const VERBS: {
  readonly [Name in Verb]: VerbCommand;
} = {
  start: {
    summary: "start a flow",
    helps: { flow: "a module whose default export is a flow with its handlers, or a list of them (default: the sample flow)" },
    operands: "[FLOW]",
    flags: [
      ...["flow", "input", "key", "label", "namespace", "wait", "watch", "timeout", "dry-run", "output", "no-color"] as const,
      ...CONNECTION,
    ],
    outputs: OBJECTS,
    changes: true,
    about: [
      "FLOW is the name of a flow of the module that --flow (or CRD_WATCHER_FLOW) names; it may be left out where there is one only.",
    ],
    examples: [
      [`start order --flow order.ts --key order-42 --input '{"amount":12}'`, "starts it, once"],
      ["start sample --watch", "starts the sample flow and shows what happens"],
    ],
  },
  list: {
    summary: "list flows: where each stands, what it waits for, and for how long",
    flags: [...PLACE, ...SELECTION, "sort", "watch", ...SHOW, ...CONNECTION],
    outputs: SHOWN,
    about: [
      "The newest comes last. Where there is more than a page of 500, flows are shown as they come, by namespace and name.",
    ],
    examples: [
      ["list --status parked,failed --since 1d", "what went wrong today"],
      ["list -A -o wide", "everything, and all that is known of it"],
    ],
  },
  get: {
    summary: "show a flow: its attempts, its failures, what is next and what you can do",
    helps: { flow: "the module that defines it, to see which jobs are to come" },
    operands: "NAME...",
    completes: "flows",
    flags: [...PLACE, ...SELECTION, "all", "flow", "watch", "output", "no-color", ...CONNECTION],
    outputs: SHOWN,
    about: [SEVERAL, "With --flow its definition says which jobs are to come."],
    examples: [
      ["get order-42", "the flow that was started with this key"],
      ["get @latest -o yaml", "the object of the newest flow"],
    ],
  },
  watch: {
    summary: "show what happens: to one flow until it is over, or to all that are under way",
    helps: { flow: "the module that defines it, to see which jobs are to come" },
    operands: "[NAME]",
    completes: "flows",
    flags: [...PLACE, ...SELECTION, "flow", ...SHOW, ...CONNECTION],
    outputs: OBJECTS,
    about: [NAMES, "With NAME the exit code is 0 when the flow succeeds, and 3 when it fails or is cancelled."],
  },
  cancel: {
    summary: "cancel flows; that is not taken back",
    operands: "NAME...",
    completes: "flows",
    flags: [...CHANGE, "wait", "timeout", "output", "no-color", ...CONNECTION],
    outputs: OBJECTS,
    changes: true,
    about: [SEVERAL],
    examples: [["cancel -l tenant=a --status waiting", "asks first, at a terminal"]],
  },
  suspend: {
    summary: "suspend flows: what is under way ends, nothing else is begun",
    operands: "NAME...",
    completes: "flows",
    flags: [...CHANGE, "output", "no-color", ...CONNECTION],
    outputs: OBJECTS,
    changes: true,
    about: [SEVERAL],
  },
  resume: {
    summary: "let suspended flows go on",
    operands: "NAME...",
    completes: "flows",
    flags: [...CHANGE, "wait", "watch", "timeout", "output", "no-color", ...CONNECTION],
    outputs: OBJECTS,
    changes: true,
    about: [SEVERAL],
  },
  retry: {
    summary: "retry flows: parked ones go on, of those that are over a new one goes on",
    helps: { flow: "the module that defines them" },
    operands: "NAME...",
    completes: "flows",
    flags: [...CHANGE, "flow", "from", "wait", "watch", "timeout", "output", "no-color", ...CONNECTION],
    outputs: OBJECTS,
    changes: true,
    about: [
      SEVERAL,
      "A selection takes parked flows, unless --status says otherwise. For flows that are over, and with --from, " +
      "--flow must name the module that defines them.",
    ],
    examples: [
      ["retry --status parked --flow-name order", "after what was broken works again"],
      ["retry order-42 --from ship --flow ./order.ts", "does ship, and what comes after it, again"],
    ],
  },
  signal: {
    summary: "give flows the signal that a job waits for; that is not taken back",
    helps: { flow: "the module that defines them" },
    operands: "NAME... JOB [OUTCOME]",
    completes: "flows",
    flags: [...CHANGE, "data", "flow", "wait", "watch", "timeout", "output", "no-color", ...CONNECTION],
    outputs: OBJECTS,
    changes: true,
    about: [SEVERAL, "With --flow a signal can be given before its job waits for it."],
    examples: [[`signal order-42 approve yes --data '{"why":"a good customer"}'`, "ends job approve with outcome yes"]],
  },
  delete: {
    summary: "delete flows, and all that is known of them",
    operands: "NAME...",
    completes: "flows",
    flags: [...CHANGE, "output", "no-color", ...CONNECTION],
    outputs: OBJECTS,
    changes: true,
    about: [SEVERAL, "What is under way is not brought to an end: cancel it first."],
    examples: [["delete --status succeeded --older 7d --yes", "clears up"]],
  },
  graph: {
    summary: "draw the definition of a flow",
    helps: { flow: "the module that defines it (default: the sample flow)" },
    operands: "[FLOW]",
    flags: ["flow", "output"],
    outputs: ["mermaid", "dot"],
    examples: [["graph --flow ./order.ts -o dot | dot -Tsvg > order.svg", "with Graphviz"]],
  },
  check: {
    summary: "find flows in flight that a module cannot drive, before it is deployed",
    helps: { flow: "the module, as for --mode director" },
    flags: ["flow", ...PLACE, "selector", "flow-name", ...SHOW, ...CONNECTION],
    outputs: SHOWN,
    about: ["The exit code is 1 when there are any."],
  },
  completion: {
    summary: "print a script that makes a shell complete this command",
    operands: "SHELL",
    completes: ["bash", "zsh", "fish"],
    flags: [],
    examples: [
      ["completion bash > /etc/bash_completion.d/crd-watcher", ""],
      ["completion zsh > ~/.zfunc/_crd-watcher", "in a folder of $fpath"],
      ["completion fish > ~/.config/fish/completions/crd-watcher.fish", ""],
    ],
  },
};

/** What a person can do. */
export type Verb =
  | "start"
  | "list"
  | "get"
  | "watch"
  | "cancel"
  | "suspend"
  | "resume"
  | "retry"
  | "signal"
  | "delete"
  | "graph"
  | "check"
  | "completion";

/** Whether a word is a verb. */
export const isVerb = (word: string): word is Verb => Object.hasOwn(VERBS, word);

/** Whether a word is a mode. */
export const isMode = (word: string): word is Mode => Object.hasOwn(MODES, word);
