import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock, type VirtualClock } from "../../mod.ts";
import {
  createFakeCluster,
  cut,
  type FakeCluster,
  type Fault,
  interfere,
  late,
  loseAnswer,
  refuse,
  serverError,
  stale,
  unavailable,
  until,
} from "../../src/fake/mod.ts";
import type { Lease } from "../../src/runtime/leases/lease.ts";
import { type Presence, type PresenceOptions, runPresence } from "../../src/runtime/leases/presence.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const MERGE = "application/merge-patch+json";

/** Processes that show their presence to each other. */
interface Crew {
  readonly clock: VirtualClock;
  readonly fake: FakeCluster;
  join(identity: string, options?: Partial<PresenceOptions>): Member;
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Response>;
  leases(): Promise<Lease[]>;
  until(condition: () => unknown, limit?: number): Promise<void>;
  close(): Promise<void>;
}
interface Member extends Presence {
  readonly machine: Machine;
  readonly said: string[];
  readonly identity: string;
  /** SIGTERM. */
  end(): void;
}

function createCrew(): Crew {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock });
  const members: Member[] = [];
  const send = (method: string, path: string, body?: unknown, contentType = "application/json") =>
    fake.fetch(
      new Request(`http://cluster.invalid${path}`, {
        method,
        ...body !== undefined && { body: JSON.stringify(body), headers: { "content-type": contentType } },
      }),
    );
  return {
    clock,
    fake,
    send,
    leases: async () => (await (await send("GET", LEASES)).json()).items,
    until: async (condition, limit) => void await until(condition, { clock, limit }),
    join(identity, options = {}) {
      const machine = createMachine(fake.fetch, clock);
      const ending = new AbortController();
      const said: string[] = [];
      const say = (level: string) => (message: string) => void said.push(`${level} ${message}`);
      const presence = runPresence({
        cluster: machine.cluster,
        clock: machine.clock,
        log: { debug: () => {}, info: say("info"), warn: say("warn"), error: say("error") },
        namespace: "default",
        identity,
        component: "worker",
        capacity: 4,
        takes: ["order"],
        signal: ending.signal,
        ...options,
      });
      const member = { ...presence, machine, said, identity, end: () => ending.abort() };
      members.push(member);
      return member;
    },
    async close() {
      const living = members.filter(({ machine }) => machine.runs);
      let over = 0;
      for (const { end, finished } of living) {
        end();
        finished.then(() => over++);
      }
      await until(() => over === living.length, { clock });
      await clock.settle();
      // The server holds what a cut network has kept it from hearing the end of; that is not the process's.
      fake.close();
      if (living.length === members.length) assert.is(clock.pending, 0, "timers are left behind");
    },
  };
}
const names = (member: Member) => [...member.peers().keys()].sort();

const presence = suite("runtime: the presence of a process");

presence(
  "one lease, named after the process, which says what it takes and how much; renewed every 5 s; gone in the end",
  async () => {
    const crew = createCrew();
    const a = crew.join("worker-1-12345678");
    assert.not(a.isFresh());
    await crew.until(() => a.isFresh());
    assert.is(crew.clock.monotonic(), 0);
    const [lease] = await crew.leases();
    assert.equal(lease!.metadata.name, "worker-1-12345678");
    assert.equal(lease!.metadata.labels, {
      "app.kubernetes.io/managed-by": "crd-watcher",
      "app.kubernetes.io/component": "worker",
      "crd-watcher/phase": "joining",
    });
    assert.equal(lease!.metadata.annotations, { "crd-watcher/capacity": "4", "crd-watcher/takes": "order" });
    const time = "2026-01-01T00:00:00.000000Z";
    assert.equal(lease!.spec, {
      holderIdentity: "worker-1-12345678",
      leaseDurationSeconds: 15,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    });
    await crew.clock.advance(5_500);
    const [renewed] = await crew.leases();
    assert.equal(Object.keys(renewed!.metadata.labels!), ["app.kubernetes.io/component", "app.kubernetes.io/managed-by"]);
    assert.ok(renewed!.spec!.renewTime! > time);
    assert.is(renewed!.spec!.acquireTime, time);
    await crew.clock.advance(600_000);
    const count = crew.fake.requests.writes({ resource: "leases" }).length;
    assert.ok(count >= 110 && count <= 136, `${count} writes in ten minutes`);
    assert.equal(a.said, []);
    a.end();
    await crew.until(async () => (await crew.leases()).length === 0, 100);
    await crew.close();
  },
);

