/**
 * The chapter of the guide about the command, made of what the command knows of itself. Run as a program it writes the file.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CONNECTION, MODES, type VerbCommand, VERBS } from "../../cli/commands.ts";
import type { Flag } from "../../cli/flag.ts";
import { type FlagName, FLAGS, variableOf } from "../../cli/flags.ts";

/** Where it stands. */
export const CHAPTER: string = fileURLToPath(new URL("../../docs/guide/command.md", import.meta.url));

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;").trim();
const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;
const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const listed = (names: readonly FlagName[]): string => names.map((name) => code(`--${name}`)).join(" ");

function flagRow([name, flag]: readonly [string, Flag<unknown>]): string {
  const { value, short, help, env } = flag;
  const spelt = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return row(code(spelt), cell(help), env === false ? "" : code(variableOf(name)));
}

/** The whole text. Pure. */
export function commandChapter(): string {
  const verbs = Object.entries(VERBS) as [string, VerbCommand][];
  const asking = (flags: readonly FlagName[]) => CONNECTION.every((name) => flags.includes(name));
  return [
    "# The command",
    "",
    "`crd-watcher VERB` is for a person at a terminal, `crd-watcher --mode MODE` for programs that run. `--help` after either lists its",
    "flags; `crd-watcher completion SHELL` makes a shell complete them. Exit codes: 0 done, or the flow succeeded; 1 an error; 2 wrong usage;",
    "3 the flow that was waited for has failed or was cancelled.",
    "",
    "## Naming a flow",
    "",
    "Wherever a NAME is taken: the name of the object, `NAMESPACE/NAME`, the key that it was started with, both ends of its name",
    "(`3f2a...9d1f`), or `@latest`, the newest one. Verbs that change something take several, or a selection in their place (`--selector`,",
    "`--flow-name`, `--status`, `--since`, `--older`, `--all`): they count first, ask at a terminal (`--yes` does not), and end with what did",
    "not work.",
    "",
    "```sh elsewhere",
    ...verbs.filter(([name]) => name !== "completion").flatMap(([, { examples = [] }]) =>
      examples.map(([line]) => `crd-watcher ${line}`)
    ),
    "```",
    "",
    "## Verbs",
    "",
    row("verb", "does", "flags"),
    row("---", "---", "---"),
    ...verbs.map(([name, { operands = "", summary, flags, outputs }]) => {
      const own = flags.filter((flag) => !asking(flags) || !CONNECTION.includes(flag));
      const shown = outputs ? ` (\`-o\`: ${outputs.join(", ")})` : "";
      return row(code(`${name} ${operands}`.trim()), cell(summary), listed(own) + shown);
    }),
    "",
    `Every verb that asks a cluster takes these, too: ${listed(CONNECTION)}.`,
    "",
    "## Modes",
    "",
    row("`--mode`", "does", "flags"),
    row("---", "---", "---"),
    ...Object.entries(MODES).map(([name, { summary, flags }]) => row(code(name), cell(summary), listed(flags))),
    "",
    "## Flags",
    "",
    "The last column is the environment variable that says the same; the command line goes first.",
    "",
    row("flag", "", "variable"),
    row("---", "---", "---"),
    ...Object.entries(FLAGS).map(flagRow),
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(CHAPTER, commandChapter());
