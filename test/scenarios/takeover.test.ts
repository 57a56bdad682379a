import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, isOver, type RequestState, runDirector, runWorker, startFlow } from "../../mod.ts";
import { interfere, refuse } from "../../src/fake/mod.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";
import { createScenario, historyOf, type Scenario } from "../support/scenario.ts";
import { eventsOf } from "../support/events.ts";

const flow = defineFlow("order", ["charge"]);
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

/** A director on a machine of its own; what it has said. */
function direct(story: Scenario, flows = [flow], options: { legacyTimeout?: number; leaderElect?: boolean } = {}) {
  const ending = new AbortController();
  const machine = createMachine(story.fake.fetch, story.clock);
  const said: string[] = [];
  const say = (level: string) => (message: string) => void said.push(`${level} ${message}`);
  const log = { debug: () => {}, info: say("info"), warn: say("warn"), error: say("error") };
  const { cluster, clock } = machine;
  const director = runDirector(flows, { cluster, clock, log, identity: "boss", signal: ending.signal, ...options });
  return { machine, said, finished: director.finished, end: () => ending.abort() };
}

/** A worker on a machine of its own whose handler ends when told to. */
function work(story: Scenario, name: string, handler: () => Promise<void> = async () => {}) {
  const ending = new AbortController();
  const machine = createMachine(story.fake.fetch, story.clock);
  const { cluster, clock } = machine;
  const worker = runWorker(flow, { charge: handler }, { cluster, clock, identity: name, signal: ending.signal });
  return { machine, identity: worker.identity, finished: worker.finished, end: () => ending.abort() };
}

const never = () => new Promise<void>(() => {});
const only = async (story: Scenario): Promise<RequestState> => (await story.requests())[0]!;
const stateOf = async (story: Scenario) => (await only(story))?.spec.state;

/** A worker holds the job and is gone, its director has just seen the last renewal. */
async function begin(story: Scenario, { how = "kill" }: { how?: "kill" | "stop" | "cut" } = {}) {
  const boss = direct(story);
  const first = work(story, "first", never);
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => await stateOf(story) === "STARTED");
  await story.clock.advance(30_000); // it renews, and nobody is taken for lost
  assert.is(await stateOf(story), "STARTED");
  const renewed = await renewedAt(story, first.identity);
  if (how === "cut") first.machine.cut("fails");
  else first.machine[how]();
  return { boss, first, renewed };
}

/** When a lease was last renewed, by the true clock. */
const renewedAt = async (story: Scenario, name: string): Promise<number> =>
  Date.parse((await (await story.send("GET", `${LEASES}/${name}`)).json()).spec.renewTime);

const takeover = suite("scenario: a worker that is lost");

for (const leaderElect of [false, true]) {
  const who = leaderElect ? "an elected director" : "a director that nobody has elected";
  takeover(`a storage that is full for a minute, and can be read: ${who} takes nothing from anybody`, async () => {
    const story = createScenario();
    const boss = direct(story, [flow], { leaderElect });
    let done = () => {};
    const runs: number[] = [];
    const first = work(story, "first", () => new Promise((resolve) => (runs.push(1), done = resolve)));
    await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(async () => await stateOf(story) === "STARTED");
    await story.clock.advance(30_000);
    let isFull = true;
    const fault = refuse({ code: 500, message: "etcdserver: mvcc: database space exceeded" });
    const where = () => isFull;
    story.fake.faults.add({ match: { verb: ["create", "update", "patch", "delete"], where }, times: Infinity, fault });
    done();
    await story.clock.advance(60_000);
    isFull = false;
    await story.until(async () => isOver(await only(story)), 60_000);
    assert.is(runs.length, 1);
    assert.equal(historyOf(await only(story)), ["charge REQUESTED", "charge STARTED", "charge COMPLETED"]);
    boss.end();
    first.end();
    await story.end([boss, first]);
  });
}