for (const how of ["fails", "hangs"] as const) {
  presence(`while its network ${how} it is fresh for as long as its lease lasts, and again with its next renewal`, async () => {
    const crew = createCrew();
    const a = crew.join("a");
    await crew.clock.advance(20_000);
    const sent = Date.parse((await crew.leases())[0]!.spec!.renewTime!) - Date.UTC(2026, 0, 1);
    a.machine.cut(how);
    await crew.clock.advance(sent + 14_999 - crew.clock.monotonic());
    assert.ok(a.isFresh());
    await crew.clock.advance(2); // what the lease says is whole milliseconds
    assert.not(a.isFresh());
    await crew.clock.advance(30_000);
    a.machine.cut("works");
    await crew.until(() => a.isFresh(), 7_000);
    assert.is(a.said.length, 2, a.said.join("\n")); // Cannot keep ..., Can keep ... again
    await crew.close();
  });
}

for (const how of ["fails", "hangs"] as const) {
  presence(
    `while its network ${how} it is not steady, from the first renewal that fails or is overdue, until the next that works`,
    async () => {
      const crew = createCrew();
      const a = crew.join("a");
      await crew.clock.advance(20_000);
      for (let steps = 0; steps < 100; steps++) {
        assert.ok(a.isSteady(), "nothing is wrong");
        await crew.clock.advance(100);
      }
      const sent = Date.parse((await crew.leases())[0]!.spec!.renewTime!) - Date.UTC(2026, 0, 1);
      a.machine.cut(how);
      await crew.clock.advance(sent + 10_001 - crew.clock.monotonic());
      assert.not(a.isSteady());
      assert.ok(a.isFresh());
      a.machine.cut("works");
      assert.not(a.isSteady(), "it is not known whether the lease can be renewed");
      await crew.until(() => a.isSteady(), 2_000);
      await crew.close();
    },
  );
}

presence("after SIGSTOP, or a sleep of the machine, it is not fresh before it has renewed", async () => {
  for (const [stop, resume] of [["stop", "resume"], ["sleep", "wake"]] as const) {
    const crew = createCrew();
    const a = crew.join("a");
    await crew.clock.advance(7_000);
    a.machine[stop]();
    await crew.clock.advance(20_000);
    const resumed = a.machine[resume]();
    assert.not(a.isFresh());
    await resumed;
    await crew.until(() => a.isFresh(), 7_000);
    await crew.close();
  }
});

presence(
  "that its lease has run out is told when it has, or when that is found, once; and once that it is renewed again",
  async () => {
    const ways: Record<string, [begin: (machine: Machine) => void, end: (machine: Machine) => unknown, heardOf: boolean]> = {
      "cut off": [({ cut }) => cut("fails"), ({ cut }) => cut("works"), true],
      "calls hang": [({ cut }) => cut("hangs"), ({ cut }) => cut("works"), true],
      "SIGSTOP": [({ stop }) => stop(), ({ resume }) => resume(), false],
      "a sleep of the machine": [({ sleep }) => sleep(), ({ wake }) => wake(), false],
    };
    for (const [what, [begin, end, heardOf]] of Object.entries(ways)) {
      const crew = createCrew();
      const heard: string[] = [];
      let late = -1;
      const onLapse = (ms: number) => {
        heard.push("lapse");
        late = ms;
      };
      const onReturn = () => void heard.push("return");
      const a = crew.join("a", { onLapse, onReturn });
      await crew.clock.advance(22_000);
      const renewed = Date.parse((await crew.leases())[0]!.spec!.renewTime!) - Date.UTC(2026, 0, 1);
      begin(a.machine);
      await crew.clock.advance(renewed + 14_900 - crew.clock.monotonic());
      assert.equal(heard, [], what);
      await crew.clock.advance(200);
      assert.equal(heard, heardOf ? ["lapse"] : [], what);
      await crew.clock.advance(40_000);
      await end(a.machine);
      await crew.clock.advance(12_000);
      assert.equal(heard, ["lapse", "return"], what);
      assert.ok(a.isFresh());
      assert.ok(heardOf ? late < 1_000 : late > 38_000 && late < 50_000, `${what}: ${late}`);
      await crew.clock.advance(60_000);
      assert.is(heard.length, 2, what);
      await crew.close();
    }
  },
);

