import { parseArgs } from "node:util";
import { type Flag, FLAGS, type FlagValues, type Mode, MODES, variableOf } from "./flags.ts";

/** The command line is wrong; the message says how, and what is right. */
export class UsageError extends Error {}

/** A command line that was understood. */
export type Arguments =
  & { readonly mode: Mode; readonly help: boolean; readonly leaderElect: boolean }
  & Pick<FlagValues, Defaulted>
  & { readonly [Name in Exclude<keyof FlagValues, Defaulted | "leader-elect"> as Camel<Name>]?: FlagValues[Name] };

type Defaulted = "serve" | "namespace" | "port";

/** `write-kubeconfig` as `writeKubeconfig`. */
type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Name;

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** A value, and where it was given, for messages. */
interface Given {
  readonly text: string;
  readonly by: string;
}

/**
 * Reads a command line. Go's spelling works too: `-mode=director`, `-mode director`, `-serve=true`. What it does not say is
 * looked for in the environment (`CRD_WATCHER_LOG_LEVEL`); what is empty there counts as absent.
 *
 * @param env The environment.
 * @throws {UsageError}
 */
export function readArguments(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Arguments {
  const given = readWords(words);
  const help = given.has("help") && truth("help", given.get("help")!);
  const mode = given.get("mode") ?? inEnvironment("mode", env) ?? { text: "director", by: "" };
  if (!Object.hasOwn(MODES, mode.text)) {
    const where = mode.by.startsWith("Flag") ? "" : `${mode.by}: `;
    throw new UsageError(`${where}Unknown mode "${mode.text}": expected one of ${Object.keys(MODES).join(", ")}`);
  }
  const values: Record<string, unknown> = {
    mode: mode.text,
    help,
    serve: false,
    leaderElect: true,
    namespace: "default",
    port: 0,
  };
  for (const [name, flag] of Object.entries(FLAGS as Readonly<Record<string, Flag<unknown>>>)) {
    const applies = flag.modes.includes(mode.text as Mode);
    if (given.has(name) && !applies && !help) {
      throw new UsageError(`Flag --${name} is not for mode ${mode.text}: it is for ${flag.modes.join(" and ")}`);
    }
    // One environment may serve several programs: what is not for this one is no mistake there.
    const value = given.get(name) ?? (applies && flag.env !== false ? inEnvironment(name, env) : undefined);
    if (value === undefined || value.text === "") continue;
    const read = flag.read(value.text);
    if ("expected" in read) throw new UsageError(`${value.by} is "${value.text}": expected ${read.expected}`);
    values[camel(name)] = read.is;
  }
  return values as unknown as Arguments;
}

function inEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): Given | undefined {
  const variable = variableOf(name);
  const text = env[variable];
  return text ? { text, by: `The environment variable ${variable}` } : undefined;
}

/** What the words give, by the name of the flag. */
function readWords(words: readonly string[]): Map<string, Given> {
  const flags: Readonly<Record<string, Pick<Flag<unknown>, "value">>> = { mode: { value: "MODE" }, help: {}, ...FLAGS };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [name, { type: value ? "string" as const : "boolean" as const }]),
  );
  const { tokens } = parseArgs({
    args: words.map(gnuSpelling),
    options: { ...options, help: { type: "boolean", short: "h" } },
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, Given>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new UsageError(`Unexpected argument "${token.value}": every setting is a flag, see --help`);
    }
    const { name, rawName, value } = token;
    if (!Object.hasOwn(flags, name)) {
      throw new UsageError(
        `Unknown flag ${rawName}: expected one of ${Object.keys(flags).map((flag) => `--${flag}`).join(", ")}`,
      );
    }
    const takes = flags[name]!.value;
    if (takes && (value === undefined || /^-(?!\d)/.test(value) && !token.inlineValue)) {
      throw new UsageError(`Flag --${name} needs a value: --${name} ${takes}`);
    }
    if (!takes) truth(name, { text: value ?? "true", by: "" });
    given.set(name, { text: value ?? "true", by: `Flag --${name}` });
  }
  return given;
}

/** The value of a switch. */
function truth(name: string, { text }: Given): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new UsageError(`Flag --${name} is a switch: "${text}" is neither true nor false`);
}

/** `-mode` as `--mode`; a single letter is a short flag, a lone `-` or a negative number is left as it is. */
const gnuSpelling = (word: string): string => /^-[a-z][-a-z]+(=|$)/.test(word) ? `-${word}` : word;
