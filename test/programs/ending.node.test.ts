import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { type FakeServer, listen } from "../../src/fake/server.ts";
import type { RequestState } from "../../mod.ts";
import { startHttpServer } from "../support/http-server.ts";
import {
  endPrograms,
  hasTerminals,
  type Program,
  RUNTIMES,
  startAtTerminal,
  startCommand,
  startLauncher,
  startProgram,
} from "../support/programs.ts";
import { crd, historyOf, REQUESTS } from "../support/scenario.ts";
import { skip } from "../support/skip.ts";

const bin = (name: string) => new URL(`../../node_modules/.bin/${name}`, import.meta.url).pathname;

const ending = suite("programs: how they end");
let fake: FakeCluster;
let server: FakeServer;
ending.before.each(async () => {
  fake = createFakeCluster({ crds: [crd] });
  server = await listen(fake);
});
ending.after.each(async () => {
  await endPrograms();
  await server.close();
});

const SLOW = ["--mode", "worker", "--flow", "test/support/flows/slow.ts"];
const worker = (...more: string[]) => [...SLOW, "--master", server.url, ...more];
const requestJob = async () => {
  const object = {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "a" },
    spec: { "request-uid": "a", job: "JOB1", state: "REQUESTED" },
  };
  const headers = { "content-type": "application/json" };
  const made = await fake.fetch(
    new Request(`http://fake${REQUESTS}`, { method: "POST", headers, body: JSON.stringify(object) }),
  );
  assert.is(made.status, 201);
};
const history = async () => {
  const { items } = await (await fake.fetch(new Request(`http://fake${REQUESTS}`))).json() as { items: RequestState[] };
  return items.flatMap(historyOf);
};
const inJob = async (program: Program) => {
  await requestJob();
  await program.until(/JOB1 {2}STARTED/);
};

for (const runtime of RUNTIMES) {
  ending(`fault 13: SIGHUP in mid-job drains, in ${runtime}`, async () => {
    const program = startProgram(runtime, worker(), { JOB_DURATION: "500" });
    await inJob(program);
    assert.is(await program.end("SIGHUP"), 0, program.errors);
    assert.match(program.errors, /info {2}Ending: SIGHUP\n/);
    assert.equal(await history(), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 COMPLETED"]);
  });

  ending(`the second signal ends at once, in ${runtime}`, async () => {
    const program = startProgram(runtime, worker(), { JOB_DURATION: "600000" });
    await inJob(program);
    program.send("SIGINT");
    await program.untilErrors(/Ending: 1 job is under way/);
    assert.is(await program.end("SIGINT"), 130, program.errors);
    assert.equal(await history(), ["JOB1 REQUESTED", "JOB1 STARTED"]);
  });
}

for (const runtime of RUNTIMES) {
  ending(`a full disk is told of, in ${runtime}`, async () => {
    if (!existsSync("/dev/full")) return skip("a full disk is told of", "there is no /dev/full");
    const start = runtime === "node" ? [bin("node")] : [bin("deno"), "run", "-q", "-P"];
    const program = startCommand(["sh", "-c", `${[...start, "cli/main.ts", "--help"].join(" ")} > /dev/full`]);
    assert.is(await program.exited, 1);
    assert.match(program.errors, /^Not all of the output could be written: [^\n]*no space left on device[^\n]*\n$/i);
  });
}

for (const [runtime, how] of [["node", "process.exit(3)"], ["deno", "process.exit(3)"], ["deno", "Deno.exit"]] as const) {
  ending(`a handler that calls ${how} ends it, and it says so, in ${runtime}`, async () => {
    const arguments_ = ["--mode", "worker", "--flow", "test/support/flows/exit.ts", "--master", server.url];
    const program = startProgram(runtime, arguments_, { HOW: how });
    await requestJob();
    assert.is(await program.exited, 3);
    const said = `Ended by ${how}, which the flow module or one of its handlers has called: ` +
      "what was under way is not brought to a safe end; throw an error instead\n";
    assert.is(program.errors.slice(-said.length), said, program.errors);
  });
}

/** Lines that machines read: each is an object that begins with the same members. */
function linesOf(program: Program): Record<string, unknown>[] {
  assert.is(program.output, "", "in a pod's log both streams are one");
  const lines = program.errors.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) assert.equal(Object.keys(line).slice(0, 4), ["ts", "level", "msg", "logger"]);
  return lines;
}
const JSON_LOG = ["--log-format", "json"];

