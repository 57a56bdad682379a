import { nearest } from "../src/text.ts";
import { isMode, isVerb, type Mode, MODES, type Verb, type VerbCommand, VERBS } from "./commands.ts";
import type { Flag } from "./flag.ts";
import { PROGRAM } from "./help.ts";
import { type Format, FORMATS } from "./log-line.ts";
import { type FlagName, FLAGS, type FlagValues, variableOf } from "./flags.ts";
import { type Given, takeApart, UsageError, VALUES, type Words } from "./words.ts";

export { UsageError };

/** What the flags of a command line say, under their names in camel case; those with a default are always there. */
export type Settings =
  & { readonly leaderElect: boolean }
  & Pick<FlagValues, Defaulted>
  & { readonly [Name in Exclude<FlagName, Defaulted | "leader-elect"> as Camel<Name>]?: FlagValues[Name] };

/** A command line that runs a program. */
export type Arguments = Settings & { readonly mode: Mode };

/** A command line of a person. */
export type VerbArguments = Settings & {
  readonly verb: Verb;
  /** What comes after it, without flags. */
  readonly operands: readonly string[];
};

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: "mode"; readonly given: Arguments }
  | { readonly kind: "verb"; readonly given: VerbArguments }
  /** The help of a command; of the whole program where none is named. */
  | { readonly kind: "help"; readonly of?: Mode | Verb }
  | { readonly kind: "version" };

type Defaulted = "serve" | "namespace" | "port";

/** `write-kubeconfig` as `writeKubeconfig`. */
type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Name;

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a command line: a verb and what comes after it, or the flags of a mode. Go's spelling works too: `-mode=director`,
 * `-mode director`, `-serve=true`. What it does not say is looked for in the environment (`CRD_WATCHER_LOG_LEVEL`); what is empty
 * there counts as absent, on the command line only where kubectl takes it so.
 *
 * @param env The environment.
 * @throws {UsageError}
 */
export function readCommandLine(words: readonly string[], env: Environment = {}): CommandLine {
  const apart = takeApart(words);
  const [word, ...operands] = apart.operands;
  const isSaid = (name: string) => apart.flags.some((flag) => flag.name === name && truth(name, flag.text ?? "true"));
  if (isSaid("version")) return { kind: "version" };
  if (word !== undefined && isVerb(word)) {
    if (isSaid("help") || isSaid("h")) return { kind: "help", of: word };
    if (apart.flags.some(({ name }) => name === "mode")) throw new UsageError(`Give a verb or --mode, not both: ${word}`);
    return { kind: "verb", given: readVerb(word, operands, apart, env) };
  }
  if (word === "help") {
    return {
      kind: "help",
      of: operands.find((each) => isVerb(each) || isMode(each)) as Mode | Verb | undefined,
    };
  }
  if (word !== undefined) throw unknownVerb(word);
  const given = apart.flags.findLast(({ name }) => name === "mode");
  const isHelp = isSaid("help") || isSaid("h");
  if (isHelp && !given) return { kind: "help", of: undefined }; // the environment is not asked: in Deno that takes a permission
  const mode = given ? { text: given.text ?? "true", by: "" } : inEnvironment("mode", env) ?? { text: "director", by: "" };
  if (!isMode(mode.text)) {
    const where = mode.by === "" ? "" : `${mode.by}: `;
    throw new UsageError(`${where}Unknown mode "${mode.text}": expected one of ${Object.keys(MODES).join(", ")}`);
  }
  if (isHelp) return { kind: "help", of: mode.text };
  const settings = readFlags(`mode ${mode.text}`, MODES[mode.text].flags, "modes", apart, env);
  return { kind: "mode", given: { ...settings, mode: mode.text } };
}

/** The form of the log that a command line asks for, be the rest of it wrong. Pure. */
export function formatIn(words: readonly string[], env: Environment): Format | undefined {
  const at = words.findLastIndex((word) => /^--?log-format(=|$)/.test(word));
  const [, inline] = words[at]?.split("=") ?? [];
  const text = at < 0 ? env[variableOf("log-format")] : inline ?? words[at + 1];
  return FORMATS.find((format) => format === text);
}

