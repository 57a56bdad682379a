/**
 * The long soaks: a day in virtual time on the fake, in one runtime or in both, one after the other; half an hour of processes on a genuine
 * API server, both runtimes at once.
 *
 *   npm run soak -- day [--runtimes node,deno] [--hours 24] [--gap 20] [--seed 1]
 *   KUBEBUILDER_ASSETS=... npm run soak -- processes [--runtimes node,deno] [--minutes 30] [--rate 0.5] [--idle 3] [--outages 3]
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  node: [`${bin}node`, "--expose-gc", "--import", "tsx"],
  deno: [`${bin}deno`, "run", "-q", "-A", "--v8-flags=--expose-gc"],
};

/** Runs a program to its end; it ends with this one. @returns Its exit code. */
function run([command, ...args]: readonly string[]): Promise<number> {
  const child = spawn(command!, args, { stdio: "inherit" });
  process.on("exit", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
  });
}
for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
  process.on(signal, () => process.exit(128 + number));
}

const [what, ...given] = process.argv.slice(2);
if (what === "processes") process.exitCode = await run([...COMMANDS["node"]!, at("processes.ts"), ...given]);
else if (what === "day") {
  const place = given.indexOf("--runtimes");
  const runtimes = place < 0 ? ["node", "deno"] : given.splice(place, 2)[1]!.split(",");
  for (const runtime of runtimes) {
    const command = COMMANDS[runtime];
    if (!command) throw new Error(`--runtimes names ${runtime}, expected node, deno or both`);
    process.exitCode = Math.max(Number(process.exitCode ?? 0), await run([...command, at("day.ts"), ...given]));
  }
} else throw new Error(`Say what: day or processes, not ${what}`);
