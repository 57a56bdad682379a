#!/usr/bin/env node
import process from "node:process";
import { readArguments, USAGE, UsageError } from "./arguments.ts";
import { runMode } from "./modes.ts";

/** Says in one sentence what went wrong; the stack stays inside. */
function complain(error: unknown): number {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  process.stderr.write(`${name === "NotCapable" ? permissionAdvice(message) : message || name}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** Deno names the missing permission; we name the command that grants what this program needs. */
function permissionAdvice(message: string): string {
  return `${
    message.replace(/, run again.*$/s, "")
  }: run it with the permissions of deno.json, "deno run -P cli/main.ts ...", or with all, "deno run -A ..."`;
}

async function main(): Promise<number> {
  const ending = new AbortController();
  let asked = Infinity;
  for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.on(name, () => {
      // Asked twice: at once. A terminal and a parent process may both pass on the one signal, though.
      if (performance.now() - asked > 500) process.exit(code);
      asked = Math.min(asked, performance.now());
      ending.abort();
    });
  }
  // Nobody reads any more: what runs until it is told to end is told so now, the one flow is brought to its end.
  let endless = false;
  process.stdout.on("error", () => endless && ending.abort());
  process.on("uncaughtException", (error) => process.exit(complain(error)));
  process.on("unhandledRejection", (error) => process.exit(complain(error)));
  try {
    const given = readArguments(process.argv.slice(2));
    if (given.help) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    endless = given.serve || given.mode === "worker" || given.mode === "cluster";
    return await runMode(given, ending.signal);
  } catch (error) {
    if (ending.signal.aborted && error === ending.signal.reason) return complain("Ended before it was ready");
    return complain(error);
  }
}

const code = await main();
// A handler that ignores its signal must not keep a drained worker alive. What was printed goes out first.
process.stdout.write("", () => process.exit(code));
