import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Metrics } from "../../mod.ts";
import {
  conflict,
  cut,
  delayWatch,
  endWatch,
  interfere,
  late,
  latency,
  loseAnswer,
  refuse,
  serverError,
  silenceWatch,
  unavailable,
} from "../../src/fake/mod.ts";
import { runElection } from "../../src/runtime/leases/election.ts";
import { guardWrites } from "../../src/runtime/leases/leadership.ts";
import { microTime } from "../../src/runtime/leases/lease.ts";
import { createContest, LEASE } from "../support/contest.ts";
import { createScenario } from "../support/scenario.ts";

const renewals = { verb: "update", resource: "leases" };
const { stringify } = JSON;

const quiet = suite("runtime: an election where nothing goes wrong");

quiet("the first leads, the second waits; in ten minutes nothing changes, and each says one thing", async () => {
  const contest = createContest();
  const a = contest.join("a");
  await contest.untilLeads(a);
  const b = contest.join("b");
  await contest.time.advance(600_000);
  assert.equal([a.terms, b.terms], [[{ from: 0 }], []]);
  assert.equal(a.said, [`info Leading by leases "default/boss" as a`]);
  assert.equal(b.said, [`info Waiting to lead by leases "default/boss": its holder is a`]);
  const { spec } = (await contest.lease())!;
  assert.equal([spec?.holderIdentity, spec?.leaseDurationSeconds, spec?.leaseTransitions], ["a", 15, 0]);
  assert.match(spec!.renewTime!, /^2026-01-01T00:(09:5[89]|10:00)\.\d{6}Z$/);
  assert.is(spec!.acquireTime, "2026-01-01T00:00:00.000000Z");
  const count = contest.fake.requests.writes({ resource: "leases" }).length;
  assert.ok(count >= 300 && count <= 302, `${count} writes in 300 periods of two seconds`);
  await contest.close();
});

quiet("of two that start together one leads", async () => {
  const contest = createContest();
  const both = [contest.join("a"), contest.join("b")];
  await contest.time.advance(5_000);
  assert.is(both.filter(({ leads }) => leads).length, 1);
  await contest.close();
});

quiet("SIGTERM hands over at once, and says so in the lease as client-go does", async () => {
  const contest = createContest();
  const a = contest.join("a");
  await contest.untilLeads(a);
  const b = contest.join("b");
  await contest.time.advance(7_000);
  const freed = interfere(async () => void (released = await contest.lease()));
  let released: Awaited<ReturnType<typeof contest.lease>>;
  contest.fake.faults.add({
    match: { ...renewals, where: ({ body }) => stringify(body).includes(`"holderIdentity":"b"`) },
    fault: freed,
  });
  const before = contest.time.monotonic();
  await a.end();
  await contest.untilLeads(b, 100);
  assert.ok(contest.time.monotonic() - before <= 100);
  assert.equal([released!.spec?.holderIdentity, released!.spec?.leaseDurationSeconds], ["", 1]);
  const { spec } = (await contest.lease())!;
  assert.equal([spec?.holderIdentity, spec?.leaseDurationSeconds, spec?.leaseTransitions], ["b", 15, 1]);
  await contest.close();
});

quiet("the leader hands over only when what it led has ended", async () => {
  const contest = createContest();
  const work = Promise.withResolvers<void>();
  const a = contest.join("a", { lead: () => work.promise });
  await contest.time.advance(1_000);
  const ending = a.end();
  await contest.time.advance(1_000);
  assert.is((await contest.lease())!.spec!.holderIdentity, "a");
  work.resolve();
  await ending;
  assert.is((await contest.lease())!.spec!.holderIdentity, "");
  await contest.close();
});

quiet("when what it led ends by itself, the lease is handed over and the election is over", async () => {
  const contest = createContest();
  contest.join("a", { lead: () => Promise.resolve() });
  await contest.time.advance(100);
  assert.is((await contest.lease())!.spec!.holderIdentity, "");
  const b = contest.join("b");
  await contest.untilLeads(b, 100);
  await contest.close();
});

quiet("what the leader throws comes out, and the lease is handed over", async () => {
  const story = createScenario();
  const { finished } = runElection({
    cluster: story.connect(),
    clock: story.clock,
    namespace: "default",
    name: "boss",
    identity: "a",
    signal: new AbortController().signal,
    lead: () => Promise.reject(new Error("no hands")),
  });
  let said = "";
  finished.catch((error) => said = error.message);
  await story.until(() => said !== "");
  assert.is(said, "no hands");
  const lease = await (await story.send("GET", LEASE)).json();
  assert.is(lease.spec.holderIdentity, "");
  assert.is(story.clock.pending, 0);
});