for (const runtime of RUNTIMES) {
  ending(`a log for machines has nothing but its lines, whatever ends the program, in ${runtime}`, async () => {
    const wrong = startProgram(runtime, worker(...JSON_LOG, "--concurency", "2"));
    assert.is(await wrong.exited, 2);
    const [complaint, ...others] = linesOf(wrong);
    assert.equal([complaint!["level"], complaint!["logger"], others], ["error", "crd-watcher", []]);
    assert.match(complaint!["msg"] as string, /--concurency.*did you mean --concurrency\?/);

    const exiting = ["--mode", "worker", "--flow", "test/support/flows/exit.ts", "--master", server.url, ...JSON_LOG];
    const ended = startProgram(runtime, exiting, { HOW: "process.exit(3)", WARN: "it is old" });
    await requestJob();
    assert.is(await ended.exited, 3);
    const said = linesOf(ended);
    const { level, msg } = said.at(-1)!;
    assert.is(level, "error");
    assert.match(msg as string, /^Ended by process.exit\(3\)/);
    const started = said.find(({ state }) => state === "STARTED");
    assert.equal([started!["msg"], started!["object"], started!["job"]], [
      "Job JOB1 is STARTED",
      { name: "a", namespace: "default" },
      "JOB1",
    ]);
    if (runtime === "node") {
      assert.equal(said.filter(({ level }) => level === "warn").map(({ msg }) => msg), ["Warning: it is old"]);
    }

    const missing = startProgram(runtime, ["--mode", "demo", "--flow", "none.ts"], { CRD_WATCHER_LOG_FORMAT: "json" });
    assert.is(await missing.exited, 2);
    assert.match(linesOf(missing)[0]!["msg"] as string, /^Cannot load the flow module "none.ts"/);
  });
}

ending("what a command that ends with its flow shows stays on stdout, whatever the log is like", async () => {
  const demo = startProgram("node", ["--mode", "demo", "--flow", "cli/sample.ts", ...JSON_LOG]);
  assert.is(await demo.exited, 0);
  assert.match(demo.output, /JOB1 {2}REQUESTED[^]*JOB2 {2}COMPLETED[^]*Succeeded, 6 transitions in [^]*kind: RequestState/);
  for (const line of demo.errors.trimEnd().split("\n").filter((line) => line !== "")) JSON.parse(line);
});

ending("SIGQUIT ends at once", async () => {
  const program = startProgram("node", worker(), { JOB_DURATION: "600000" });
  await inJob(program);
  assert.is(await program.end("SIGQUIT"), 131, program.errors);
});

ending("SIGTERM while the server does not answer: ended before it was ready", async () => {
  let asked = () => {};
  const asking = new Promise<void>((resolve) => asked = resolve);
  const silent = await startHttpServer(() => asked());
  const program = startProgram("node", [...SLOW, "--master", silent.url]);
  await asking;
  assert.is(await program.end(), 1);
  assert.match(program.errors, /info {2}Ending: SIGTERM\nEnded before it was ready\n$/);
  await silent.stop();
});