presence("SIGSTOP while a renewal is answered: what it prolongs counts from when it was sent", async () => {
  const crew = createCrew();
  const a = crew.join("a");
  crew.fake.faults.add({ match: { verb: "update", resource: "leases" }, fault: interfere(() => a.machine.stop()) });
  await crew.clock.advance(12_000);
  const sent = Date.parse((await crew.leases())[0]!.spec!.renewTime!) - Date.UTC(2026, 0, 1);
  await a.machine.resume();
  a.machine.cut("fails");
  assert.ok(a.isFresh());
  await crew.clock.advance(sent + 15_001 - crew.clock.monotonic());
  assert.not(a.isFresh());
  await crew.close();
});

const healed: Record<string, [verb: string, fault: Fault]> = {
  "the answer to its creation is lost": ["create", loseAnswer()],
  "its creation is lost": ["create", cut()],
  "its creation lands late": ["create", late(300)],
  "500, although it was created": ["create", serverError({ applied: true })],
  "the answer to a renewal is lost": ["update", loseAnswer()],
  "a renewal lands late": ["update", late(800)],
  "a renewal is refused with 503": ["update", unavailable()],
  "a renewal is forbidden once": ["update", refuse({ code: 403, reason: "Forbidden", message: "no" })],
};
for (const [what, [verb, fault]] of Object.entries(healed)) {
  presence(`${what}: it stays fresh, with one lease`, async () => {
    const crew = createCrew();
    crew.fake.faults.add({ match: { verb, resource: "leases" }, fault });
    const a = crew.join("a");
    await crew.until(() => a.isFresh(), 5_000);
    for (let second = 0; second < 30; second++) {
      await crew.clock.advance(1_000);
      assert.ok(a.isFresh());
    }
    assert.is(crew.fake.faults.waiting, 0);
    const [lease, ...more] = await crew.leases();
    assert.equal(more, []);
    assert.is(lease!.metadata.labels!["crd-watcher/phase"], undefined);
    await crew.close();
  });
}

presence("its lease is deleted, or changed by somebody: it is made again, and what was written to it is kept", async () => {
  const crew = createCrew();
  const a = crew.join("a");
  await crew.clock.advance(10_000);
  await crew.send("DELETE", `${LEASES}/a`);
  await crew.clock.advance(6_000);
  assert.is((await crew.leases())[0]!.spec!.holderIdentity, "a");
  await crew.send("PATCH", `${LEASES}/a`, { metadata: { labels: { team: "blue" } } }, MERGE);
  await crew.send("PATCH", `${LEASES}/a`, { spec: { holderIdentity: "z" } }, MERGE);
  await crew.clock.advance(12_000);
  const [lease] = await crew.leases();
  assert.equal([lease!.spec!.holderIdentity, lease!.metadata.labels!.team], ["a", "blue"]);
  assert.ok(a.isFresh());
  assert.equal(a.said, []);
  await crew.close();
});

for (const verb of ["watch", "delete"] as const) {
  presence(`without the right to ${verb} leases it is present, and says so once`, async () => {
    const crew = createCrew();
    const message = `leases.coordination.k8s.io is forbidden: User "x" cannot ${verb} resource "leases" in API group ` +
      '"coordination.k8s.io" in the namespace "default"';
    const fault = crew.fake.faults.add({
      match: { resource: "leases", verb },
      times: Infinity,
      fault: refuse({ code: 403, reason: "Forbidden", message }),
    });
    const a = crew.join("a");
    await crew.until(() => a.isFresh());
    await crew.clock.advance(600_000);
    assert.ok(a.isFresh());
    const asked = fault.hits;
    assert.ok(verb === "delete" ? asked === 0 : asked > 1 && asked < 200, `${asked} times in ten minutes`);
    await crew.close();
    assert.equal(a.said, [
      verb === "watch"
        ? `warn Cannot see in leases of "default" who else is at work, so that more is tried in vain: ${message}: grant get, list, ` +
          'watch, create, update and delete of leases in "default" to this user'
        : `warn The lease of a stays behind: Cannot delete leases "default/a": ${message}: grant it to this user, ` +
          "docs/operations.md lists all verbs that are needed",
    ]);
  });
}

