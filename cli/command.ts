import process from "node:process";
import { causesOf, thrownText } from "../src/errors.ts";
import type { Log } from "../mod.ts";
import { calledNow } from "./called-as.ts";
import { type CommandLine, formatIn, readCommandLine, UsageError } from "./arguments.ts";
import { VERBS } from "./commands.ts";
import { exit, onForeignExit } from "./exit.ts";
import { helpText, PROGRAM } from "./help.ts";
import { createLog } from "./log.ts";
import { lossOf, onClosed, onLeftOut, write, written } from "./output.ts";
import { PERMISSION_FLAGS } from "./permissions.ts";
import { saidText } from "../src/printable.ts";
import { hearEnding } from "./signals.ts";

/** How the command is run. */
export interface CommandOptions {
  /** Deno may still stop this program to ask a person something; until it is set up, Ctrl-C must end it as it would any. */
  readonly mayBeAsked: boolean;
}

/** Before what was thrown where no `await` and no `catch` is, as by a handler that does not wait for all that it has begun. */
const UNAWAITED = "an error that nobody waits for: ";

/** What comes of that. */
const UNSAFE = "what was under way is not brought to a safe end; throw an error instead";

/** Why it ends, where that has been said. */
const SAID = new Error("It ends because of an error that nobody waited for");

/** Says a last sentence; as a line of the log where machines read that. */
let say = (sentence: string): void => write("stderr", `${saidText(sentence)}\n`);

/** Whether what it shows is a log, which may lack a line. */
let isLog = false;

/** Runs the command line of this process to its end, and the process with it. */
export async function runCommand(options: CommandOptions): Promise<never> {
  const ending = new AbortController();
  let code = 0;
  // A mistake in somebody's handler that nobody waits for: what was begun is brought to a safe end, as for a signal.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      // Deno lets a server that may not listen say so to nobody.
      code = complain(error, isNotCapable(error) ? "" : ending.signal.aborted ? UNAWAITED : `Ending: ${UNAWAITED}`);
      ending.abort(SAID);
    });
  }
  onForeignExit((how) => {
    say(`Ended by ${how}, which the flow module or one of its handlers has called: ${UNSAFE}`);
    written();
  });
  const ended = await run(options, ending);
  // A handler that ignores its signal must not keep a drained worker alive.
  await written();
  // Somebody goes by what is in that file.
  const loss = isLog ? undefined : lossOf("stdout");
  if (loss !== undefined) {
    code ||= complain(new Error(`Not all of the output could be written: ${loss.replace(/, write$/, "")}`));
    await written();
  }
  return exit(code || ended);
}

async function run({ mayBeAsked }: CommandOptions, ending: AbortController): Promise<number> {
  try {
    const line = readWords(process.argv.slice(2));
    if (line.kind === "help" || line.kind === "version") {
      write("stdout", line.kind === "help" ? helpText(line.of) : (await import("./version.ts")).versionText());
      return 0;
    }
    const { kind, given } = line;
    const logger = kind === "mode" ? given.mode : given.verb;
    const level = given.logLevel ?? (kind === "mode" ? "info" : "warn");
    const log = createLog({ level, format: given.logFormat, isWatched: process.stderr.isTTY, logger });
    if (given.logFormat === "json") sayTo(log);
    const end = (why: string) => {
      if (ending.signal.aborted) return;
      log.info(`Ending: ${why}`);
      ending.abort();
    };
    const asksNobody = kind === "verb" && VERBS[given.verb].flags.length === 0;
    if (!mayBeAsked && !asksNobody) await hearEnding({ end });
    const ready = async () => mayBeAsked ? await hearEnding({ end }) : undefined;
    const surroundings = { signal: ending.signal, log, ready };
    if (kind === "verb") {
      const [{ runVerb }, { createTerminal }] = await Promise.all([import("./verbs/run.ts"), import("./terminal.ts")]);
      return await runVerb(given, { ...surroundings, terminal: createTerminal(), program: calledNow });
    }
    // Nobody reads any more: what runs until it is told to end is told so now, the one flow is brought to its end.
    const endless = given.serve || given.mode === "worker" || given.mode === "cluster";
    isLog = endless;
    onClosed((stream) => stream === "stdout" && endless && end("nobody reads what is shown"));
    return await (await import("./modes.ts")).runMode(given, surroundings);
  } catch (error) {
    if (error === SAID) return 1;
    if (ending.signal.aborted && error === ending.signal.reason) return complain(new Error("Ended before it was ready"));
    return complain(error, "", process.argv.length > 2 ? "" : `; ${calledNow()} --help says what else it does`);
  }
}

/** Reads the command line; what is wrong with it is said in the form that it names for the log. */
function readWords(words: readonly string[]): CommandLine {
  try {
    return readCommandLine(words, process.env);
  } catch (error) {
    if (error instanceof UsageError && formatIn(words, process.env) === "json") {
      sayTo(createLog({ format: "json", logger: PROGRAM }));
    }
    throw error;
  }
}

/** From now on all that is said is a line of the log, for machines; so are the warnings of Node, where it gives any. */
function sayTo(log: Log): void {
  say = log.error;
  onLeftOut(log.warn);
  if (process.listenerCount("warning") === 0) return;
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => log.warn(`${name}: ${message}`));
}

/** Says in one sentence what went wrong; the stack stays inside. @returns The exit code for it. */
function complain(error: unknown, before = "", after = ""): number {
  const text = thrownText(error);
  say(before + (isNotCapable(error) ? permissionAdvice(text) : text) + after);
  return error instanceof UsageError ? 2 : 1;
}

/** Deno has not been granted what was tried. */
const isNotCapable = (error: unknown): boolean => causesOf(error)[0]?.name === "NotCapable";

/** Deno names the missing permission; we name the command that grants what this program needs. */
function permissionAdvice(message: string): string {
  const granted = `"deno run ${PERMISSION_FLAGS} ...", in a checkout with "deno run -P cli/main.ts ..."`;
  return `${message.replace(/, run again.*$/s, "")}: run it with ${granted}`;
}
