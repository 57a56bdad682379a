import process from "node:process";
import { readArguments, UsageError } from "./arguments.ts";
import { USAGE } from "./flags.ts";
import { createLog } from "./log.ts";
import { runMode } from "./modes.ts";
import { onClosed, write, written } from "./output.ts";
import { printable } from "./printable.ts";
import { hearEnding } from "./signals.ts";

/** How the command is run. */
export interface CommandOptions {
  /** Deno may still stop this program to ask a person something; until it is set up, Ctrl-C must end it as it would any. */
  readonly mayBeAsked: boolean;
}

/** Runs the command line of this process to its end, and the process with it. */
export async function runCommand(options: CommandOptions): Promise<never> {
  const ending = new AbortController();
  let code = 0;
  // A mistake in somebody's handler that nobody waits for: what was begun is brought to a safe end, as for a signal.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      code = complain(error);
      ending.abort();
    });
  }
  const ended = await run(options, ending);
  // A handler that ignores its signal must not keep a drained worker alive.
  await written();
  return process.exit(code || ended);
}

async function run({ mayBeAsked }: CommandOptions, ending: AbortController): Promise<number> {
  try {
    const given = readArguments(process.argv.slice(2), process.env);
    if (given.help) {
      write("stdout", `${USAGE}\n`);
      return 0;
    }
    const log = createLog({ level: given.logLevel, format: given.logFormat, logger: given.mode });
    const listen = () =>
      hearEnding({
        end(why) {
          if (ending.signal.aborted) return;
          log.info(`Ending: ${why}`);
          ending.abort();
        },
      });
    // Nobody reads any more: what runs until it is told to end is told so now, the one flow is brought to its end.
    const endless = given.serve || given.mode === "worker" || given.mode === "cluster";
    onClosed((stream) => stream === "stdout" && endless && ending.abort());
    if (!mayBeAsked) await listen();
    return await runMode(given, { signal: ending.signal, log, ready: () => mayBeAsked ? listen() : Promise.resolve() });
  } catch (error) {
    if (ending.signal.aborted && error === ending.signal.reason) return complain("Ended before it was ready");
    return complain(error);
  }
}

/** Says in one sentence what went wrong; the stack stays inside. @returns The exit code for it. */
function complain(error: unknown): number {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  write("stderr", `${printable(name === "NotCapable" ? permissionAdvice(message) : message || name)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** Deno names the missing permission; we name the command that grants what this program needs. */
function permissionAdvice(message: string): string {
  return `${
    message.replace(/, run again.*$/s, "")
  }: run it with the permissions of deno.json, "deno run -P cli/main.ts ...", or with all, "deno run -A ..."`;
}
