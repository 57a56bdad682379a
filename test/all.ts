/**
 * Runs test/run.ts in Node and then in Deno, with the same arguments. The last line is the sum of both:
 * `N passed, N failed, N skipped`.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const runner = fileURLToPath(new URL("run.ts", import.meta.url));
const deno = fileURLToPath(new URL("../node_modules/.bin/deno", import.meta.url));
const args = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
let broken = false;

async function run(title: string, command: string, commandArgs: readonly string[]): Promise<void> {
  console.log(`${title}:`);
  const child = spawn(command, commandArgs, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const last = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(output.trimEnd().split("\n").at(-1) ?? "");
  if (!last) console.log(`${title} ended without a summary (exit code ${code})`);
  else [sum.passed, sum.failed, sum.skipped] = [sum.passed + +last[1]!, sum.failed + +last[2]!, sum.skipped + +last[3]!];
  broken ||= !last || code !== 0;
  console.log();
}

await run("Node", process.execPath, [...process.execArgv, runner, ...args]);
await run("Deno", deno, ["run", "-A", runner, ...args]);
if (broken && sum.failed === 0) sum.failed = 1;
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = broken ? 1 : 0;