presence("where leases are forbidden it is not fresh and says so once; once they are allowed it is present", async () => {
  const crew = createCrew();
  const forbidden = refuse({
    code: 403,
    reason: "Forbidden",
    message: `leases.coordination.k8s.io is forbidden: User "x" cannot`,
  });
  const fault = crew.fake.faults.add({ match: { resource: "leases" }, times: Infinity, fault: forbidden });
  const a = crew.join("a");
  let ready = false;
  a.ready.then(() => ready = true);
  await crew.until(() => ready);
  await crew.clock.advance(120_000);
  assert.is(a.said.length, 1);
  assert.match(
    a.said[0]!,
    /^error Cannot keep leases "default\/a", without which this process takes on nothing, trying on: .*is forbidden.*: grant get, list, watch, create, update and delete of leases in "default" to this user$/,
  );
  assert.not(a.isFresh());
  assert.equal(names(a), []);
  fault.remove();
  await crew.until(async () => (await crew.leases()).length === 1, 10_000);
  await crew.clock.advance(20_000);
  assert.ok(a.isFresh());
  assert.is(a.said.length, 2);
  await crew.close();
});

presence("a process that is told to end before the server answers ends all the same", async () => {
  const crew = createCrew();
  const a = crew.join("a");
  a.machine.cut("hangs");
  await crew.clock.advance(1_000);
  a.end();
  let over = false;
  a.finished.then(() => over = true);
  await crew.until(() => over, 6_000);
  await crew.close();
});
presence.run();

const peers = suite("runtime: the peers of a process");

peers("who joins is known to the others at once, who leaves is forgotten at once and is renewed until its end", async () => {
  const crew = createCrew();
  const [a, b] = [crew.join("a"), crew.join("b", { capacity: 16, takes: ["bill", "order"] })];
  await crew.clock.advance(60_000);
  const before = crew.clock.monotonic();
  const c = crew.join("c");
  await crew.until(() => names(a).length === 2 && names(c).length === 2, 100);
  assert.ok(crew.clock.monotonic() - before <= 100);
  assert.equal([names(a), names(b), names(c)], [["b", "c"], ["a", "c"], ["a", "b"]]);
  assert.equal(a.peers().get("b"), { capacity: 16, takes: ["bill", "order"] });
  await crew.clock.advance(60_000);
  b.leave();
  await crew.until(() => names(a).length === 1, 100);
  assert.equal([names(a), names(c)], [["c"], ["a"]]);
  const renewed = async () => (await crew.leases()).find(({ metadata }) => metadata.name === "b")!.spec!.renewTime!;
  const last = await renewed();
  await crew.clock.advance(60_000);
  assert.ok(await renewed() > last);
  assert.equal([names(a), names(c)], [["c"], ["a"]]);
  b.end();
  await crew.clock.advance(60_000);
  assert.equal([names(a), names(c)], [["c"], ["a"]]);
  await crew.close();
});

peers("who takes other things, or is another kind of process, is no peer; who takes one thing of several is", async () => {
  const crew = createCrew();
  const a = crew.join("a", { takes: ["order", "bill"] });
  const b = crew.join("b", { takes: ["bill"] });
  const c = crew.join("c", { takes: ["order"] });
  crew.join("d", { component: "driver" });
  crew.join("e", { takes: [] });
  for (let round = 0; round < 3; round++) {
    await crew.clock.advance(1_000 + round * 30_000);
    assert.equal([names(a), names(b), names(c)], [["b", "c"], ["a"], ["a"]]);
  }
  await crew.close();
});

peers("what a lease says wrongly is left out", async () => {
  const crew = createCrew();
  const a = crew.join("a");
  for (const [name, capacity] of [["x", "-1"], ["y", "a lot"], ["z", "99999999999"]] as const) {
    const { status } = await crew.send("POST", LEASES, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name,
        labels: { "app.kubernetes.io/managed-by": "crd-watcher", "app.kubernetes.io/component": "worker" },
        annotations: { "crd-watcher/takes": ",order,", "crd-watcher/capacity": capacity },
      },
    });
    assert.is(status, 201);
  }
  await crew.clock.advance(16_500);
  assert.equal([...a.peers()], ["x", "y", "z"].map((name) => [name, { capacity: undefined, takes: ["order"] }]));
  await crew.close();
});

peers("who has died is forgotten when its lease was seen unchanged for longer than it lasts", async () => {
  const crew = createCrew();
  const a = crew.join("a");
  const b = crew.join("b");
  await crew.clock.advance(40_000);
  b.machine.kill();
  await crew.clock.advance(15_000);
  assert.equal(names(a), ["b"]);
  await crew.until(() => names(a).length === 0, 55_000);
  const c = crew.join("c");
  await crew.clock.advance(1_000);
  assert.equal([names(a), names(c)], [["c"], ["a"]]); // an old lease that was left behind: nobody has to wait for him
  await crew.clock.advance(60_000);
  assert.equal(names(c), ["a"]);
  await crew.close();
});