ending("a worker that nobody reads any more drains", async () => {
  const program = startProgram("node", worker(), { JOB_DURATION: "500" });
  await inJob(program);
  program.closeOutput();
  assert.is(await program.exited, 0, program.errors); // it notices when it shows that the job is done
  assert.equal(await history(), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 COMPLETED"]);
});

ending("a mistake in a handler that nobody waits for: one sentence, and the jobs under way are brought to an end", async () => {
  const program = startProgram("node", ["--mode", "worker", "--flow", "test/support/flows/floating.ts", "--master", server.url]);
  await inJob(program);
  assert.is(await program.exited, 1, program.errors);
  assert.match(program.errors, /^Ending: an error that nobody waits for: nobody waits for this$/m);
  assert.not.match(program.errors, /\n\s+at /);
  assert.equal(await history(), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 COMPLETED"]);
});

const direct = () => [bin("node"), "cli/main.ts", ...worker()];

ending("nohup: SIGHUP is not for it, SIGTERM is", async () => {
  const program = startLauncher(["bash", "-c", 'nohup "$@" & wait', "bash", ...direct()]);
  await program.until(/does jobs of flow/);
  process.kill(-program.pid, "SIGHUP"); // the shell dies of it
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await requestJob();
  await program.until(/JOB1 {2}COMPLETED/);
  process.kill(-program.pid, "SIGTERM");
  await program.exited;
  assert.match(program.errors, /info {2}Ending: SIGTERM\n$/);
});

for (
  const [what, script] of [
    ["in the background of a shell that has ended", '"$@" & echo "pid $!"; disown'],
    ["in a session of its own", 'setsid "$@" & echo "pid $!"; sleep 0.1'],
  ] as const
) {
  ending(`a daemon ${what} lives on`, async () => {
    const program = startLauncher(["bash", "-c", script, "bash", ...direct()]);
    const pid = Number((await program.until(/^pid (\d+)$/m))[1]);
    try {
      await program.until(/does jobs of flow/);
      await new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than it is looked for launchers
      await requestJob();
      await program.until(/JOB1 {2}COMPLETED/);
      assert.not.match(program.errors, /Ending/);
    } finally {
      process.kill(pid, "SIGKILL"); // it may be in no group of ours
    }
  });
}

for (
  const [launcher, signal, ...command] of [
    ["npx tsx", "SIGTERM", "npx", "--no-install", "tsx", "cli/main.ts"],
    ["npx tsx", "SIGKILL", "npx", "--no-install", "tsx", "cli/main.ts"],
    ["tsx", "SIGHUP", bin("tsx"), "cli/main.ts"],
    ["npx deno", "SIGTERM", "npx", "--no-install", "deno", "run", "-q", "-P", "cli/main.ts"],
    ["npx deno", "SIGKILL", "npx", "--no-install", "deno", "run", "-q", "-P", "cli/main.ts"],
    ["npx deno with all permissions", "SIGHUP", "npx", "--no-install", "deno", "run", "-q", "-A", "cli/main.ts"],
  ] as const
) {
  ending(`fault 14: an orphan: ${launcher} ended by ${signal}: the worker below does its job to the end, and ends`, async () => {
    const program = startLauncher([...command, ...worker()], { JOB_DURATION: "2000" });
    await inJob(program);
    program.send(signal);
    await program.exited;
    assert.match(program.errors, /info {2}Ending: (npm|tsx).* has ended\n/);
    assert.equal(await history(), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 COMPLETED"]);
  });
}

const WITH_PLUGIN = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "a",
  clusters: [{ name: "a", cluster: { server: "https://127.0.0.1:9443" } }],
  users: [{
    name: "a",
    user: { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "true", interactiveMode: "Never" } },
  }],
  contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
};
const questions: readonly [string, readonly string[], readonly string[], RegExp][] = [
  ["for what it needs", [], ["--master", "http://127.0.0.1:9443"], /requests read access/],
  [
    "for a plugin for credentials, later",
    ["--allow-read", "--allow-env", "--allow-sys", "--allow-net"],
    ["--kubeconfig", "-"],
    /requests run access/,
  ],
];
for (const [what, flags, args, question] of hasTerminals ? questions : []) {
  ending(`fault 12: Ctrl-C at Deno's question ${what} ends it`, async () => {
    const colourless = (pattern: RegExp) => new RegExp(pattern.source.replaceAll(" ", "[^a-z]*"));
    const folder = await mkdtemp(join(tmpdir(), "crd-watcher-"));
    await writeFile(join(folder, "kubeconfig"), JSON.stringify(WITH_PLUGIN));
    const words = [...args].map((word) => word === "-" ? join(folder, "kubeconfig") : word);
    const program = startAtTerminal([bin("deno"), "run", "-q", ...flags, "cli/main.ts", "--mode", "worker", ...words]);
    await program.until(colourless(question));
    await program.until(/> $/);
    // Deno listens a moment after it has asked: a person presses it again.
    const press = () => program.type("\x03");
    press();
    const pressing = setInterval(press, 500);
    assert.is(await program.exited.finally(() => clearInterval(pressing)), 130, program.output);
    await rm(folder, { recursive: true });
  });
}
if (!hasTerminals) skip("Ctrl-C at Deno's questions", "there is no util-linux here, whose script gives a terminal");

ending("a Node that is too old is told in one sentence", async () => {
  for (
    const [version, sentence] of [["20.20.2", /^crd-watcher needs Node 22\.19 or newer: this is Node 20\.20\.2\n$/]] as const
  ) {
    // Whatever Node there is says that it is an old one.
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"${version}"})`;
    const program = startCommand([bin("node"), "--import", pretend, "cli/main.ts", "--mode", "worker"]);
    assert.is(await program.exited, 1);
    assert.match(program.errors, sentence);
  }
});
ending.run();
