import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { hasSucceeded, REQUEST_STATES, type RequestState, startFlow } from "../../mod.ts";
import {
  endPrograms,
  hasTerminals,
  type Program,
  RUNTIMES,
  startAtTerminal,
  startLauncher,
  startProgram,
} from "../support/programs.ts";
import { NASTY } from "../support/flows/nasty.ts";
import several from "../support/flows/several.ts";
import { historyOf, SIX } from "../support/scenario.ts";

/** The lines of a flow that went well: time, job, state, who, how long. */
const SIX_LINES =
  /^ +0\.000 s {2}JOB1 {2}REQUESTED {2}director-\S+\n( +\d+\.\d{3} s {2}JOB[12] {2}(STARTED {2}|COMPLETED|REQUESTED) {2}(worker|director)-\S+( +(after|took) .+)?\n){5}\nSucceeded, 6 transitions in /m;

/** How it is called here, as it says itself. */
const CALLED = { node: "node cli/main.ts", deno: "(npx )?deno run -P cli/main.ts" };

const demo = suite("programs: the demonstration");
demo.after.each(endPrograms);
for (const runtime of RUNTIMES) {
  demo(`in ${runtime} shows one flow that is given, six writes, and the object`, async () => {
    const program = startProgram(runtime, ["--mode", "demo", "--flow", "cli/sample.ts", "--namespace", "shop"]);
    assert.is(await program.exited, 0, program.errors);
    assert.match(program.output, SIX_LINES);
    assert.match(
      program.output,
      new RegExp(
        `\\n6 writes to the fake API server http://127\\.0\\.0\\.1:\\d+\\nWith a branch, .*: ${CALLED[runtime]} --mode demo\\n$`,
      ),
    );
    const object = parse(/\n(apiVersion:[\s\S]*?)\n\n6 writes/.exec(program.output)![1]!) as RequestState;
    assert.equal(historyOf(object), SIX);
    assert.is(object.metadata.namespace, "shop");
    assert.not.match(program.errors, /error|warn/);
  });
}

demo("npm start shows the sample flow, and how to see the story", async () => {
  const program = startLauncher(["npm", "start"]);
  assert.is(await program.exited, 0, program.errors);
  assert.match(program.output, SIX_LINES);
  assert.match(program.output, /\n6 writes to the fake API server .*\nWith a branch, .*: npm run demo\n$/);
  const [head] = /^sample .*/m.exec(program.output)!;
  assert.match(head, /^sample {2}default\/[0-9a-f-]{36} on http:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(head.length <= 80, head);
});

if (hasTerminals) {
  demo(
    "at a terminal the object fills the screen: what was gone through stands below it once more, the verdict last",
    async () => {
      const command = ["sh", "-c", 'stty cols 80 rows 24; exec "$@"', "sh", process.execPath, "cli/main.ts", "--mode", "demo"];
      const program = startAtTerminal([...command, "--flow", "cli/sample.ts"]);
      assert.is(await program.exited, 0, program.output);
      assert.match(
        program.output.replaceAll("\r", ""),
        /\nstatus:\n( .*\n|- .*\n)+\nAT +JOB .*\n.* JOB1 .* COMPLETED .*\n.* JOB2 .* COMPLETED .*\n\nSucceeded, 6 transitions in .*\n\n6 writes .*\nWith .*\n$/,
      );
    },
  );
}

/** What the story leaves behind: a worker that was lost, and the verdict last. */
const STORY =
  /\n\S+ +ship +1 +LOST .*\n.*\n\S+ +ship +2 +COMPLETED .*\n[\s\S]*\nsucceeded after \d+s: charge, approve, ship, notify\n$/;

for (const runtime of RUNTIMES) {
  demo(`the story can be ended, in ${runtime}`, async () => {
    const program = startProgram(runtime, ["--mode", "demo"]);
    await program.until(/claims charge/);
    assert.is(await program.end("SIGINT"), 1);
    assert.match(program.errors, /^\S+ info {2}Ending: SIGINT\nEnded before the story was over\n$/);
  });
}
demo.run();

// What happens in it: test/cli/story.test.ts. Here it takes the 20 seconds that it takes, everywhere at once.
const told = suite("programs: the story of the demonstration, with workers in threads");
const tellers: Program[] = [];
told.before(async () => {
  tellers.push(...RUNTIMES.map((runtime) => startProgram(runtime, ["--mode", "demo"])));
  const command = ["sh", "-c", 'stty cols 80; exec "$@"', "sh", process.execPath, "cli/main.ts", "--mode", "demo"];
  if (hasTerminals) tellers.push(startAtTerminal(command, { NO_COLOR: "", TERM: "xterm-256color" }));
  await Promise.all(tellers.map(({ exited }) => exited));
});
told.after(endPrograms);
for (const [index, where] of [...RUNTIMES, ...hasTerminals ? ["a terminal"] : []].entries()) {
  told(`one worker is killed, another one does its job, the flow succeeds: in ${where}`, async () => {
    const { exited, output, errors } = tellers[index]!;
    assert.is(await exited, 0, output + errors);
    assert.is(errors, "");
    // deno-lint-ignore no-control-regex
    const text = where === "a terminal" ? output.replace(/\x1b\[\d+m|\r/g, "") : output;
    if (text !== output) assert.ok(output.includes("\x1b[31mis killed"));
    assert.not.match(text.replaceAll("\n", ""), /\p{Cc}/u);
    assert.match(
      text,
      /^ +\d+\.\d s {2}(worker-[ab]) {2}is killed in the middle of ship, and tells nobody\n[\s\S]*takes ship from \1: /m,
    );
    assert.match(text, STORY);
    assert.equal(text.split("\n").filter((line) => line.length > 80), []);
  });
}
told.run();

const three = suite("programs: cluster, worker and director as three processes");
let folder = "";
let kubeconfig = "";
let url = "";
let cluster: Program;
three.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "crd-watcher-"));
});
three.before.each(async () => {
  kubeconfig = join(folder, "kubeconfig");
  cluster = startProgram("node", ["--mode", "cluster", "--write-kubeconfig", kubeconfig]);
  url = (await cluster.until(/^http:\/\/127\.0\.0\.1:\d+$/m))[0];
});
three.after.each(endPrograms);
three.after(() => rm(folder, { recursive: true }));

