import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster, interfere, refuse, unavailable, until } from "../../src/fake/mod.ts";
import { runLeaseCollector } from "../../src/runtime/leases/lease-collector.ts";
import {
  durationOf,
  freeLease,
  heldLease,
  holderOf,
  labelsOf,
  type Lease,
  microTime,
  newLease,
} from "../../src/runtime/leases/lease.ts";
import { createLeaseObserver, expiryOf, isExpired, observe } from "../../src/runtime/leases/observation.ts";

const lease: Lease = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "a", namespace: "shop", uid: "uid-1", resourceVersion: "10" },
  spec: {
    holderIdentity: "one",
    leaseDurationSeconds: 15,
    acquireTime: "2026-01-01T00:00:00.000000Z",
    renewTime: "2026-01-01T00:00:02.000000Z",
    leaseTransitions: 3,
  },
};
const withSpec = (spec: Lease["spec"]): Lease => ({ ...lease, spec: { ...lease.spec, ...spec } });
const withMetadata = (metadata: Partial<Lease["metadata"]>): Lease => ({
  ...lease,
  metadata: { ...lease.metadata, ...metadata },
});

const judgements = suite("runtime: what is seen of a lease");

const seen: Record<string, [later: Lease, changed: boolean]> = {
  "the same": [lease, false],
  "a label, an annotation, a version": [
    withMetadata({ resourceVersion: "11", labels: { a: "b" }, annotations: { c: "d" } }),
    false,
  ],
  "a renewal": [withSpec({ renewTime: "2026-01-01T00:00:04.000000Z" }), true],
  "a renewal by a clock that goes back": [withSpec({ renewTime: "1999-01-01T00:00:00.000000Z" }), true],
  "another holder": [withSpec({ holderIdentity: "two" }), true],
  "another duration": [withSpec({ leaseDurationSeconds: 30 }), true],
  "another lease of that name": [withMetadata({ uid: "uid-2" }), true],
  "nothing any more": [{ ...lease, spec: undefined }, true],
};
for (const [what, [later, changed]] of Object.entries(seen)) {
  judgements(`${what}: its time ${changed ? "begins anew" : "goes on"}`, () => {
    const first = observe(undefined, lease, 1_000);
    const second = observe(first, later, 9_000);
    assert.is(second.since, changed ? 9_000 : 1_000);
    assert.is(second.lease, later);
  });
}

judgements("it has expired once its duration has passed since it was seen, whatever the times in it say", () => {
  for (const renewTime of ["1999-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z", undefined]) {
    const observation = observe(undefined, withSpec({ renewTime }), 1_000);
    assert.equal([15_999, 16_000].map((now) => isExpired(observation, now)), [false, true]);
    assert.equal([20_999, 21_000].map((now) => isExpired(observation, now, 5_000)), [false, true]);
  }
});

const durations: Record<string, [spec: Lease["spec"], ms: number]> = {
  "15 s": [{ leaseDurationSeconds: 15 }, 15_000],
  "nothing": [undefined, 0],
  "0": [{ leaseDurationSeconds: 0 }, 0],
  "a negative number": [{ leaseDurationSeconds: -5 }, 0],
  "a text": [{ leaseDurationSeconds: "15" as unknown as number }, 0],
  "68 years": [{ leaseDurationSeconds: 2 ** 31 - 1 }, 600_000],
};
for (const [what, [spec, ms]] of Object.entries(durations)) {
  judgements(`a lease that says ${what} lasts ${ms} ms, or what is the least`, () => {
    assert.is(durationOf({ ...lease, spec }), ms);
    assert.is(expiryOf(observe(undefined, { ...lease, spec }, 7), 15_000), 7 + Math.max(15_000, ms));
  });
}

judgements("an observer forgets what is not listed any more, and everything when the server was away", () => {
  const clock = createVirtualClock();
  const observer = createLeaseObserver(clock);
  const other = withMetadata({ name: "b", uid: "uid-b" });
  observer.seeAll([lease, other]);
  const expired = async (ms: number) => {
    await clock.advance(ms);
    return ["a", "b", "c"].map((name) => observer.isExpired(name));
  };
  return (async () => {
    assert.equal(await expired(14_999), [false, false, false]);
    assert.equal(await expired(1), [true, true, false]);
    observer.seeAll([other]);
    assert.equal(await expired(0), [false, true, false]);
    observer.restart();
    assert.equal(await expired(0), [false, false, false]);
    observer.see(other);
    assert.equal(await expired(14_999), [false, false, false]);
    assert.equal(await expired(1), [false, true, false]);
  })();
});
judgements.run();

const writing = suite("runtime: what is written to a lease");
const now = Date.UTC(2026, 0, 1, 12);
const hold = { holder: "one", duration: 15_000 };

writing("row 20: times have six digits, and differ from one renewal to the next even where the clock stands still", () => {
  assert.is(microTime(now + 7), "2026-01-01T12:00:00.007000Z");
  const first = heldLease(lease, hold, now);
  const second = heldLease(first, hold, now);
  const third = heldLease(second, hold, now);
  const digits = [first, second, third].map(({ spec }) => spec!.renewTime!.replace("2026-01-01T12:00:00", ""));
  assert.equal(digits, [".000000Z", ".000001Z", ".000000Z"]);
});