quiet("its metric is 1 while it leads and 0 while it waits, and is gone afterwards", async () => {
  const contest = createContest();
  const gauges = new Map<string, () => number | undefined>();
  const metricsOf = (who: string): Metrics => ({
    counter: () => () => {},
    histogram: () => () => {},
    gauge({ name }, labels, read) {
      const key = `${who} ${name} ${labels.name}`;
      gauges.set(key, read);
      return () => void gauges.delete(key);
    },
  });
  const a = contest.join("a", { metrics: metricsOf("a") });
  await contest.untilLeads(a);
  contest.join("b", { metrics: metricsOf("b") });
  await contest.time.advance(3_000);
  const values = () => [...gauges].map(([key, read]) => `${key} ${read()}`);
  assert.equal(values(), ["a leader_election_master_status boss 1", "b leader_election_master_status boss 0"]);
  await a.end();
  await contest.time.advance(1_000);
  assert.equal(values(), ["b leader_election_master_status boss 1"]);
  await contest.close();
});

const wrong: Record<string, [object, RegExp]> = {
  "a deadline that is no shorter than the lease": [
    { renewDeadline: 15_000 },
    /renewDeadline is 15000 ms, expected less than leaseDuration, which is 15000 ms$/,
  ],
  "a lease of no whole seconds": [{ leaseDuration: 15_500 }, /leaseDuration is 15500 ms, expected whole seconds, from 1000 ms/],
  "a lease of nothing": [{ leaseDuration: 0 }, /leaseDuration is 0/],
  "a period that leaves no time to try again": [
    { retryPeriod: 9_000 },
    /retryPeriod is 9000 ms, expected more than 0 and less than 8333 ms, as renewDeadline is 10000 ms$/,
  ],
  "a period that is no number": [{ retryPeriod: NaN }, /retryPeriod is NaN/],
};
for (const [what, [times, sentence]] of Object.entries(wrong)) {
  quiet(`row 20: never becomes leader: refuses ${what}`, () => {
    const contest = createContest();
    assert.throws(() => contest.join("a", times), (error: Error) => error.name === "RangeError" && sentence.test(error.message));
  });
}
quiet.run();

const faults = suite("runtime: an election while things go wrong");

/** A leader and a standby, ten seconds old. */
async function pair() {
  const contest = createContest();
  const a = contest.join("a");
  await contest.untilLeads(a);
  const b = contest.join("b");
  await contest.time.advance(10_100);
  return { contest, a, b };
}
const lastRenewal = async ({ contest }: Awaited<ReturnType<typeof pair>>) =>
  (Date.parse((await contest.lease())!.spec!.renewTime!) - Date.UTC(2026, 0, 1)) / 1_000;

faults(
  "kill -9 of the leader: the other leads when the lease is over, with no more than a tenth of a period's delay",
  async () => {
    const both = await pair();
    both.a.machine.kill();
    const renewed = await lastRenewal(both);
    await both.contest.untilLeads(both.b);
    const after = both.contest.now() - renewed;
    assert.ok(after >= 15 && after <= 15.5, `${after} s`);
    assert.is((await both.contest.lease())!.spec!.leaseTransitions, 1);
    await both.contest.close();
  },
);

for (const how of ["hangs", "fails"] as const) {
  faults(
    `the leader's network ${how}: its leadership is over 10 s after its last renewal, 5 s before the other's begins`,
    async () => {
      const both = await pair();
      const { contest, a, b } = both;
      a.machine.cut(how);
      const renewed = await lastRenewal(both);
      await contest.untilLeads(b);
      assert.equal(a.terms, [{ from: 0, to: renewed + 10 }]);
      assert.ok(b.terms[0]!.from >= renewed + 15);
      assert.match(
        a.said.join("\n"),
        /warn Not leading any more: The lead of leases "default\/boss" was not renewed within 10 s/,
      );
      a.machine.cut("works");
      await contest.time.advance(60_000);
      assert.is(contest.leader, "b");
      assert.match(a.said.at(-1)!, /^info Waiting to lead by leases "default\/boss": its holder is b$/);
      await contest.close();
    },
  );
}

