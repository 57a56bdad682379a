/**
 * Runs test/run.ts in Node and in Deno, with the same arguments: two processes at a time, which share the files of both, since
 * most tests wait more than they work. The last line is the sum: `N passed, N failed, N skipped`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const runner = fileURLToPath(new URL("run.ts", import.meta.url));
const deno = fileURLToPath(new URL("../node_modules/.bin/deno", import.meta.url));
const claims = mkdtempSync(join(tmpdir(), "crd-watcher-tests-"));
process.on("exit", () => rmSync(claims, { recursive: true, force: true }));
// Each of two has less than a machine of its own.
const args = [runner, "--claims", claims, "--limit", "90000", ...process.argv.slice(2)];
const sum = { passed: 0, failed: 0, skipped: 0 };
let broken = false;

const COMMANDS = { Node: [process.execPath, ...process.execArgv], Deno: [deno, "run", "-A"] } as const;

/** Runs what is left for a runtime. Each of its lines is shown when it is whole, with the runtime before it. */
async function run(runtime: keyof typeof COMMANDS): Promise<void> {
  const [command, ...flags] = COMMANDS[runtime];
  const child = spawn(command, [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  let last: RegExpExecArray | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    last = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
    if (!last) console.log(line === "" ? "" : `${runtime}  ${line}`);
  }
  const code = await closed;
  if (!last) console.log(`${runtime} ended without a summary (exit code ${code})`);
  else [sum.passed, sum.failed, sum.skipped] = [sum.passed + +last[1]!, sum.failed + +last[2]!, sum.skipped + +last[3]!];
  broken ||= !last || code !== 0;
}

async function lane(...runtimes: readonly (keyof typeof COMMANDS)[]): Promise<void> {
  for (const runtime of runtimes) await run(runtime);
}

await Promise.all([lane("Node", "Deno"), lane("Deno", "Node")]);
if (broken && sum.failed === 0) sum.failed = 1;
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = broken ? 1 : 0;
