import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { type FakeServer, listen } from "../../src/fake/server.ts";
import { endPrograms, type Program, RUNTIMES, startProgram } from "../support/programs.ts";
import { crd, REQUESTS } from "../support/scenario.ts";

const operations = suite("programs: metrics and probes");
let fake: FakeCluster;
let server: FakeServer;
operations.before.each(async () => {
  fake = createFakeCluster({ crds: [crd] });
  server = await listen(fake);
});
operations.after.each(async () => {
  await endPrograms();
  await server.close();
});

const ON = ["--metrics-bind-address", "127.0.0.1:0", "--health-probe-bind-address", "127.0.0.1:0"];
/** Where a program serves what, by its log. */
const urlOf = async (program: Program, path: string) =>
  (await program.untilErrors(new RegExp(`Serving (http://127\\.0\\.0\\.1:\\d+)${path}$`, "m")))[1]! + path;
const ask = async (url: string) => {
  const response = await fetch(url);
  return [response.status, await response.text()] as const;
};
/** Asks until the answer is as expected; the test's time limit ends it. */
const askUntil = async (url: string, expected: RegExp) => {
  for (;;) {
    const [status, text] = await ask(url);
    if (expected.test(`${status} ${text}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const createRequest = async () => {
  const object = {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "a" },
    spec: { "request-uid": "a", job: "JOB1", state: "REQUESTED" },
  };
  const headers = { "content-type": "application/json" };
  const made = await fake.fetch(new Request(`http://fake${REQUESTS}`, { method: "POST", headers, body: JSON.stringify(object) }));
  assert.is(made.status, 201);
};

for (const runtime of RUNTIMES) {
  operations(`of a worker while it runs, while the server is away, and while it drains, in ${runtime}`, async () => {
    const flow = ["--flow", "test/support/flows/slow.ts"];
    const worker = startProgram(runtime, ["--mode", "worker", "--master", server.url, ...flow, ...ON], {
      JOB_DURATION: "600000",
    });
    const [metrics, healthz, readyz] = [
      await urlOf(worker, "/metrics"),
      await urlOf(worker, "/healthz"),
      await urlOf(worker, "/readyz"),
    ];
    await askUntil(readyz, /^200 ok$/);
    assert.equal(await ask(`${readyz}?verbose`), [
      200,
      "[+]ping ok\n[+]setup ok\n[+]shutdown ok\n[+]lease ok\n[+]informer-sync ok\n[+]watch ok\nreadyz check passed\n",
    ]);
    const response = await fetch(metrics);
    assert.is(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    for (
      const sample of [
        /^process_cpu_seconds_total \d/m,
        /^process_resident_memory_bytes \d/m,
        /^nodejs_eventloop_lag_seconds \d/m,
        /^crd_watcher_claims_total\{flow="sample",outcome="won"\} 0$/m,
        /^crd_watcher_jobs_running\{flow="sample"\} 0$/m,
        /^crd_watcher_watch_last_byte_seconds\{resource="requeststates"\} \d/m,
      ]
    ) assert.match(text, sample);

    const port = Number(new URL(server.url).port);
    await server.close();
    await askUntil(
      readyz,
      /^500 (\[[+-]].*\n)+\[-]watch failed: requeststates cannot be followed since \d+ s: .+\nreadyz check failed\n$/,
    );
    assert.equal(await ask(healthz), [200, "ok"]);
    assert.is((await ask(metrics))[0], 200);
    server = await listen(fake, { port });
    await askUntil(readyz, /^200 ok$/);

    await createRequest();
    await worker.until(/JOB1 {2}STARTED/);
    assert.match((await ask(metrics))[1], /^crd_watcher_jobs_running\{flow="sample"\} 1$/m);
    worker.send("SIGTERM");
    await askUntil(readyz, /^500 (\[\+].* ok\n)+\[-]shutdown failed: this process is ending\n/);
    assert.equal(await ask(healthz), [200, "ok"]);
    assert.is((await ask(metrics))[0], 200);
    assert.is(await worker.end(), 143, worker.errors); // asked twice: at once
  });
}

operations("one address for both; other methods and paths are told what is right; a log for machines", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const both = ["--metrics-bind-address", address, "--health-probe-bind-address", address, "--log-format", "json"];
  const director = startProgram("node", ["--serve", "--master", server.url, ...both], { CRD_WATCHER_LOG_LEVEL: "debug" });
  await director.untilErrors(/Serving .*\/readyz"/);
  const url = `http://${address}`;
  await askUntil(`${url}/readyz`, /^200 ok$/);
  const head = await fetch(`${url}/metrics`, { method: "HEAD" });
  assert.equal([head.status, await head.text()], [200, ""]);
  assert.ok(Number(head.headers.get("content-length")) > 1_000);
  const post = await fetch(`${url}/metrics`, { method: "POST", body: "x" });
  assert.equal([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  assert.is(await post.text(), "POST is not for metrics and probes: GET or HEAD\n");
  assert.equal(await ask(`${url}/metric%1b`), [
    404,
    "There is nothing at /metric%1b: expected /metrics or /healthz or /readyz\n",
  ]);
  await askUntil(`${url}/metrics`, /^leader_election_master_status\{name="crd-watcher-director-.*"\} 1$/m);
  const lines = director.errors.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) assert.equal(Object.keys(line).slice(0, 4), ["ts", "level", "msg", "logger"]);
  assert.ok(lines.some(({ level, logger }) => level === "debug" && logger === "director"));
  assert.is(await director.end(), 0, director.errors);
});

operations("a last sentence is a line for machines where the log is", async () => {
  const program = startProgram("node", ["--master", "http://127.0.0.1:9", "--log-format", "json"]);
  assert.is(await program.exited, 1);
  const { level, msg } = JSON.parse(program.errors) as Record<string, string>;
  assert.is(level, "error");
  assert.match(msg!, /^Cannot list requeststates in namespace "default": .*make sure that the server runs there/);
});

operations("an address in use: one sentence", async () => {
  const port = await freePort();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  for (const runtime of RUNTIMES) {
    const program = startProgram(runtime, [
      "--serve",
      "--master",
      server.url,
      "--health-probe-bind-address",
      `127.0.0.1:${port}`,
    ]);
    assert.is(await program.exited, 1);
    assert.is(
      program.errors,
      `Cannot serve probes on 127.0.0.1:${port}: another process listens there, choose another port, or 0 for a free one ` +
        "(--health-probe-bind-address)\n",
    );
  }
  await new Promise((resolve) => other.close(resolve));
});

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
operations.run();