peers("who seems to have died before, because his clock is late, is known once he is seen to renew his lease", async () => {
  const crew = createCrew();
  await crew.clock.advance(3_600_000);
  const lease = (renewed: number) => ({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: "late",
      labels: { "app.kubernetes.io/managed-by": "crd-watcher", "app.kubernetes.io/component": "worker" },
      annotations: { "crd-watcher/takes": "order" },
    },
    spec: { holderIdentity: "late", leaseDurationSeconds: 15, renewTime: new Date(renewed).toISOString().replace("Z", "000Z") },
  });
  await crew.send("POST", LEASES, lease(crew.clock.now() - 3_600_000));
  const a = crew.join("a");
  await crew.clock.advance(5_000);
  assert.equal(names(a), []);
  await crew.send("PATCH", `${LEASES}/late`, { spec: lease(crew.clock.now() - 3_600_000).spec }, "application/merge-patch+json");
  await crew.until(() => names(a).length === 1, 20_000);
  assert.equal(names(a), ["late"]);
  await crew.close();
});

peers("while the server is away nobody is forgotten, nor soon afterwards", async () => {
  const crew = createCrew();
  const [a, b] = [crew.join("a"), crew.join("b")];
  await crew.clock.advance(47_000);
  for (const { machine } of [a, b]) machine.cut("fails");
  for (let second = 0; second < 120; second++) {
    await crew.clock.advance(1_000);
    if (second === 60) { for (const { machine } of [a, b]) machine.cut("works"); }
    assert.equal([names(a), names(b)], [["b"], ["a"]]);
  }
  await crew.close();
});

peers("the server was away between two lists: nobody is forgotten for having not renewed", async () => {
  const crew = createCrew();
  const a = crew.join("a", { random: () => 0.5 }); // lists after 15 s, 45 s, 75 s
  await crew.clock.advance(300);
  const b = crew.join("b", { random: () => 0.5 });
  await crew.clock.advance(44_800);
  for (const { machine } of [a, b]) machine.cut("fails");
  await crew.clock.advance(29_400);
  for (const { machine } of [a, b]) machine.cut("works");
  await crew.clock.advance(600);
  const lists = crew.fake.requests.filter(({ verb, query }) => verb === "list" && !query.labelSelector?.includes("phase"));
  assert.is(lists.at(-1)!.time, Date.UTC(2026, 0, 1) + 75_000);
  assert.equal(names(a), ["b"]);
  await crew.close();
});

peers("a list that is behind the watch takes nobody away", async () => {
  const crew = createCrew();
  const a = crew.join("a", { listPeriod: 2_000 });
  await crew.clock.advance(10_000);
  const isWhole = ({ query }: { query: Readonly<Record<string, string>> }) => !query.labelSelector?.includes("phase");
  const fault = crew.fake.faults.add({ match: { verb: "list", resource: "leases", where: isWhole }, times: 2, fault: stale(2) });
  crew.join("b");
  await crew.until(() => names(a).length === 1, 100);
  for (let step = 0; fault.hits < 2 && step < 40; step++) {
    await crew.clock.advance(100);
    assert.equal(names(a), ["b"]);
  }
  await crew.close();
});

peers("sixteen that start together know each other at once; steady ones hear nothing of renewals", async () => {
  const crew = createCrew();
  const all = Array.from({ length: 16 }, (_, index) => crew.join(`w-${index}`));
  await crew.until(() => all.every((member) => names(member).length === 15), 200);
  assert.ok(crew.clock.monotonic() <= 200);
  await crew.clock.advance(10_000);
  const heard = () => all.reduce((sum, { machine }) => sum + machine.events, 0) / 16;
  const [joined, before] = [heard(), crew.fake.requests.length];
  assert.ok(joined <= 2 * 16, `${joined} events each`); // that it is joining, and that it has joined
  await crew.clock.advance(60_000);
  assert.is(heard(), joined);
  const asked = (crew.fake.requests.length - before) / 16;
  assert.ok(asked <= 16, `${asked} requests each in a minute`); // 12 renewals, 2 lists
  await crew.close();
});
peers.run();
