import { parseArgs } from "node:util";

/** The command line is wrong; the message says how, and what is right. */
export class UsageError extends Error {}

/** What each mode does. */
export const MODES = {
  director: "create one request and drive it to its end; with --serve, drive every request until told to end",
  worker: "claim and run jobs until told to end",
  cluster: "serve a fake API server on loopback until told to end",
  demo: "show one flow on a fake API server, director and worker in this process",
} as const;

/** A way to run the command. */
export type Mode = keyof typeof MODES;

interface Flag {
  readonly modes: readonly Mode[];
  /** What its value stands for; absent for a switch. */
  readonly value?: string;
  readonly help: string;
}

const CLIENT: readonly Mode[] = ["director", "worker"];

/** Every flag but --mode and --help. */
const FLAGS: Readonly<Record<string, Flag>> = {
  serve: { modes: ["director"], help: "create nothing, drive every request of the namespace" },
  namespace: { modes: [...CLIENT, "demo"], value: "NAME", help: "the namespace (default: default)" },
  kubeconfig: {
    modes: CLIENT,
    value: "PATH",
    help: "the kubeconfig (default: $KUBECONFIG, ~/.kube/config, the service account)",
  },
  master: { modes: CLIENT, value: "URL", help: "the server, instead of the kubeconfig's" },
  flow: {
    modes: [...CLIENT, "demo"],
    value: "MODULE",
    help: "a module whose default export is a flow with its handlers (default: the sample flow)",
  },
  concurrency: { modes: CLIENT, value: "N", help: "requests (director) or jobs (worker) worked on at once" },
  port: { modes: ["cluster"], value: "N", help: "the port (default: 0, picks a free one)" },
  "write-kubeconfig": { modes: ["cluster"], value: "PATH", help: "where to write a kubeconfig for the server" },
  "token-auth-file": {
    modes: ["cluster"],
    value: "PATH",
    help: 'users as kube-apiserver takes them: lines of token,user,uid,"group1,group2" (default: everybody may do everything)',
  },
};

/** A command line that was understood. */
export interface Arguments {
  readonly mode: Mode;
  readonly help: boolean;
  readonly serve: boolean;
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly master?: string;
  readonly flow?: string;
  readonly concurrency?: number;
  readonly port: number;
  readonly writeKubeconfig?: string;
  readonly tokenAuthFile?: string;
}

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
  ...Object.entries(FLAGS).map(([name, { value, modes, help }]) =>
    `  ${`--${name}${value ? ` ${value}` : ""}`.padEnd(26)}${help} [${modes.join(", ")}]`
  ),
  "",
  "exit codes: 0 done (director: the flow succeeded), 1 an error, 2 wrong usage, 3 the flow failed or was cancelled",
].join("\n");

/**
 * Reads a command line. Go's spelling works too: `-mode=director`, `-mode director`, `-serve=true`.
 *
 * @throws {UsageError}
 */
export function readArguments(words: readonly string[]): Arguments {
  const options = Object.fromEntries([
    ["mode", { type: "string" }],
    ["help", { type: "boolean", short: "h" }],
    ...Object.entries(FLAGS).map(([name, { value }]) => [name, { type: value ? "string" : "boolean" }]),
  ]);
  const { tokens } = parseArgs({ args: words.map(gnuSpelling), options, strict: false, tokens: true, allowPositionals: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new UsageError(`Unexpected argument "${token.value}": every setting is a flag, see --help`);
    }
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] as { type: string } : undefined;
    if (!option) {
      throw new UsageError(
        `Unknown flag ${rawName}: expected one of --mode, --help, ${Object.keys(FLAGS).map((flag) => `--${flag}`).join(", ")}`,
      );
    }
    if (option.type === "string" && (value === undefined || value.startsWith("-") && !token.inlineValue)) {
      throw new UsageError(`Flag --${name} needs a value: --${name} ${FLAGS[name]?.value ?? "MODE"}`);
    }
    if (option.type === "boolean" && !["true", "false", undefined].includes(value)) {
      throw new UsageError(`Flag --${name} is a switch: "${value}" is neither true nor false`);
    }
    given.set(name, value ?? "true");
  }
  const mode = given.get("mode") ?? "director";
  if (!Object.hasOwn(MODES, mode)) {
    throw new UsageError(`Unknown mode "${mode}": expected one of ${Object.keys(MODES).join(", ")}`);
  }
  for (const name of given.keys()) {
    const flag = FLAGS[name];
    if (flag && !flag.modes.includes(mode as Mode) && given.get("help") !== "true") {
      throw new UsageError(`Flag --${name} is not for mode ${mode}: it is for ${flag.modes.join(" and ")}`);
    }
  }
  const namespace = given.get("namespace") || "default";
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new UsageError(
      `Flag --namespace is "${namespace}", which no namespace can be called: expected lower-case letters, digits and "-", at most 63`,
    );
  }
  return {
    mode: mode as Mode,
    help: given.get("help") === "true",
    serve: given.get("serve") === "true",
    namespace,
    kubeconfig: given.get("kubeconfig") || undefined,
    master: given.get("master") || undefined,
    flow: given.get("flow") || undefined,
    concurrency: given.has("concurrency") ? wholeNumber("concurrency", given.get("concurrency")!, 1, 1_000) : undefined,
    port: wholeNumber("port", given.get("port") ?? "0", 0, 65_535),
    writeKubeconfig: given.get("write-kubeconfig") || undefined,
    tokenAuthFile: given.get("token-auth-file") || undefined,
  };
}

/** `-mode` as `--mode`; a single letter is a short flag, a lone `-` or a negative number is left as it is. */
const gnuSpelling = (word: string): string => /^-[a-z][-a-z]+(=|$)/.test(word) ? `-${word}` : word;

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`Flag --${name} is "${text}": expected a whole number from ${least} to ${most}`);
  }
  return value;
}
