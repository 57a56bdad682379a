import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defineFlow,
  type Flow,
  isLeaseLost,
  isOver,
  type Job,
  type RequestState,
  runWorker,
  startFlow,
  type WorkerOptions,
} from "../../mod.ts";
import { interfere, unavailable } from "../../src/fake/mod.ts";
import { createMachine } from "../../src/testing/machine.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario, historyOf, REQUESTS } from "../support/scenario.ts";

const flow = defineFlow("f", ["A"]);

/** A worker on a machine of its own, which has begun a job. */
async function begin(options: Partial<WorkerOptions> & { readonly flow?: Flow } = {}) {
  const story = createScenario();
  const { clock } = story;
  const log = createRecordedLog();
  const machine = createMachine(story.fake.fetch, clock);
  const ending = new AbortController();
  const reasons: unknown[] = [];
  const started: Job[] = [];
  let result = Promise.withResolvers<unknown>();
  const handler = async (job: Job) => {
    started.push(job);
    const done = result = Promise.withResolvers();
    job.signal.addEventListener("abort", () => {
      reasons.push(job.signal.reason);
      done.reject(job.signal.reason);
    }, { once: true });
    return await done.promise as void;
  };
  const given = options.flow ?? flow;
  const worker = runWorker(given, { A: handler } as object, {
    cluster: machine.cluster,
    clock: machine.clock,
    log,
    signal: ending.signal,
    ...options,
  });
  const { request: created } = await startFlow(given, {}, { cluster: story.connect(), clock });
  const path = `${REQUESTS}/${created.metadata.name}`;
  await story.until(() => started.length > 0);
  await clock.advance(20_000); // it renews its lease
  const patches = () => story.fake.requests.matching({ verb: "patch", resource: "requeststates" });
  return {
    ...{ story, clock, log, machine, worker, reasons, started, path },
    end: async () => {
      ending.abort();
      let over = false;
      worker.finished.then(() => over = true);
      await story.until(() => over);
      // The server holds what a cut network has kept it from hearing the end of; that is not the worker's.
      story.fake.close();
      await clock.settle();
      assert.is(clock.pending, 0, "timers are left behind");
    },
    finish: (value?: unknown) => result.resolve(value),
    request: async (): Promise<RequestState> => (await story.requests())[0]!,
    /** As a director does who takes the worker for lost. */
    takeOver: async () => {
      const { metadata: { resourceVersion }, status } = (await story.requests())[0]!;
      const answer = await story.send("PATCH", path, [
        { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
        { op: "replace", path: "/spec/state", value: "REQUESTED" },
        { op: "replace", path: "/spec/attempt", value: 2 },
        { op: "remove", path: "/status/claim" },
        {
          op: "add",
          path: "/status/history/-",
          value: {
            ...{ job: "A", state: "REQUESTED", timestamp: new Date(clock.now()).toISOString(), attempt: 2 },
            ...{ seq: status!.history!.length + 1, by: "boss", reason: "WorkerLost" },
          },
        },
      ], "application/json-patch+json");
      assert.is(answer.status, 200);
    },
    suspend: () => story.send("PATCH", path, { spec: { desiredState: "Suspended" } }, "application/merge-patch+json"),
    patches,
  };
}
const leases = suite("scenario: a worker that cannot renew its lease");

for (const how of ["fails", "hangs"] as const) {
  leases(
    `an outage of 60 s (${how}) costs nothing: the handler goes on, the claim is looked up, the result is written`,
    async () => {
      const { clock, machine, log, reasons, finish, story, request, started, end } = await begin();
      machine.cut(how);
      await clock.advance(60_000);
      log.only(/^warn The lease has run out: 1 job under way, nothing more is claimed$/);
      machine.cut("works");
      await clock.advance(20_000);
      log.only(
        /^info The lease is renewed again: 1 job is under way when it had run out, 1 go on$|^info The lease is renewed again/,
      );
      assert.equal(reasons, []);
      finish();
      await story.until(async () => isOver(await request()), 15_000);
      assert.equal(historyOf(await request()), ["A REQUESTED", "A STARTED", "A COMPLETED"]);
      assert.is(started.length, 1);
      await end();
    },
  );
}

leases(
  "while its lease cannot be renewed it claims nothing, also as long as that lasts: what stops with the lease is not begun",
  async () => {
    const flow = defineFlow("f", { start: "A", jobs: { A: {} }, onLeaseLost: "abort" });
    const { story, clock, reasons, started, finish, end } = await begin({ flow });
    finish();
    const faults = story.fake.faults;
    faults.add({ match: { verb: "update", resource: "leases" }, fault: unavailable(), times: Infinity });
    await clock.advance(6_000); // half of its lease is left, or less
    await startFlow(flow, {}, { cluster: story.connect(), clock });
    await clock.advance(10_000);
    assert.is(started.length, 1);
    faults.clear();
    await story.until(() => started.length === 2, 5_000);
    finish();
    await clock.advance(1_000);
    assert.equal(
      (await story.requests()).map((request) => historyOf(request)),
      [1, 2].map(() => ["A REQUESTED", "A STARTED", "A COMPLETED"]),
    );
    assert.equal(reasons, []);
    await end();
  },
);

leases(
  "a process that stood still says so, and for how long: a handler that blocks the event loop costs its neighbours, too",
  async () => {
    const { clock, machine, log, finish, story, request, end } = await begin();
    machine.stop();
    await clock.advance(25_000);
    await machine.resume();
    await clock.advance(10_000);
    log.only(
      /^warn The lease has run out, this process stood still for at least 1\d s \(.*\): 1 job under way, nothing more is claimed$/,
    );
    finish();
    await story.until(async () => isOver(await request()), 15_000);
    await end();
  },
);

leases("a handler that ends during the outage: its result waits until the claim was looked up", async () => {
  const { clock, machine, finish, story, request, end } = await begin();
  machine.cut("fails");
  await clock.advance(30_000);
  finish({ output: 1 });
  await clock.advance(10_000);
  machine.cut("works");
  await story.until(async () => isOver(await request()), 15_000);
  assert.equal((await request()).status!.outputs, { A: 1 });
  await end();
});

leases("nothing is claimed while it cannot be renewed, though all else works", async () => {
  const { clock, story, finish, request, started, end } = await begin();
  const refused = story.fake.faults.add({
    match: { verb: ["update", "create", "patch"], resource: "leases" },
    times: Infinity,
    fault: unavailable(),
  });
  await clock.advance(20_000);
  finish();
  await story.until(async () => isOver(await request()), 5_000);
  await startFlow(flow, {}, { cluster: story.connect(), clock });
  await clock.advance(10_000);
  assert.is(started.length, 1);
  refused.remove();
  await story.until(() => started.length === 2, 30_000);
  finish();
  await end();
});

const lost = suite("scenario: a worker whose job was taken over meanwhile");

lost("cut off, it learns of it as soon as it reaches the server: LeaseLost, and no write", async () => {
  const { clock, machine, log, reasons, takeOver, suspend, story, patches, request, end } = await begin();
  machine.cut("hangs");
  await clock.advance(20_000);
  await takeOver();
  await suspend();
  const writes = patches().length;
  machine.cut("works");
  await story.until(() => reasons.length > 0, 15_000);
  assert.ok(isLeaseLost(reasons[0]));
  assert.is((reasons[0] as Error).name, "LeaseLostError");
  const fields = log.only(
    /^warn Job A is not this worker's any more: .* was taken over by boss after the lease of this worker had run out$/,
  );
  assert.is(fields["job"], "A");
  assert.ok(fields["claim"]);
  await clock.advance(20_000);
  assert.is(patches().length, writes);
  assert.is((await request()).spec.state, "REQUESTED");
  await end();
});

lost(
  "stopped and continued (SIGSTOP, SIGCONT): the same, and what its handler gives back right then is not written",
  async () => {
    for (const finishes of [false, true]) {
      const { clock, machine, log, reasons, takeOver, suspend, story, patches, finish, request, end } = await begin();
      machine.stop();
      await clock.advance(25_000);
      await takeOver();
      await suspend();
      const writes = patches().length;
      // Timers fire before sockets are read: the handler may end before anything was heard of what has happened meanwhile.
      if (finishes) {
        finish({ output: "stale" });
        await clock.settle();
      }
      await machine.resume();
      await story.until(() => log.lines.some((line) => line.startsWith("warn Job A is not")), 15_000);
      log.only(/^warn Job A is not this worker's any more/);
      assert.is(reasons.length, 1);
      assert.ok(isLeaseLost(reasons[0]));
      await clock.advance(20_000);
      assert.is(patches().length, writes, "no write was even tried");
      assert.is((await request()).spec.state, "REQUESTED");
      assert.is((await request()).status!.outputs, undefined);
      await end();
    }
  },
);

for (const [when, stopsAgain] of [["its claim", false], ["asking whether it stands", true]] as const) {
  lost(`stopped between ${when} and the answer: no handler is begun by a claim that is gone`, async () => {
    const story = createScenario();
    const { clock } = story;
    const machine = createMachine(story.fake.fetch, clock);
    const ending = new AbortController();
    let runs = 0;
    const worker = runWorker(flow, { A: () => Promise.resolve(void runs++) }, {
      cluster: machine.cluster,
      clock: machine.clock,
      signal: ending.signal,
    });
    await clock.advance(5_000);
    const stop = interfere(() => machine.stop());
    const isClaim = ({ body }: { body?: unknown }) => JSON.stringify(body).includes("STARTED");
    story.fake.faults.add({ match: { verb: "patch", resource: "requeststates", where: isClaim }, fault: stop });
    const { request } = await startFlow(flow, {}, { cluster: story.connect(), clock });
    await story.until(async () => (await story.requests())[0]!.spec.state === "STARTED");
    await clock.advance(25_000);
    if (stopsAgain) {
      const asked = story.fake.faults.add({ match: { verb: "get", resource: "requeststates" }, fault: stop });
      await machine.resume();
      await story.until(() => asked.hits === 1);
      machine.dropWatches();
      await clock.advance(25_000);
    }
    const path = `${REQUESTS}/${request.metadata.name}`;
    await story.send("PATCH", path, {
      spec: { state: "REQUESTED", attempt: 2, desiredState: "Suspended" },
      status: { claim: null },
    }, "application/merge-patch+json");
    await machine.resume();
    await clock.advance(20_000);
    assert.is(runs, 0);
    ending.abort();
    await story.end([worker]);
  });
}

lost("one whose claim stands goes on, whatever the lease did", async () => {
  const { clock, machine, reasons, finish, story, request, end } = await begin();
  machine.stop();
  await clock.advance(40_000);
  await machine.resume();
  await clock.advance(20_000);
  assert.equal(reasons, []);
  finish({ output: "mine" });
  await story.until(async () => isOver(await request()), 15_000);
  assert.equal((await request()).status!.outputs, { A: "mine" });
  await end();
});

lost("deleted meanwhile: it is told that, and nothing is written", async () => {
  const { clock, machine, reasons, story, path, patches, end } = await begin();
  machine.stop();
  await clock.advance(25_000);
  await story.send("DELETE", path);
  const writes = patches().length;
  await machine.resume();
  await story.until(() => reasons.length > 0, 15_000);
  assert.match((reasons[0] as Error).message, /was deleted or ended$/);
  await clock.advance(20_000);
  assert.is(patches().length, writes);
  await end();
});

const aborting = suite("scenario: a worker whose handlers stop when the lease has run out");
const careful = defineFlow("f", { start: "A", jobs: { A: {} }, onLeaseLost: "abort" });
for (
  const [who, options] of [["flow", { flow: careful }], ["worker", { onLeaseLost: "abort" }]] as const
) {
  aborting(`where the ${who} asks for it: told at 15 s, given back uncounted once the server answers`, async () => {
    const { clock, machine, log, reasons, story, request, finish, started, end } = await begin(options);
    machine.cut("fails");
    await clock.advance(9_000);
    assert.equal(reasons, []);
    await clock.advance(6_100);
    assert.ok(isLeaseLost(reasons[0]));
    log.only(/^warn Job A of requeststates .* has to stop: the worker could not renew its lease in time$/);
    await clock.advance(15_000);
    machine.cut("works");
    await story.until(() => started.length === 2, 30_000);
    const { status, spec } = await request();
    assert.equal(historyOf(await request()), ["REQUESTED", "STARTED", "REQUESTED", "STARTED"].map((state) => `A ${state}`));
    assert.equal([status!.history![2]!.reason, status!.failures, spec.attempt], ["Released", undefined, 2]);
    finish();
    await story.until(async () => isOver(await request()), 15_000);
    await end();
  });
}
aborting("a handler that brings its job to an end all the same is believed, where the claim stands", async () => {
  for (const taken of [false, true]) {
    const story = createScenario();
    const { clock } = story;
    const log = createRecordedLog();
    const machine = createMachine(story.fake.fetch, clock);
    const ending = new AbortController();
    let begun = false;
    const handler = ({ signal }: Job) => {
      begun = true;
      return new Promise<{ output: string }>((resolve) =>
        signal.addEventListener("abort", () => resolve({ output: "whole" }), { once: true })
      );
    };
    const options = { cluster: machine.cluster, clock: machine.clock, log, signal: ending.signal };
    const worker = runWorker(careful, { A: handler }, options);
    const { request } = await startFlow(careful, {}, { cluster: story.connect(), clock });
    await story.until(() => begun);
    await clock.advance(10_000);
    machine.cut("fails");
    await clock.advance(20_000);
    const path = `${REQUESTS}/${request.metadata.name}`;
    const other = { spec: { state: "REQUESTED", attempt: 2, desiredState: "Suspended" }, status: { claim: null } };
    if (taken) await story.send("PATCH", path, other, "application/merge-patch+json");
    machine.cut("works");
    await clock.advance(20_000);
    const { spec, status } = (await story.requests())[0]!;
    assert.equal([spec.state, status!.outputs], taken ? ["REQUESTED", undefined] : ["COMPLETED", { A: "whole" }]);
    ending.abort();
    let over = false;
    worker.finished.then(() => over = true);
    await story.until(() => over);
    story.fake.close();
  }
});
leases.run();
lost.run();
aborting.run();