takeover(
  "a takeover that finds no answer: whoever is lost is taken over all the same, when he has had his whole time again",
  async () => {
    const story = createScenario();
    const { boss, renewed } = await begin(story);
    const fault = refuse({ code: 503, reason: "ServiceUnavailable", message: "later" });
    story.fake.faults.add({ match: { verb: "patch", resource: "requeststates" }, fault });
    await story.until(async () => (await stateOf(story)) !== "STARTED", 60_000);
    const after = Date.parse((await only(story)).status!.history!.at(-1)!.timestamp) - renewed;
    assert.ok(after > 40_000 && after <= 50_000, `taken over ${after} ms after the last renewal`);
    boss.end();
    await story.end([boss]);
  },
);

/** Two directors and two workers; the first worker holds the job. @returns The director that leads first. */
async function lead(story: Scenario) {
  const bosses = [direct(story, [flow], { leaderElect: true })];
  await story.until(() => bosses[0]!.said.some((line) => line.startsWith("info Leading")));
  bosses.push(direct(story, [flow], { leaderElect: true }));
  const first = work(story, "first", never);
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => await stateOf(story) === "STARTED");
  const second = work(story, "second");
  await story.clock.advance(30_000);
  return { leader: bosses[0]!, other: bosses[1]!, first, second };
}

takeover("leader and worker are killed at once: the one who leads next has looked, and waits no second time", async () => {
  const story = createScenario();
  const { leader, other, first, second } = await lead(story);
  const renewed = await renewedAt(story, first.identity);
  first.machine.kill();
  leader.machine.kill();
  await story.until(async () => isOver(await only(story)), 60_000);
  const lost = (await only(story)).status!.history!.find(({ reason }) => reason === "WorkerLost")!;
  const after = Date.parse(lost.timestamp) - renewed;
  assert.ok(after >= 20_000 && after <= 25_000, `taken over ${after} ms after the last renewal`);
  // Nobody is told of the same twice, nor of what nobody can prevent any more.
  const warned = other.said.filter((line) => line.startsWith("warn Worker")).length;
  const told = (await eventsOf(story)).map(({ reason }) => reason);
  assert.equal(told, [...Array(warned).fill("WorkerSilent"), "WorkerLost"]);
  assert.ok(warned <= 1);
  other.end();
  second.end();
  await story.end([other, second]);
});

for (const seconds of [12, 19, 21, 26, 40]) {
  for (const dies of [false, true]) {
    const who = dies ? "a leader that dies" : "a leader that lives";
    takeover(
      `a storage that takes no writes for ${seconds} s, ${who}: nobody is taken for lost who could not renew`,
      async () => {
        for (const offset of [0, 2_600]) {
          const story = createScenario();
          const { leader, other, first, second } = await lead(story);
          await story.clock.advance(offset);
          let isFull = true;
          const fault = refuse({ code: 500, message: "etcdserver: mvcc: database space exceeded" });
          const where = () => isFull;
          story.fake.faults.add({ match: { verb: ["create", "update", "patch", "delete"], where }, times: Infinity, fault });
          if (dies) leader.machine.kill();
          await story.clock.advance(seconds * 1_000);
          isFull = false;
          await story.clock.advance(60_000);
          assert.equal(historyOf(await only(story)), ["charge REQUESTED", "charge STARTED"], `${offset} ms later`);
          const alive = dies ? [other, second] : [leader, other, second];
          for (const each of alive) each.end();
          first.machine.kill();
          await story.end(alive);
        }
      },
    );
  }
}

