import { type Command, CONNECTION, type Mode, MODES, type Verb, type VerbCommand, VERBS } from "./commands.ts";
import type { Flag } from "./flag.ts";
import { type FlagName, FLAGS, variableOf } from "./flags.ts";

/** What people call this program. */
export const PROGRAM = "crd-watcher";

/** No line is longer. */
const WIDTH = 80;

/** The text of --help: of one command, or of the whole program. Pure. */
export function helpText(of?: Mode | Verb): string {
  const lines = of === undefined ? overview() : of in VERBS ? verbHelp(of as Verb) : modeHelp(of as Mode);
  return `${lines.join("\n")}\n`;
}

function overview(): string[] {
  return [
    `usage: ${PROGRAM} VERB [NAME ...] [FLAG ...]`,
    `       ${PROGRAM} --mode MODE [FLAG ...]`,
    "",
    "verbs, for a person at a terminal",
    ...Object.entries(VERBS).flatMap(([verb, { summary }]) => entry(verb, summary, 14)),
    "",
    "modes, for programs that run",
    ...Object.entries(MODES).flatMap(([mode, { summary }]) =>
      entry(mode, `${summary}${mode === "director" ? " (the default mode)" : ""}`, 14)
    ),
    "",
    ...wrapped(`${PROGRAM} VERB --help and ${PROGRAM} --mode MODE --help list flags. --version tells the version.`),
    "",
    ...wrapped(
      `Flags of modes, --mode, and of the verbs those that say where, may stand in the environment, too: ${
        variableOf("log-level")
      }=debug is --log-level debug. The command line goes first.`,
    ),
    "",
    ...wrapped(
      "exit codes: 0 done, or the flow succeeded; 1 an error; 2 wrong usage; 3 the flow that was waited for has failed or was cancelled",
    ),
  ];
}

function modeHelp(mode: Mode): string[] {
  const command: Command = MODES[mode];
  const { summary, flags } = command;
  return [
    `usage: ${PROGRAM} --mode ${mode} [FLAG ...]`,
    "",
    ...wrapped(sentence(summary)),
    "",
    "flags",
    ...flags.flatMap((name) => flagHelp(name, command)),
    "",
    ...wrapped(environmentText(flags)),
  ];
}

/** Where else flags may stand. */
function environmentText(flags: readonly FlagName[]): string {
  const isThere = (name: FlagName) => (FLAGS[name] as Flag<unknown>).env !== false;
  const absent = flags.filter((name) => !isThere(name)).map((name) => `--${name}`);
  return `Each of them${absent.length > 0 ? ` but ${absent.join(", ")}` : ""} may stand in the environment, too: ` +
    `${variableOf(flags.find(isThere)!)}. The command line goes first.` +
    (flags.includes("port") ? " (Of CRD_WATCHER_PORT Kubernetes itself makes something else.)" : "");
}

function verbHelp(verb: Verb): string[] {
  const command: VerbCommand = VERBS[verb];
  const { summary, operands = "", flags, about = [], examples = [] } = command;
  const group = (title: string, names: readonly FlagName[]) =>
    names.length > 0 ? ["", title, ...names.flatMap((name) => flagHelp(name, command))] : [];
  return [
    `usage: ${[PROGRAM, verb, operands, ...flags.length > 0 ? ["[FLAG ...]"] : []].filter((part) => part !== "").join(" ")}`,
    "",
    ...wrapped(sentence(summary)),
    ...about.flatMap((each) => ["", ...wrapped(each)]),
    ...group("flags", flags.filter((flag) => !CONNECTION.includes(flag))),
    ...group("flags of every verb that asks a cluster", flags.filter((flag) => CONNECTION.includes(flag))),
    ...examples.length > 0 ? ["", "examples", ...examples.flatMap(([line, what]) => example(line, what))] : [],
  ];
}

/** An example stays in one line, so that it can be copied; what it does stands above it. */
const example = (line: string, what: string): string[] => [
  ...what === "" ? [] : wrapped(`# ${what}`, 2),
  `  ${PROGRAM} ${line}`,
];

function flagHelp(name: FlagName, { helps = {}, outputs }: Command & Pick<VerbCommand, "outputs">): string[] {
  const { value, short, help: usual }: Flag<unknown> = FLAGS[name];
  const help = helps[name] ?? usual;
  const left = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return entry(left, name === "output" && outputs ? `${help}: ${outputs.join(", ")}` : help, 26);
}

/** A name and its explanation beside it, or below it where the name is long. */
function entry(left: string, right: string, column: number): string[] {
  const lines = wrapped(right, column);
  if (left.length + 2 >= column) return [`  ${left}`, ...lines];
  return [`  ${left}`.padEnd(column) + lines[0]!.slice(column), ...lines.slice(1)];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Text in lines. */
function wrapped(text: string, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((line) => " ".repeat(indent) + line);
}
