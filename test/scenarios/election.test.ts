import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, isOver, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { interfere } from "../../src/fake/mod.ts";
import { labelsOf, type Lease, newLease } from "../../src/runtime/leases/lease.ts";
import { createMachine } from "../../src/testing/machine.ts";
import { createScenario, historyOf, type Scenario, SIX } from "../support/scenario.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const handlers = { JOB1: async () => {}, JOB2: async () => {} };

const leasesOf = async (story: Scenario): Promise<Lease[]> => (await (await story.send("GET", LEASES)).json()).items;
const holderIn = async (story: Scenario) => (await leasesOf(story))[0]?.spec?.holderIdentity || undefined;

/** A director on a machine of its own. */
function direct(story: Scenario, name: string) {
  const ending = new AbortController();
  const machine = createMachine(story.fake.fetch, story.clock);
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const log = { debug: () => {}, info: say, warn: say, error: say };
  const { cluster, clock } = machine;
  const director = runDirector([SAMPLE], { cluster, clock, log, leaderElect: true, identity: name, signal: ending.signal });
  return { machine, director, said, end: () => ending.abort() };
}

/** Whether a director of that name has sent it. */
const isBy = (name: string, body: unknown) => JSON.stringify(body ?? null).includes(`"by":"${name}"`);

const elected = suite("scenario: directors that elect a leader");

elected("one leads and drives, the other does nothing; the history has six entries, the requests six writes", async () => {
  const story = createScenario();
  const [a, b] = [direct(story, "a"), direct(story, "b")];
  const ending = new AbortController();
  const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  await story.until(async () => await holderIn(story));
  const holder = (await holderIn(story))!;
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => (await story.requests()).every(isOver));
  const [request] = await story.requests();
  assert.equal(historyOf(request!), SIX);
  assert.is(story.writes().length, 6);
  assert.is(request!.status!.history![3]!.by, holder.replace(/-[0-9a-f]{8}$/, ""));
  const patches = story.fake.requests.matching({ verb: "patch", resource: "requeststates" });
  assert.is(patches.length, 5); // and the create
  const [{ metadata }] = await leasesOf(story) as [Lease];
  assert.match(metadata.name, /^crd-watcher-director-sample-[0-9a-f]{8}$/);
  assert.equal(metadata.labels, {
    "app.kubernetes.io/managed-by": "crd-watcher",
    "app.kubernetes.io/component": "director",
  });
  for (const { end } of [a, b]) end();
  ending.abort();
  await story.end([a.director, b.director, worker]);
  assert.is(await holderIn(story), undefined);
});

elected("SIGTERM of the leader between two jobs: the other goes on at once, without a list", async () => {
  const story = createScenario();
  const a = direct(story, "a");
  await story.until(() => holderIn(story));
  const b = direct(story, "b");
  const ending = new AbortController();
  const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  await story.until(() => b.said.some((line) => line.startsWith("Waiting")));
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  // It is told to end before it has decided what comes after JOB1.
  story.fake.faults.add({
    match: { resource: "requeststates", where: ({ body }) => isBy("a", body) },
    fault: interfere(() => a.end()),
  });
  const lists = () => story.fake.requests.matching({ verb: "list", resource: "requeststates" }).length;
  const before = [lists(), story.clock.monotonic()] as const;
  await story.until(async () => (await story.requests()).every(isOver) && lists() > 0, 2_000);
  await a.director.finished;
  assert.ok(story.clock.monotonic() - before[1] <= 2_000);
  assert.equal(historyOf((await story.requests())[0]!), SIX);
  ending.abort();
  b.end();
  await story.end([b.director, worker]);
});

elected("kill -9 of the leader: the other goes on after 15 s; SIGSTOP and SIGCONT: nothing of it goes out", async () => {
  for (const how of ["kill", "stop"] as const) {
    const story = createScenario();
    const a = direct(story, "a");
    await story.until(() => holderIn(story));
    const b = direct(story, "b");
    const ending = new AbortController();
    const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
    await story.clock.advance(3_000);
    a.machine[how]();
    for (let flow = 0; flow < 3; flow++) await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
    await story.clock.advance(10_000);
    assert.not((await story.requests()).some(isOver));
    await story.until(async () => (await story.requests()).every(isOver), 7_000);
    for (let flow = 0; flow < 3; flow++) await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
    await a.machine.resume();
    await story.until(async () => (await story.requests()).every(isOver));
    for (const request of await story.requests()) {
      assert.equal(historyOf(request), SIX);
      assert.is(request.status!.history![3]!.by, "b");
    }
    const stale = story.fake.requests.matching({ resource: "requeststates" })
      .filter(({ body }) => isBy("a", body));
    assert.equal(stale, []);
    assert.is(story.fake.requests.matching({ verb: "patch", resource: "requeststates", status: 409 }).length, 0);
    ending.abort();
    a.end();
    b.end();
    if (how === "stop") await story.end([a.director, b.director, worker]);
    else {
      let over = 0;
      for (const { finished } of [b.director, worker]) finished.then(() => over++);
      await story.until(() => over === 2);
    }
  }
});

elected("the leader deletes the leases of workers that died", async () => {
  const story = createScenario();
  const metadata = { name: "worker-1", labels: labelsOf("worker") };
  await story.send("POST", LEASES, newLease(metadata, { holder: "worker-1", duration: 15_000 }, story.clock.now()));
  const [a, b] = [direct(story, "a"), direct(story, "b")];
  await story.until(async () => (await leasesOf(story)).length === 1, 400_000);
  assert.is([...a.said, ...b.said].filter((line) => line.startsWith("Deleted the lease of worker-1")).length, 1);
  for (const { end } of [a, b]) end();
  await story.end([a.director, b.director]);
});

elected("directors of another version of the flow elect a leader of their own", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal, leaderElect: true });
  const flows = [[defineFlow("order", ["A"])], [defineFlow("order", ["A", "B"])], [defineFlow("order", ["A"]), SAMPLE]];
  const running = [...flows, [...flows[2]!].reverse()].map((known) => runDirector(known, options()));
  await story.clock.advance(1_000);
  const names = (await leasesOf(story)).map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{8}$/, "-#")).sort();
  assert.equal(names, ["crd-watcher-director-2-flows-#", "crd-watcher-director-order-#", "crd-watcher-director-order-#"]);
  ending.abort();
  await story.end(running);
});

elected("a director of one request does not contend", () => {
  const story = createScenario();
  const request = { metadata: { name: "a", uid: "1" } } as Parameters<typeof runDirector>[1]["request"];
  assert.throws(() => runDirector([SAMPLE], { cluster: story.connect(), request, leaderElect: true }), /does not contend/);
});
elected.run();