takeover("row 23: kill -9 in mid-job: told of after 15 s, taken over 20 to 25 s after its renewal, done by another", async () => {
  const story = createScenario();
  const { boss, first, renewed } = await begin(story);
  const second = work(story, "second");
  await story.until(() => boss.said.some((line) => line.startsWith("warn Worker")), 25_000);
  const silent = boss.said.find((line) => line.startsWith("warn Worker"))!;
  assert.match(
    silent,
    new RegExp(`^warn Worker ${first.identity} has not renewed its lease since \\S+Z: 1 job is taken over at \\S+Z`),
  );
  const [since, then] = [...silent.matchAll(/\d{4}-\S+?Z/g)].map(([text]) => Date.parse(text));
  assert.is(since!, renewed - renewed % 1_000, "the word of the lease");
  assert.ok(then! - since! >= 20_000 && then! - since! <= 23_500, `taken over ${then! - since!} ms after that`);
  assert.is(await stateOf(story), "STARTED");
  await story.until(async () => (await stateOf(story)) !== "STARTED", 10_000);
  const lost = (await only(story)).status!.history!.find(({ reason }) => reason === "WorkerLost")!;
  const after = Date.parse(lost.timestamp) - renewed;
  assert.ok(after >= 20_000 && after <= 25_000, `taken over ${after} ms after the last renewal`);
  await story.until(async () => isOver(await only(story)));
  const request = await only(story);
  assert.equal(historyOf(request), [
    "charge REQUESTED",
    "charge STARTED",
    "charge REQUESTED",
    "charge STARTED",
    "charge COMPLETED",
  ]);
  assert.equal(request.status!.failures, { lost: 1 });
  assert.is(request.spec.attempt, 2);
  await story.clock.settle();
  const told = (await eventsOf(story)).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  assert.is(told.length, 2);
  // The word of the lease, to which all others keep, too.
  const said = `${new Date(renewed).toISOString().slice(0, 19)}Z`;
  assert.match(
    told[0]!,
    new RegExp(
      `^Warning WorkerSilent: Worker ${first.identity}, which holds job charge, has not renewed its lease since ${said}: `,
    ),
  );
  assert.is(told[1], `Warning WorkerLost: Worker ${first.identity} was lost in job charge (attempt 1), the job is tried again`);
  boss.end();
  second.end();
  await story.until(() => Promise.all([boss.finished, second.finished]).then(() => true));
});

takeover("an outage of the API server of 30 s, or one that stands still so long, costs no attempt", async () => {
  for (const how of ["fails", "hangs"] as const) {
    const story = createScenario();
    const boss = direct(story);
    const ending = Promise.withResolvers<void>();
    const first = work(story, "first", () => ending.promise);
    await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(async () => await stateOf(story) === "STARTED");
    for (const offset of [0, 3_100, 7_700]) {
      await story.clock.advance(20_000 + offset);
      for (const { machine } of [boss, first]) machine.cut(how);
      await story.clock.advance(30_000);
      for (const { machine } of [boss, first]) machine.cut("works");
      await story.clock.advance(40_000);
    }
    assert.is(await stateOf(story), "STARTED");
    ending.resolve();
    await story.until(async () => isOver(await only(story)));
    assert.equal(historyOf(await only(story)), ["charge REQUESTED", "charge STARTED", "charge COMPLETED"], how);
    assert.is((await only(story)).spec.attempt, 1);
    boss.end();
    first.end();
    // What hangs stays open at the server.
    await story.until(() => Promise.all([boss.finished, first.finished]).then(() => true));
  }
});

takeover("a director that was stopped for a minute gives every worker its whole time again", async () => {
  const story = createScenario();
  const { boss, renewed } = await begin(story);
  await story.clock.advance(14_000);
  boss.machine.stop();
  await story.clock.advance(60_000);
  await boss.machine.resume();
  const resumed = story.clock.now();
  await story.until(async () => await stateOf(story) === "REQUESTED", 40_000);
  assert.ok(story.clock.now() - resumed >= 20_000, `after ${story.clock.now() - resumed} ms`);
  assert.ok(story.clock.now() - renewed > 90_000);
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});

takeover("row 23: a lease that is gone, or was never there, has its time from when that was seen", async () => {
  const story = createScenario();
  const { boss, first } = await begin(story);
  await story.clock.advance(12_000);
  await story.send("DELETE", `${LEASES}/${first.identity}`);
  await story.clock.advance(18_000);
  assert.is(await stateOf(story), "STARTED");
  await story.until(async () => await stateOf(story) === "REQUESTED", 8_000);
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});