const survived = {
  "one renewal hangs": latency(40_000),
  "the answer of a renewal is lost": loseAnswer(),
  "a renewal is lost": cut(),
  "a renewal lands late": late(1_000),
  "a renewal lands late, after the next one": late(5_000),
  "a conflict that is none": conflict(),
  "500": serverError(),
  "500, although it was renewed": serverError({ applied: true }),
  "503 with a Retry-After that is beyond all measure": refuse({ code: 503, message: "no", retryAfter: 1_000_000_000 }),
  "403 once": refuse({ code: 403, reason: "Forbidden", message: "no" }),
  "404 once": refuse({ code: 404, reason: "NotFound", message: "no" }),
};
for (const [what, fault] of Object.entries(survived)) {
  faults(`${what}: the leader stays, and the other waits`, async () => {
    const { contest, a, b } = await pair();
    contest.fake.faults.add({ match: renewals, fault });
    await contest.time.advance(60_000);
    assert.equal([a.terms, b.terms], [[{ from: 0 }], []]);
    assert.is((await contest.lease())!.spec!.leaseTransitions, 0);
    assert.is(contest.fake.faults.waiting, 0);
    await contest.close();
  });
}

faults("somebody writes to the lease in between each time: the leader stays", async () => {
  const { contest, a } = await pair();
  const touch = () => contest.send("PATCH", LEASE, { metadata: { labels: { at: `${contest.time.now()}` } } }, MERGE);
  contest.fake.faults.add({ match: renewals, times: 20, fault: interfere(touch) });
  await contest.time.advance(60_000);
  assert.equal(a.terms, [{ from: 0 }]);
  await contest.close();
});
const MERGE = "application/merge-patch+json";

for (const [seconds, terms] of [[8, 1], [30, 2]] as const) {
  faults(
    `the API server is away for ${seconds} s: ${terms === 1 ? "the leader stays" : "somebody leads again at once"}`,
    async () => {
      const { contest, a, b } = await pair();
      for (const { machine } of [a, b]) machine.cut("fails");
      await contest.time.advance(seconds * 1_000);
      assert.is(contest.leader, terms === 1 ? "a" : undefined);
      for (const { machine } of [a, b]) machine.cut("works");
      await contest.time.advance(5_000);
      assert.ok(contest.leader);
      assert.is(a.terms.length + b.terms.length, terms);
      const said = (level: string) => a.said.filter((line) => line.startsWith(`${level} C`)).length;
      assert.equal([said("warn"), said("info")], [1, 1], a.said.join("\n")); // Cannot keep ..., Can keep ... again
      await contest.close();
    },
  );
}

faults("row 19: SIGSTOP of the leader past its lease, and SIGCONT: it knows before all else, and lets no write out", async () => {
  const { contest, a, b } = await pair();
  const guarded = guardWrites(a.machine.cluster, a.leadership!);
  a.machine.stop();
  await contest.untilLeads(b);
  await contest.time.advance(20_000);
  const resumed = a.machine.resume();
  assert.not(a.leadership!.signal.aborted); // no timer has fired yet
  let refused: Error | undefined;
  await guarded.create({ group: "", version: "v1", plural: "configmaps" }, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "late", namespace: "default" },
  }).catch((error) => refused = error);
  assert.is(refused?.name, "LeadershipError");
  assert.ok(a.leadership!.signal.aborted);
  await resumed;
  assert.equal(contest.fake.requests.matching({ resource: "configmaps" }), []);
  await contest.time.advance(60_000);
  assert.equal([a.terms.length, b.terms.length, contest.leader], [1, 1, "b"]);
  await contest.close();
});

faults("row 19: SIGSTOP while a renewal is answered: an answer that is read too late does not prolong anything", async () => {
  const { contest, a, b } = await pair();
  contest.fake.faults.add({ match: renewals, fault: interfere(() => a.machine.stop()) });
  await contest.untilLeads(b);
  assert.is(contest.fake.faults.waiting, 0);
  await a.machine.resume();
  await contest.time.settle();
  assert.not(a.leads);
  await contest.time.advance(30_000);
  assert.is(contest.leader, "b");
  await contest.close();
});

faults("row 19: SIGSTOP while a renewal is answered: what it prolongs counts from when it was sent", async () => {
  const both = await pair();
  const { contest, a, b } = both;
  contest.fake.faults.add({ match: renewals, fault: interfere(() => a.machine.stop()) });
  await contest.time.advance(9_000); // seven seconds after the last one that it knows of
  const renewed = await lastRenewal(both);
  await a.machine.resume();
  a.machine.cut("fails"); // it was the last one
  await contest.untilLeads(b);
  assert.equal(a.terms, [{ from: 0, to: renewed + 10 }]);
  assert.ok(b.terms[0]!.from >= renewed + 15);
  await contest.close();
});

