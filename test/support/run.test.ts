/** The runner is what says "all is well": each way to be wrong about it is tried in a process of its own. */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { temporaryFolder } from "./files.ts";
import { runtime } from "./gates.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const start = runtime === "node" ? process.execArgv : ["run", "-A"];

const run = (...fixtures: string[]) => runWith([], ...fixtures);

function runWith(
  flags: readonly string[],
  ...fixtures: string[]
): Promise<{ code: number | null; output: string; last: string }> {
  const files = fixtures.flatMap((name) => ["--file", path(`fixtures/${name}.fixture.ts`)]);
  const child = spawn(process.execPath, [...start, path("../run.ts"), "--limit", "500", ...flags, ...files]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => output += text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, last: output.trimEnd().split("\n").at(-1)! }));
  });
}

const runner = suite("runner");

const failing: [fixture: string, last: string, says: RegExp][] = [
  ["failing", "2 passed, 1 failed, 0 skipped", /failing\.fixture\.ts\n[^]*arithmetic {2}"adds wrongly"/],
  ["hook", "0 passed, 1 failed, 0 skipped", /hook\.fixture\.ts\n.*a hook failed: Error: the hook broke/],
  ["after-hook", "0 passed, 1 failed, 0 skipped", /a hook failed: Error: the after hook broke/],
  ["no-run", "1 passed, 1 failed, 0 skipped", /the suite "forgotten" is not \.run\(\)/],
  ["empty", "0 passed, 1 failed, 0 skipped", /registers no test/],
  ["hanging", "1 passed, 1 failed, 0 skipped", /"waits for ever"\n.*took longer than 500 ms/],
  ["leak", "1 passed, 1 failed, 0 skipped", /leak\.fixture\.ts\n.*left behind/],
  ["timer", "1 passed, 1 failed, 0 skipped", /timer\.fixture\.ts\n.*left behind/],
  ["rejection", "1 passed, 1 failed, 0 skipped", /not handled: Error: nobody cared/],
  ["throwing", "0 passed, 1 failed, 0 skipped", /cannot even be loaded/],
  ["only", "1 passed, 1 failed, 0 skipped", /uses \.only or \.skip/],
];
for (const [fixture, last, says] of failing) {
  runner(`fails on ${fixture}`, async () => {
    const result = await run(fixture);
    assert.match(result.output, says);
    assert.is(result.last, last);
    assert.is(result.code, 1);
  });
}

runner("passes what passes, a line a file", async () => {
  const { code, output, last } = await run("passing", "skipping");
  assert.match(output, /^ok {4}test\/support\/fixtures\/passing\.fixture\.ts {2}2 passed {2}\d+ ms$/m);
  assert.match(output, /^skip {2}.*"needs the moon": the moon is not up$/m);
  assert.is(last, "3 passed, 0 failed, 1 skipped");
  assert.is(code, 0);
});

runner("of several that share a folder of claims, each file is run by one", async () => {
  const folder = temporaryFolder();
  const share = () => runWith(["--claims", folder.path], "passing", "skipping");
  const both = await Promise.all([share(), share()]);
  const output = both.map(({ output }) => output).join("");
  for (const line of [/passing\.fixture\.ts {2}2 passed/g, /^skip {2}.*"needs the moon"/gm]) {
    assert.is(output.match(line)?.length, 1, output);
  }
  assert.equal(both.map(({ code }) => code), [0, 0]);
  const none = await share();
  assert.equal([none.last, none.code], ["0 passed, 0 failed, 0 skipped", 0]);
  folder.remove();
  const broken = await share();
  assert.match(broken.output, /the runner\n +Error: ENOENT/);
  assert.equal([broken.last, broken.code], ["0 passed, 1 failed, 0 skipped", 1]);
});

runner("one bad file does not hide the next one", async () => {
  const { code, last } = await run("throwing", "hanging", "passing");
  assert.is(last, "3 passed, 2 failed, 0 skipped");
  assert.is(code, 1);
});

runner.run();