takeover(
  "a director that was stopped while it read a lease for the last time gives every worker its whole time again",
  async () => {
    const story = createScenario();
    const boss = direct(story);
    const victims = ["first", "second"].map((name) => work(story, name, never));
    for (const _ of victims) await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    const started = async () => (await story.requests()).filter(({ spec }) => spec.state === "STARTED").length;
    await story.until(async () => await started() === 2);
    for (const { machine } of victims) machine.kill();
    let stopped = 0;
    story.fake.faults.add({
      match: { resource: "leases", verb: "get" },
      fault: interfere(() => {
        stopped = story.clock.now();
        boss.machine.stop();
      }),
    });
    await story.until(() => stopped > 0, 60_000);
    await story.clock.advance(60_000);
    await boss.machine.resume();
    await story.clock.advance(15_000);
    assert.is(await started(), 2);
    await story.until(async () => await started() === 0, 10_000);
    assert.equal(boss.said.filter((line) => /Cannot|has renewed/.test(line)), [], boss.said.join("\n"));
    boss.end();
    await story.until(() => boss.finished.then(() => true));
  },
);

takeover("whoever lives keeps its job, whatever people do to its lease; whoever died loses it all the same", async () => {
  const shorter = { spec: { leaseDurationSeconds: 1 } };
  const unlabelled = { metadata: { labels: { "app.kubernetes.io/component": null } } };
  for (const change of [undefined, shorter, unlabelled]) {
    const story = createScenario();
    const boss = direct(story);
    const holder = createMachine(story.fake.fetch, story.clock);
    const { identity } = runWorker(flow, { charge: never }, {
      cluster: holder.cluster,
      clock: holder.clock,
      leaseDuration: 120_000,
    });
    await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(async () => await stateOf(story) === "STARTED");
    await story.clock.advance(10_000);
    const path = `${LEASES}/${identity}`;
    const meddle = async () => {
      const answer = change
        ? await story.send("PATCH", path, change, "application/merge-patch+json")
        : await story.send("DELETE", path);
      assert.is(answer.status, 200);
    };
    await meddle();
    await story.clock.advance(80_000);
    assert.is(await stateOf(story), "STARTED", JSON.stringify(change));
    // Where a renewal and the change were seen at once, it may be the holder's word: that is said, until the next renewal.
    const said = boss.said.splice(0).filter((line) => line.includes("Worker"));
    if (change !== shorter) assert.equal(said, []);
    const { metadata, spec } = await (await story.send("GET", path)).json();
    assert.equal([metadata.labels["app.kubernetes.io/component"], spec.leaseDurationSeconds], ["worker", 120]);
    await meddle();
    holder.kill();
    await story.until(async () => await stateOf(story) !== "STARTED", 130_000);
    assert.is(boss.said.filter((line) => line.includes("Worker")).length, 1, boss.said.join("\n"));
    boss.end();
    await story.until(() => boss.finished.then(() => true));
  }
});

takeover("a long lease that was deleted before its director had seen it is there again in time", async () => {
  const story = createScenario();
  const boss = direct(story);
  const holder = createMachine(story.fake.fetch, story.clock);
  const { identity } = runWorker(flow, { charge: never }, {
    cluster: holder.cluster,
    clock: holder.clock,
    leaseDuration: 120_000,
  });
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => await stateOf(story) === "STARTED");
  assert.is((await story.send("DELETE", `${LEASES}/${identity}`)).status, 200);
  await story.clock.advance(100_000);
  assert.is(await stateOf(story), "STARTED");
  assert.equal(boss.said.filter((line) => line.includes("Worker")), []);
  holder.kill();
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});

takeover("a worker that renews in the last moment keeps its job, and that is said", async () => {
  const story = createScenario();
  const { boss, first } = await begin(story, { how: "cut" });
  await story.until(() => boss.said.some((line) => line.startsWith("warn Worker")), 25_000);
  await story.clock.advance(3_000);
  first.machine.cut("works");
  await story.clock.advance(60_000);
  assert.is(await stateOf(story), "STARTED");
  assert.equal(boss.said.filter((line) => line.includes("Worker")).slice(1), [
    `info Worker ${first.identity} has renewed its lease: it keeps 1 job`,
  ]);
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});