faults("SIGSTOP for 3 s: nothing changes", async () => {
  const { contest, a } = await pair();
  a.machine.stop();
  await contest.time.advance(3_000);
  await a.machine.resume();
  await contest.time.advance(30_000);
  assert.equal(a.terms, [{ from: 0 }]);
  await contest.close();
});

faults("row 19: the machine sleeps for a minute: its leadership is over although its monotonic clock stood still", async () => {
  const { contest, a, b } = await pair();
  a.machine.sleep();
  await contest.time.advance(60_000);
  assert.is(contest.leader, "b");
  await a.machine.wake();
  assert.not(a.leadership!.isValid());
  await contest.time.advance(30_000);
  assert.equal([a.terms.length, b.terms.length, contest.leader], [1, 1, "b"]);
  await contest.close();
});

faults("the machine sleeps alone: it leads again as soon as it is awake", async () => {
  const contest = createContest();
  const a = contest.join("a");
  await contest.untilLeads(a);
  a.machine.sleep();
  await contest.time.advance(3_600_000);
  await a.machine.wake();
  await contest.time.advance(3_000);
  assert.ok(a.leads);
  assert.is(a.terms.length, 2);
  assert.is((await contest.lease())!.spec!.leaseTransitions, 0);
  await contest.close();
});

for (const who of ["a", "b"] as const) {
  faults(`the wall clock of ${who === "a" ? "the leader" : "the standby"} is set back by an hour: nothing changes`, async () => {
    const both = await pair();
    both[who].machine.setClock(-3_600_000);
    await both.contest.time.advance(60_000);
    assert.equal([both.a.terms, both.b.terms], [[{ from: 0 }], []]);
    await both.contest.close();
  });
}
faults("the wall clock of the standby is set forward by a day: nothing changes", async () => {
  const { contest, a, b } = await pair();
  b.machine.setClock(86_400_000);
  await contest.time.advance(60_000);
  assert.equal([a.terms, b.terms], [[{ from: 0 }], []]);
  await contest.close();
});
faults("the wall clock of the leader is set forward by a day, as if it had slept: it asks, and leads on", async () => {
  const { contest, a, b } = await pair();
  a.machine.setClock(86_400_000);
  await contest.time.advance(60_000);
  assert.equal([a.terms.length, b.terms], [2, []]);
  assert.ok(a.terms[1]!.from - a.terms[0]!.to! <= 0.1);
  await contest.close();
});

faults("row 20: never becomes leader: wall clocks that differ by years change nothing", async () => {
  const contest = createContest();
  const a = contest.join("a", { ahead: -10 * 365 * 86_400_000 });
  await contest.untilLeads(a);
  const b = contest.join("b", { ahead: 10 * 365 * 86_400_000 });
  await contest.time.advance(60_000);
  assert.equal([a.terms, b.terms], [[{ from: 0 }], []]);
  a.machine.kill();
  const killed = contest.now();
  await contest.untilLeads(b);
  assert.ok(contest.now() - killed <= 16);
  await contest.close();
});

faults("the lease is deleted: its leader makes it again, and who has seen it does not take it", async () => {
  const { contest, a, b } = await pair();
  for (let time = 0; time < 5; time++) {
    await contest.send("DELETE", LEASE);
    await contest.time.advance(7_300);
    assert.is((await contest.lease())!.spec!.holderIdentity, "a");
  }
  assert.equal([a.terms, b.terms], [[{ from: 0 }], []]);
  await contest.close();
});

faults("the lease is deleted and its holder is dead: the standby takes it when it would have been over", async () => {
  const both = await pair();
  const { contest, a, b } = both;
  const renewed = await lastRenewal(both);
  a.machine.kill();
  await contest.send("DELETE", LEASE);
  await contest.untilLeads(b);
  const after = contest.now() - renewed;
  assert.ok(after >= 15 && after <= 15.5, `${after} s`);
  await contest.close();
});

faults("somebody writes another holder into the lease: the leader gives way at its next renewal", async () => {
  const { contest, a } = await pair();
  await contest.send("PATCH", LEASE, { spec: { holderIdentity: "c" } }, MERGE);
  await contest.time.advance(3_000);
  assert.not(a.leads);
  assert.match(a.said.at(-2)!, /^warn Not leading any more: leases "default\/boss" was taken by c$/);
  await contest.close();
});