function readVerb(verb: Verb, operands: readonly string[], apart: Words, env: Environment): VerbArguments {
  const { operands: expected = "", flags, outputs = [] }: VerbCommand = VERBS[verb];
  const settings = readFlags(verb, flags, "verbs", apart, env);
  const { output } = settings;
  if (output !== undefined && !outputs.includes(output)) {
    throw new UsageError(`Flag --output is "${output}": expected one of ${outputs.join(", ")}`);
  }
  if (!expected.includes("...") && operands.length > (expected === "" ? 0 : 1)) {
    const surplus = operands[expected === "" ? 0 : 1]!;
    throw new UsageError(
      `Unexpected argument "${surplus}": it is ${[PROGRAM, verb, expected].join(" ").trim()}, see ${verb} --help`,
    );
  }
  return { ...settings, verb, operands };
}

/** Reads the flags of one command. */
function readFlags(
  command: string,
  names: readonly FlagName[],
  kind: "modes" | "verbs",
  apart: Words,
  env: Environment,
): Settings {
  const given = new Map<string, Given>();
  for (const { name: said, raw, text = "true" } of apart.flags) {
    const name = said.length === 1 ? names.find((name) => FLAGS[name].short === said) ?? said : said;
    if (name === "mode" || name === "help" || name === "h" || name === "version") {
      if (name !== "mode") truth(name, text);
      continue;
    }
    if (!names.includes(name as FlagName)) {
      throw new UsageError(`Flag ${raw} is not for ${command}: it is for ${whoTakes(name, kind)}`);
    }
    const { joins, mayBeEmpty }: Flag<unknown> = FLAGS[name as FlagName];
    const before = joins && given.get(name);
    if (VALUES[name] === undefined) truth(name, text);
    // Taken for none, it would select more than was meant, or start a flow without its key.
    else if (text === "" && !mayBeEmpty) throw new UsageError(`Flag --${name} is empty: give it a value, or leave it out`);
    given.set(name, { text: before ? `${before.text},${text}` : text, by: `Flag --${name}` });
  }
  const values: Record<string, unknown> = { serve: false, leaderElect: true, namespace: "default", port: 0 };
  for (const name of names) {
    const flag: Flag<unknown> = FLAGS[name];
    // One environment may serve several programs: what is not for this one is no mistake there.
    const value = given.get(name) ?? (flag.env !== false ? inEnvironment(name, env) : undefined);
    if (value === undefined || value.text === "") continue;
    const read = flag.read(value.text);
    if ("expected" in read) throw new UsageError(`${value.by} is "${value.text}": expected ${read.expected}`);
    values[camel(name)] = read.is;
  }
  return values as unknown as Settings;
}

/** The commands that take a flag, those of the same kind where there are any. */
function whoTakes(name: string, kind: "modes" | "verbs"): string {
  const taking = (commands: Readonly<Record<string, { readonly flags: readonly FlagName[] }>>) =>
    Object.entries(commands).filter(([, { flags }]) =>
      flags.some((flag) => flag === name || name.length === 1 && FLAGS[flag].short === name)
    ).map(([command]) => command);
  const [same, other] = kind === "modes" ? [MODES, VERBS] : [VERBS, MODES];
  const found = taking(same);
  const list = new Intl.ListFormat("en-GB");
  return found.length > 0 ? list.format(found) : `${kind === "modes" ? "" : "mode "}${list.format(taking(other))}`;
}

function inEnvironment(name: string, env: Environment): Given | undefined {
  const variable = variableOf(name);
  const text = env[variable];
  return text ? { text, by: `The environment variable ${variable}` } : undefined;
}

function unknownVerb(word: string): UsageError {
  if (isMode(word)) return new UsageError(`Unknown verb "${word}": a mode is a flag, --mode ${word}`);
  if (word === "version") return new UsageError(`Unknown verb "version": it is a flag, --version`);
  const meant = nearest(word, Object.keys(VERBS));
  const remedy = meant === undefined ? `expected one of ${Object.keys(VERBS).join(", ")}` : `did you mean ${meant}?`;
  return new UsageError(`Unknown verb "${word}": ${remedy}`);
}

/** The value of a switch. */
function truth(name: string, text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new UsageError(`Flag --${name} is a switch: "${text}" is neither true nor false`);
}