takeover("a job that loses its workers ends: three times", async () => {
  const story = createScenario();
  const boss = direct(story);
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  const machines: Machine[] = [];
  for (let time = 1; time <= 3; time++) {
    const { machine } = work(story, `victim-${time}`, never);
    machines.push(machine);
    await story.until(async () => (await only(story)).status?.claim?.holderIdentity.startsWith(`victim-${time}`));
    machine.kill();
    await story.until(async () => await stateOf(story) !== "STARTED", 30_000);
  }
  const { spec, status } = await only(story);
  assert.equal([spec.state, status!.failures, status!.conditions!.map(({ type, reason }) => `${type} ${reason}`)], [
    "FAILED",
    { lost: 3 },
    ["Finished WorkerLost", "Succeeded WorkerLost"],
  ]);
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});

takeover("a shorter lease is lost earlier: 8 to 9 s after the last renewal", async () => {
  const story = createScenario();
  const boss = direct(story);
  const victim = createMachine(story.fake.fetch, story.clock);
  const { cluster, clock } = victim;
  const { identity } = runWorker(flow, { charge: never }, { cluster, clock, leaseDuration: 3_000 });
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => await stateOf(story) === "STARTED");
  await story.clock.advance(60_000);
  assert.is(await stateOf(story), "STARTED");
  const renewed = await renewedAt(story, identity);
  victim.kill();
  await story.until(async () => await stateOf(story) !== "STARTED", 12_000);
  const after = Date.parse((await only(story)).status!.history!.at(-1)!.timestamp) - renewed;
  assert.ok(after >= 8_000 && after <= 10_500, `${after} ms after the last renewal`);
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});

takeover("a job of a worker that names no claim is taken over after the legacy timeout only", async () => {
  for (const legacyTimeout of [undefined, 120_000]) {
    const story = createScenario();
    await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    const { metadata } = await only(story);
    const path = `/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates/${metadata.name}`;
    await story.send("PATCH", path, [
      { op: "replace", path: "/spec/state", value: "STARTED" },
      { op: "add", path: "/status/history/-", value: { job: "charge", state: "STARTED", timestamp: "now" } },
    ], "application/json-patch+json");
    const boss = direct(story, [flow], { legacyTimeout });
    await story.clock.advance(115_000);
    assert.is(await stateOf(story), "STARTED");
    await story.clock.advance(10_000);
    assert.is(await stateOf(story), legacyTimeout ? "REQUESTED" : "STARTED");
    boss.end();
    await story.end([boss]);
  }
});

takeover("a director that may not read leases says so once, and takes nothing over", async () => {
  const story = createScenario();
  story.fake.faults.add({
    match: { resource: "leases", verb: "list" },
    times: Infinity,
    fault: refuse({ code: 403, reason: "Forbidden", message: "leases is forbidden" }),
  });
  const boss = direct(story);
  const first = work(story, "first", never);
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => await stateOf(story) === "STARTED");
  first.machine.kill();
  await story.clock.advance(120_000);
  assert.is(await stateOf(story), "STARTED");
  assert.equal(boss.said.filter((line) => line.includes("leases")).length, 1, boss.said.join("\n"));
  assert.match(boss.said.find((line) => line.includes("leases"))!, /grant get and list of leases in "default" to this user$/);
  boss.end();
  await story.until(() => boss.finished.then(() => true));
});
takeover(
  "a director that does not know the graph leaves the job to its worker, and says what is missing once that is lost",
  async () => {
    const story = createScenario();
    const other = direct(story, [defineFlow("order", ["charge", "ship"])]);
    const first = work(story, "first", never);
    await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(async () => await stateOf(story) === "STARTED");
    await story.clock.advance(60_000);
    const version = (await only(story)).metadata.resourceVersion;
    first.machine.kill();
    await story.clock.advance(14_000);
    assert.is((await only(story)).metadata.resourceVersion, version);
    await story.clock.advance(14_000);
    const { spec, status } = await only(story);
    assert.equal([spec.state, spec.attempt, status?.conditions?.[0]?.reason], ["STARTED", 1, "DefinitionMissing"]);
    assert.not.match(other.said.join("\n"), /taken over|renewed its lease/);
    other.end();
    await story.end([other]);
  },
);

takeover.run();