const odd: Record<string, [spec: unknown, seconds: number]> = {
  "without a spec": [undefined, 0],
  "without a holder": [{ leaseDurationSeconds: 15, renewTime: microTime(Date.UTC(2026, 0, 1)) }, 0],
  "that was given back": [{ holderIdentity: "", leaseDurationSeconds: 1 }, 0],
  "with a holder and nothing else": [{ holderIdentity: "z" }, 15],
  "renewed in the future": [{ holderIdentity: "z", leaseDurationSeconds: 15, renewTime: "2999-01-01T00:00:00.000000Z" }, 15],
  "renewed long ago": [{ holderIdentity: "z", leaseDurationSeconds: 15, renewTime: "1999-01-01T00:00:00.000000Z" }, 15],
  "that lasts a second, of a holder with other times": [{ holderIdentity: "z", leaseDurationSeconds: 1 }, 15],
  "that lasts a minute, of a holder with other times": [{ holderIdentity: "z", leaseDurationSeconds: 60 }, 60],
  "that lasts for ever": [{ holderIdentity: "z", leaseDurationSeconds: 2 ** 31 - 1 }, 600],
};
for (const [what, [spec, seconds]] of Object.entries(odd)) {
  faults(`row 20: never becomes leader: a lease ${what} of nobody who lives is taken after ${seconds} s`, async () => {
    const contest = createContest();
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "boss" }, spec };
    assert.is((await contest.send("POST", LEASE.replace("/boss", ""), body)).status, 201);
    const a = contest.join("a");
    await contest.untilLeads(a, 700_000);
    assert.ok(contest.now() >= seconds && contest.now() <= seconds + 0.5, `after ${contest.now()} s`);
    await contest.close();
  });
}

faults("a lease that has changed hands as often as a counter holds is taken, what it says besides is kept", async () => {
  const contest = createContest();
  await contest.send("POST", LEASE.replace("/boss", ""), {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "boss", labels: { team: "blue" } },
    spec: { leaseTransitions: 2 ** 31 - 1 },
  });
  const a = contest.join("a");
  await contest.untilLeads(a);
  const lease = await contest.lease();
  assert.is(lease!.spec!.leaseTransitions, 1);
  assert.equal(lease!.metadata.labels, { team: "blue" });
  await contest.close();
});

faults("row 20: a label that is set every second does not keep a dead holder's lease alive", async () => {
  const { contest, a, b } = await pair();
  a.machine.kill();
  for (let second = 0; second < 16; second++) {
    await contest.send("PATCH", LEASE, { metadata: { labels: { second: `${second}` } } }, MERGE);
    await contest.time.advance(1_000);
  }
  assert.ok(b.leads);
  await contest.close();
});

faults("without rights: said once, with the remedy; with them it leads", async () => {
  const contest = createContest();
  const forbidden = refuse({ code: 403, reason: "Forbidden", message: `leases "boss" is forbidden: User "a" cannot get it` });
  const fault = contest.fake.faults.add({ match: { resource: "leases" }, times: Infinity, fault: forbidden });
  const a = contest.join("a");
  await contest.time.advance(60_000);
  assert.equal(a.said, [
    `error Cannot keep leases "default/boss", trying on: Cannot get leases "default/boss": leases "boss" is forbidden: ` +
    `User "a" cannot get it: grant get, watch, create and update of leases in "default" to this user`,
  ]);
  assert.ok(fault.hits < 120, `${fault.hits} requests in a minute`);
  fault.remove();
  await contest.untilLeads(a, 3_000);
  await contest.close();
});

faults("in a namespace that is not there: said once, not asked for ever without a pause", async () => {
  const contest = createContest();
  const a = contest.join("a", { namespace: "nowhere" });
  await contest.time.advance(60_000);
  assert.equal(a.said.map((line) => line.replace(/: namespaces.*/, "")), [
    `warn Cannot keep leases "nowhere/boss", trying on: Cannot create leases "nowhere/boss"`,
  ]);
  assert.ok(contest.fake.requests.length < 240, `${contest.fake.requests.length} requests in a minute`);
  await contest.close();
});

faults("without the right to watch it asks every few seconds, as client-go does", async () => {
  const contest = createContest();
  const forbidden = refuse({ code: 403, reason: "Forbidden", message: "no watches" });
  const fault = contest.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: forbidden });
  const a = contest.join("a");
  await contest.untilLeads(a);
  const b = contest.join("b");
  await contest.time.advance(60_000);
  assert.is(fault.hits, 1);
  const before = contest.now();
  await a.end();
  await contest.untilLeads(b);
  assert.ok(contest.now() - before <= 4.5);
  await contest.close();
});

