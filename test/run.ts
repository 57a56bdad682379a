/**
 * Runs the tests in the runtime that it is started with: `tsx test/run.ts [PATTERN]`, `deno run -A test/run.ts [PATTERN]`.
 * Takes each file of test/ whose path ends in `.test.ts` and holds PATTERN, a regular expression; what else its name
 * says is in support/gates.ts.
 *
 *   --file PATH    runs this file only, whatever its name
 *   --claims DIR   shares the files with other processes that are given the same folder: each is run by the first to come
 *   --limit MS     how long a test may take, in milliseconds; a hook may take four times as long
 *
 * The last line is `N passed, N failed, N skipped`. Exit code 1 when anything failed, when a file has no test or a suite
 * that is not `.run()`, when a rejection was not handled, and when a file leaves something behind that holds the process.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { gate, runtime } from "./support/gates.ts";
import { holding, leaksSince } from "./support/leaks.ts";
import { takeSkips } from "./support/skip.ts";
import { errorText, loadSuites, type Outcome, runSuites } from "./support/suites.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const self = fileURLToPath(import.meta.url);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: "string", multiple: true }, claims: { type: "string" }, limit: { type: "string", default: "20000" } },
});
const limit = Number(values.limit);
const sum = { passed: 0, failed: 0, skipped: 0 };
const unhandled: unknown[] = [];
const ran: string[] = [];
let leaked = false;
for (const event of ["unhandledRejection", "uncaughtException"]) process.on(event, (error: unknown) => unhandled.push(error));

/** Files with servers and processes take longest. They come first: of two that share the files none waits long for the other. */
const isLong = (path: string) => /^(genuine|programs)\W/.test(path);

function findFiles(): string[] {
  if (values.file) return values.file.map((path) => resolve(path));
  const pattern = new RegExp(positionals[0] ?? "");
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && pattern.test(join("test", path)))
    .sort((a, b) => Number(isLong(b)) - Number(isLong(a)) || (a < b ? -1 : 1))
    .map((path) => join(root, "test", path));
}

/** Whether this process is the first to come to a file. */
function claim(path: string): boolean {
  if (values.claims === undefined) return true;
  try {
    writeFileSync(join(values.claims, `${runtime} ${encodeURIComponent(path)}`), "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

/** Suites that are made and never run pass silently in uvu. */
function suitesWithoutRun(source: string): string[] {
  const made = [...source.matchAll(/(?:const|let)\s+(\w+)\s*=\s*suite\s*(?:<[^(]*>)?\(/g)].map((match) => match[1]!);
  if (/import\s*{[^}]*\btest\b[^}]*}\s*from\s*"uvu"/.test(source)) made.push("test");
  return made.filter((name) => !new RegExp(`\\b${name}\\.run\\(\\)`).test(source));
}

/** Keeps back what directors and workers say on the console, until it is known whether anybody needs it. @returns Ends that. */
function keepBack(): () => readonly string[] {
  const { warn, error } = console;
  const kept: string[] = [];
  console.warn = console.error = (...values: unknown[]) => void kept.push(values.map(String).join(" "));
  return () => {
    Object.assign(console, { warn, error });
    return kept.splice(0);
  };
}

async function runFile(file: string): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failures: [] };
  const before = holding();
  const giveBack = keepBack();
  try {
    const suites = await loadSuites(pathToFileURL(file).href, limit);
    const ran = await runSuites(suites, { test: limit, hook: limit * 4 });
    outcome.passed = ran.passed;
    outcome.failures.push(...ran.failures);
  } catch (error) {
    outcome.failures.push(errorText(error));
  }
  // Rejections are reported when the queue of microtasks has been run.
  await new Promise((done) => setTimeout(done, 0));
  outcome.failures.push(...unhandled.splice(0).map((error) => `not handled: ${errorText(error)}`));
  outcome.failures.push(...suitesWithoutRun(readFileSync(file, "utf8")).map((name) => `the suite "${name}" is not .run()`));
  const leaks = await leaksSince(before);
  if (leaks.length > 0) outcome.failures.push(`left behind: ${leaks.join(", ")}`);
  leaked ||= leaks.length > 0;
  const said = giveBack();
  if (outcome.failures.length > 0 && said.length > 0) console.log(said.map((line) => `      | ${line}`).join("\n"));
  return outcome;
}

async function main(files: readonly string[]): Promise<void> {
  if (files.length === 0) return fail("no test file", [`none matches ${positionals[0]}`]);
  for (const file of files) {
    const path = relative(root, file);
    const open = gate(file);
    if (!open.run && !open.reason || !claim(path)) continue;
    if (!open.run) {
      skipped(path, open.reason!);
      continue;
    }
    ran.push(file);
    const start = performance.now();
    const { passed, failures } = await runFile(file);
    const skips = takeSkips();
    if (passed + failures.length + skips.length === 0) failures.push("registers no test");
    sum.passed += passed;
    const ms = Math.round(performance.now() - start);
    const counts = [`${passed} passed`, failures.length && `${failures.length} failed`].filter(Boolean).join(", ");
    console.log(`${failures.length > 0 ? "FAIL" : "ok  "}  ${path}  ${counts}  ${ms} ms`);
    for (const { name, reason } of skips) skipped(`${path} "${name}"`, reason);
    if (failures.length > 0) fail(path, failures);
  }
}

function skipped(what: string, reason: string): void {
  sum.skipped++;
  console.log(`skip  ${what}: ${reason}`);
}

function fail(path: string, failures: readonly string[]): void {
  sum.failed += failures.length;
  for (const failure of failures) {
    const lines = failure.split("\n").filter((line) => !/^\s+at .*(test\/run\.ts|test\/support\/suites\.ts|\/uvu\/)/.test(line));
    console.log(`\n${path}\n    ${lines.join("\n    ")}\n`);
  }
}

function finish(): never {
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exit(sum.failed > 0 ? 1 : 0);
}

/** Deno does not name all that holds the process. Each file for itself shows whose it is. */
function blame(files: readonly string[]): void {
  const guilty = files.length <= 1 ? files : files.filter((file) => {
    const args = [...process.execArgv, "run", "-A", self, "--file", file, "--limit", String(limit)];
    return /left behind/.test(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout);
  });
  const paths = guilty.map((file) => relative(root, file));
  fail(paths.join(", ") || "a test file", ["left behind: something that keeps Deno from exiting"]);
}

const files = findFiles();
try {
  await main(files);
} catch (error) {
  fail("the runner", [errorText(error)]); // it is heard by nobody else: what is not caught is put down to the test file
}
if (runtime === "node") finish();
process.on("beforeExit", finish);
const patience = setTimeout(() => {
  if (!leaked) blame(ran);
  finish();
}, 1000);
(globalThis as unknown as { Deno: { unrefTimer(id: unknown): void } }).Deno.unrefTimer(patience);