const client = () =>
  createFetchCluster((request) => fetch(new Request(request.url.replace("http://cluster.invalid", url), request)));
const list = async () => (await client().list<RequestState>(REQUEST_STATES)).items;

for (const [worker, director] of [["node", "deno"], ["deno", "node"], ["node", "node"], ["deno", "deno"]] as const) {
  three(`a worker in ${worker}, a director in ${director}`, async () => {
    const working = startProgram(worker, ["--mode", "worker", "--kubeconfig", kubeconfig]);
    const directing = startProgram(director, ["--mode", "director", "--kubeconfig", kubeconfig]);
    assert.is(await directing.exited, 0, directing.errors);
    assert.match(directing.output, SIX_LINES);
    assert.is(await working.end(), 0, working.errors);
    assert.equal((await list()).map(historyOf), [SIX]);
    assert.is(await cluster.end(), 0, cluster.errors);
  });
}

three("Go's spelling of the flags, and another namespace", async () => {
  const made = await fetch(`${url}/api/v1/namespaces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "x" } }),
  });
  assert.is(made.status, 201);
  startProgram("node", ["-mode", "worker", "-namespace", "x", `-kubeconfig=${kubeconfig}`]);
  const directing = startProgram("node", ["-mode=director", "-namespace=x", `-master=${url}`]);
  assert.is(await directing.exited, 0, directing.errors);
  assert.equal((await list()).map(({ metadata }) => metadata.namespace), ["x"]);
});

three("a module with several flows: one worker does them all, the director starts the first", async () => {
  const flow = ["--flow", "test/support/flows/several.ts", "--kubeconfig", kubeconfig];
  const working = startProgram("deno", ["--mode", "worker", ...flow]);
  const directing = startProgram("node", [...flow]);
  assert.is(await directing.exited, 0, directing.errors);
  assert.match(directing.output, /pack {4}COMPLETED/);
  const others = await Promise.all(several.slice(1).map(({ flow }) => startFlow(flow, {}, { cluster: client() })));
  const serving = startProgram("node", ["--serve", ...flow]);
  const over = await Promise.all(others.map(({ finished }) => finished));
  assert.ok(over.every(hasSucceeded));
  assert.match(working.output, / does jobs of flows "order" \(2 versions\), "refund" in namespace "default"/);
  assert.match(serving.output, / drives flows "order" \(2 versions\), "refund" in namespace "default"/);
});

three("a flow that fails ends the director with 3", async () => {
  const flow = ["--flow", "test/support/flows/failing.ts", "--kubeconfig", kubeconfig];
  startProgram("node", ["--mode", "worker", ...flow]);
  const directing = startProgram("node", [...flow]);
  assert.is(await directing.exited, 3, directing.errors);
  assert.match(directing.output, /\nJobFailed: Job charge failed: the card was declined, 9 transitions in /);
});

three("words of others reach no terminal raw and begin no line; the object shown still says what they were", async () => {
  const flow = ["--flow", "test/support/flows/nasty.ts", "--kubeconfig", kubeconfig];
  startProgram("node", ["--mode", "worker", ...flow]);
  const directing = startProgram("node", [...flow]);
  assert.is(await directing.exited, 3, directing.errors);
  assert.not.match(directing.output.replaceAll("\n", ""), /[\p{Cc}\u202e]/u);
  assert.match(directing.output, /^JobFailed: Job charge failed: declined \\u001b\[2J\\u009b31m\\nSucceeded/m);
  const object = parse(/\n(apiVersion:[\s\S]*)$/.exec(directing.output)![1]!) as RequestState;
  assert.is(object.status!.lastError!.message, NASTY);
});

three("a director that is told to end says how to go on, and a serving one does", async () => {
  const first = startProgram("node", ["--kubeconfig", kubeconfig]);
  await first.until(/JOB1 {2}REQUESTED/);
  assert.is(await first.end(), 1);
  assert.match(first.errors, /Ended before the flow was over: "--mode director --serve" carries on with it\n$/);
  startProgram("node", ["--mode", "worker", "--kubeconfig", kubeconfig]);
  const serving = startProgram("deno", ["--serve", "--kubeconfig", kubeconfig]);
  await serving.until(/JOB2 {2}REQUESTED/);
  while (!(await list()).every(({ status }) => status?.completionTime)) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await list()).map(historyOf), [SIX]);
  assert.is(await serving.end("SIGINT"), 0, serving.errors);
});
three.run();