faults("a watch that lags behind what was read does not make a dead holder's lease last longer", async () => {
  const contest = createContest(() => 0); // reads every two seconds
  contest.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: delayWatch(7_000) });
  const a = contest.join("a");
  await contest.untilLeads(a);
  const b = contest.join("b");
  await contest.time.advance(10_100);
  a.machine.kill();
  const killed = contest.now();
  await contest.untilLeads(b);
  assert.ok(contest.now() - killed <= 17.5, `${contest.now() - killed} s`);
  await contest.close();
});

faults("a watch that is ended at once is not opened again without a pause", async () => {
  const contest = createContest();
  contest.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: endWatch() });
  const a = contest.join("a");
  await contest.untilLeads(a);
  contest.join("b");
  await contest.time.advance(60_000);
  assert.ok(contest.fake.requests.matching({ verb: "watch" }).length <= 31);
  await contest.close();
});

faults("a watch that is silent does not make the standby take the lease early", async () => {
  const contest = createContest();
  contest.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: silenceWatch() });
  const a = contest.join("a");
  await contest.untilLeads(a);
  const b = contest.join("b");
  await contest.time.advance(1_000);
  // It cannot read either, but for the moment at which it believes that the lease is over.
  contest.fake.faults.add({ match: { verb: "get", resource: "leases" }, times: 12, fault: unavailable() });
  await contest.time.advance(60_000);
  assert.is(contest.fake.faults.waiting, 0);
  assert.equal([a.terms, b.terms], [[{ from: 0 }], []]);
  await contest.close();
});

faults(
  "what the leader does after its end is missed by nobody: it does not contend before that has ended, and says so",
  async () => {
    const contest = createContest();
    const work = Promise.withResolvers<void>();
    const a = contest.join("a", { lead: () => work.promise });
    await contest.time.advance(1_000);
    a.machine.cut("fails");
    await contest.time.advance(60_000);
    a.machine.cut("works");
    await contest.time.advance(10_000);
    const [last] = a.said.slice(-1);
    assert.is(last, `error Not contending for leases "default/boss": what it led has not ended yet`);
    const asked = contest.fake.requests.length;
    await contest.time.advance(10_000);
    assert.is(contest.fake.requests.length, asked);
    work.resolve();
    await contest.close();
  },
);
faults.run();

const chaos = suite("runtime: elections in disorder");
for (const seed of [1, 2]) {
  chaos(`row 19: three candidates for ten minutes, seed ${seed}: never two leaders, and always one again`, async () => {
    const random = randomOf(seed);
    const contest = createContest(random);
    const speeds = [1, 1.2, 0.85];
    const all = speeds.map((speed, index) => contest.join("abc"[index]!, { speed, ahead: (random() - 0.5) * 1e9 }));
    const kinds = [
      cut(),
      loseAnswer(),
      late(700),
      late(9_000),
      latency(8_000),
      serverError({ applied: true }),
      unavailable(),
      conflict(),
    ];
    let led = 0;
    for (let at = 0; at < 600_000;) {
      const { machine } = all[Math.floor(random() * 3)]!;
      const fault = kinds[Math.floor(random() * kinds.length)]!;
      const act = Math.floor(random() * 8);
      const seconds = random() * 20;
      contest.fake.faults.clear();
      if (act < 3) contest.fake.faults.add({ match: { resource: "leases" }, times: 1 + Math.floor(random() * 6), fault });
      else if (act === 3) machine.stop();
      else if (act === 4) machine.sleep();
      else if (act === 5) machine.cut(random() < 0.5 ? "fails" : "hangs");
      else if (act === 6) machine.setClock((random() - 0.5) * 100_000);
      else await contest.send("DELETE", LEASE.replace("boss", "other"));
      await contest.time.advance(seconds * 1_000);
      if (act === 3) await machine.resume();
      if (act === 4) await machine.wake();
      if (act === 5) machine.cut("works");
      if (contest.leader) led++;
      at += seconds * 1_000;
    }
    contest.fake.faults.clear();
    await contest.time.advance(30_000);
    assert.ok(contest.leader);
    assert.ok(led > 20, `led at ${led} of the looks`);
    assert.ok(all.reduce((sum, { terms }) => sum + terms.length, 0) > 3);
    await contest.close();
  });
}
chaos.run();

/** Park and Miller's generator. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = state * 16_807 % 2_147_483_647) / 2_147_483_647;
}