writing("a renewal keeps since when, another holder counts, whoever gives it back leaves no name", () => {
  const { spec } = lease;
  const renewTime = "2026-01-01T12:00:00.000000Z";
  assert.equal(heldLease(lease, hold, now).spec, { ...spec, renewTime });
  assert.equal(heldLease(lease, { holder: "two", duration: 30_000 }, now).spec, {
    holderIdentity: "two",
    leaseDurationSeconds: 30,
    acquireTime: renewTime,
    renewTime,
    leaseTransitions: 4,
  });
  const free = freeLease(lease, now);
  assert.equal(free.spec, { ...spec, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: renewTime, renewTime });
  assert.is(holderOf(free), undefined);
});

writing("what others have put there stays, managed fields are not sent back", () => {
  const others = { strategy: "OldestEmulationVersion", preferredHolder: "x" };
  const rich = {
    ...lease,
    metadata: { ...lease.metadata, labels: { a: "b" }, managedFields: [{}] },
    spec: { ...lease.spec, ...others },
  };
  const written = heldLease(rich, hold, now);
  assert.equal(written.metadata, { ...lease.metadata, labels: { a: "b" } });
  assert.equal({ ...written.spec, ...others }, written.spec);
  assert.is(heldLease(withSpec({ leaseTransitions: -1 }), hold, now).spec!.leaseTransitions, 0);
});
writing.run();

const collector = suite("runtime: collecting the leases of the dead");
const PATH = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

/** A collector, one lease that is renewed every 5 s, one that is not, and one of somebody else's. */
async function collecting() {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock });
  const cluster = createFetchCluster(fake.fetch, { clock });
  const ending = new AbortController();
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const create = (name: string, labels: Record<string, string>) =>
    cluster.create<Lease>(
      { group: "coordination.k8s.io", version: "v1", plural: "leases" },
      newLease({ name, namespace: "default", labels }, { holder: name, duration: 15_000 }, clock.now()),
    );
  let living = await create("living", labelsOf("worker"));
  await create("dead", labelsOf("worker"));
  await create("foreign", { "app.kubernetes.io/component": "worker" });
  const log = { debug: () => {}, info: say, warn: say, error: say };
  const labels = labelsOf("worker");
  const finished = runLeaseCollector({ cluster, namespace: "default", labels, clock, log, signal: ending.signal });
  return {
    fake,
    clock,
    said,
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 5) {
        await clock.advance(5_000);
        living = await cluster.replace({ group: "coordination.k8s.io", version: "v1", plural: "leases" }, {
          ...heldLease(living, { holder: "living", duration: 15_000 }, clock.now()),
        });
      }
    },
    async names() {
      const { items } = await (await fake.fetch(new Request(`http://cluster.invalid${PATH}`))).json() as { items: Lease[] };
      return items.map(({ metadata }) => metadata.name);
    },
    async close() {
      ending.abort();
      let over = false;
      finished.then(() => over = true);
      await until(() => over, { clock });
      assert.is(clock.pending, 0);
      fake.close();
    },
  };
}

collector("a lease that nobody renews is deleted five minutes after it ran out, no other", async () => {
  const story = await collecting();
  await story.pass(310);
  assert.equal(await story.names(), ["dead", "foreign", "living"]);
  await story.pass(80);
  assert.equal(await story.names(), ["foreign", "living"]);
  await story.pass(600);
  assert.equal(await story.names(), ["foreign", "living"]);
  assert.equal(story.said, ["Deleted the lease of dead, which has ended without a word"]);
  await story.close();
});

collector("one that is renewed just before it would be deleted stays", async () => {
  const story = await collecting();
  const renew = () =>
    story.fake.fetch(
      new Request(`http://cluster.invalid${PATH}/dead`, {
        method: "PATCH",
        headers: { "content-type": "application/merge-patch+json" },
        body: JSON.stringify({ spec: { renewTime: "2026-01-01T00:05:00.000000Z" } }),
      }),
    );
  const fault = story.fake.faults.add({ match: { verb: "delete", resource: "leases" }, fault: interfere(renew) });
  await story.pass(400);
  assert.is(fault.hits, 1);
  assert.equal(await story.names(), ["dead", "foreign", "living"]);
  await story.close();
});

collector("while the server is away nothing grows old", async () => {
  const story = await collecting();
  await story.pass(280);
  const lists = {
    verb: "list",
    resource: "leases",
    where: ({ query }: { query: { labelSelector?: string } }) => !!query.labelSelector,
  };
  const fault = story.fake.faults.add({ match: lists, times: 2, fault: unavailable() });
  await story.pass(200);
  assert.is(fault.hits, 2);
  assert.equal(await story.names(), ["dead", "foreign", "living"]);
  await story.pass(400);
  assert.equal(await story.names(), ["foreign", "living"]);
  await story.close();
});

collector("without the rights it says so once and leaves it", async () => {
  const story = await collecting();
  const forbidden = refuse({ code: 403, reason: "Forbidden", message: "no" });
  const fault = story.fake.faults.add({ match: { verb: "delete" }, times: Infinity, fault: forbidden });
  await story.pass(900);
  assert.is(fault.hits, 1);
  assert.equal(story.said, [
    'The leases of processes that died stay: grant list and delete of leases in "default" to this user',
  ]);
  await story.close();
});
collector.run();
