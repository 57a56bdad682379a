/** Versions that are too old or too new, lists, and what a list that is made again tells: a reflector on the fake cluster. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, cutWatch, delayWatch, duplicateWatch, endWatch, expired, type Fault, stale } from "../../src/fake/mod.ts";
import type { KubernetesObject, ObjectList, Reader, WatchEvent } from "../../src/ports.ts";
import { type Answer, type ConfigMap, follow, type Following } from "../support/following.ts";

const watches = { verb: "watch", resource: "configmaps" };
const lists = { verb: "list", resource: "configmaps" };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const inStream = (code: number, reason: string, message: string): Answer => ({
  body: JSON.stringify({ type: "ERROR", object: { kind: "Status", status: "Failure", code, reason, message } }) + "\n",
});
/** Ends the open watch, so that the next one is asked for. */
const MINUTES_OF_A_WATCH = 61 * SECOND;
const versions = (f: Following) => f.asked("list").map(({ query }) => query.get("resourceVersion"));

const gone = suite("runtime: a version that cannot be gone on from");

const forms: Record<string, { fault?: Fault; answer?: Answer; asks: (string | null)[] }> = {
  "410 as an HTTP status": { fault: expired(), asks: [null, "8"] },
  "410 Expired in the stream": { fault: expired({ inStream: true }), asks: [null, "8"] },
  "410 Gone in the stream": { answer: inStream(410, "Gone", "too old resource version: 8 (9)"), asks: [null, "8"] },
  "reason Expired without a code": { answer: inStream(0, "Expired", "too old"), asks: [null, "8"] },
  "504 TooLargeResourceVersion in the stream": {
    answer: inStream(504, "Timeout", "Timeout: Too large resource version: 8, current: 7"),
    asks: [null, null],
  },
};
for (const [what, { fault, answer, asks }] of Object.entries(forms)) {
  gone(`row 8: endless reconnects with a stale resourceVersion: ${what} is answered by one list`, async () => {
    const f = await follow({ answers: [undefined, answer] });
    await f.write("a", "1");
    await f.write("b", "1");
    await f.untilSame();
    if (fault) f.fake.faults.add({ match: watches, fault });
    await f.clock.advance(50 * SECOND);
    await f.write("a", "2");
    await f.remove("b");
    await f.clock.advance(20 * SECOND);
    assert.equal(f.cached(), await f.present());
    assert.is(f.asked("list").length, 2);
    assert.is(versions(f)[1] === null, asks[1] === null);
    assert.is(f.counted.filter((count) => count.startsWith("relists")).length, 1);
    assert.equal(f.lines, []);
    await f.stop();
  });
}

gone("row 8: endless reconnects with a stale resourceVersion: too old for ever does not list ten times a second", async () => {
  const f = await follow({ answers: () => inStream(410, "Expired", "too old") });
  await f.clock.advance(5 * MINUTE);
  const count = f.asked("list").length;
  assert.ok(count > 50 && count < 100, `${count} lists in 5 min`);
  await f.write("a", "1");
  await f.untilSame(10 * SECOND);
  await f.stop();
});

gone("row 8: endless reconnects with a stale resourceVersion: two watches that end at once drop the version", async () => {
  const f = await follow({ before: ({ fake }) => fake.faults.add({ match: watches, times: 2, fault: endWatch() }) });
  await f.write("a", "1");
  await f.untilSame(5 * SECOND);
  assert.equal(f.counted, ["restarts empty", "restarts empty", "relists empty"]);
  await f.stop();
});

gone("row 8: a server that cannot list from the version on is asked for its newest state at once", async () => {
  let refused = 0;
  const f = await follow({
    answers: [undefined, inStream(410, "Expired", "too old")],
    intercept({ url }) {
      if (!url.includes("resourceVersionMatch=NotOlderThan")) return undefined;
      refused++;
      const status = {
        kind: "Status",
        status: "Failure",
        code: 504,
        reason: "Timeout",
        message: "Timeout: Too large resource version: 9, current: 8",
      };
      return Response.json(status, { status: 504 });
    },
  });
  await f.clock.advance(MINUTES_OF_A_WATCH);
  await f.write("a", "1");
  await f.untilSame(3 * SECOND);
  assert.equal([refused, versions(f)[2], f.lines], [1, null, []]);
  await f.stop();
});
gone.run();

const again = suite("runtime: a list that is made again");

again("row 10: update storms with no change: a list of what is known tells nothing, even of a built-in kind", async () => {
  const f = await follow({ before: ({ write }) => write("listed", "1") });
  await f.write("seen", "1");
  await f.untilSame();
  const before = [...f.events];
  f.fake.faults.add({ match: watches, times: 5, fault: expired() });
  await f.clock.advance(MINUTES_OF_A_WATCH + 20 * SECOND);
  assert.ok(f.asked("list").length > 5);
  assert.equal(f.events, before);
  await f.stop();
});

again("row 11: ghost objects: what was deleted while nobody watched is told as DELETED", async () => {
  const f = await follow({ before: ({ write }) => write("a", "1"), answers: [undefined, inStream(410, "Expired", "too old")] });
  await f.clock.advance(59 * SECOND);
  f.fake.faults.add({ match: watches, nth: 1, fault: cut() });
  await f.clock.advance(1_000);
  const [before] = f.cached();
  f.fake.compact();
  await f.remove("a");
  await f.untilSame(MINUTE);
  assert.equal(f.events, [`ADDED ${before!.split("=")[0]}`, `DELETED ${before!.split("=")[0]}`]);
  await f.stop();
});

again("row 11: delete and recreate seen as an update: the old one is DELETED, then the new one ADDED", async () => {
  const f = await follow({ before: ({ write }) => write("a", "1") });
  f.fake.faults.add({ match: watches, fault: expired() });
  // Within the second in which no watch is open.
  await f.clock.advance(MINUTE + 200);
  await f.remove("a");
  const version = await f.write("a", "1");
  await f.untilSame(MINUTE);
  const [first] = f.events;
  assert.equal(f.events, [first, first!.replace("ADDED", "DELETED"), `ADDED a@${version}`]);
  await f.stop();
});

again("row 15: state goes back in time: the first list is a consistent one", async () => {
  const f = await follow();
  const { query } = f.asked("list")[0]!;
  assert.equal([query.get("resourceVersion"), query.get("limit")], [null, "500"]);
  await f.stop();
});

again("row 15: state goes back in time: a list that is older than what was seen is not believed at once", async () => {
  const f = await follow({ answers: [undefined, inStream(504, "Timeout", "Too large resource version")] });
  for (let count = 0; count < 5; count++) await f.write("a", `${count}`);
  await f.untilSame();
  f.fake.faults.add({ match: lists, fault: stale(3) });
  await f.clock.advance(MINUTES_OF_A_WATCH + 5 * SECOND);
  const times = f.events.map((event) => Number(event.split("@")[1]));
  assert.equal(times, [...times].sort((a, b) => a - b), "no event is older than the one before");
  assert.equal(f.events.filter((event) => event.startsWith("DELETED")), []);
  assert.is(f.counted.filter((count) => count === "restarts behind").length, 1);
  assert.is(f.lines.filter((line) => line.includes("went back in time")).length, 1);
  assert.equal(f.cached(), await f.present());
  await f.stop();
});

again("row 15: a storage that was put back to an older state is believed when it insists", async () => {
  const f = await follow();
  await f.write("a", "1");
  const before = f.fake.snapshot();
  await f.write("a", "2");
  await f.write("b", "1");
  await f.untilSame();
  f.fake.restore(before);
  await f.untilSame(10 * MINUTE);
  assert.is(f.lines.filter((line) => line.includes("the storage was put back to an older state")).length, 1, f.lines.join("\n"));
  assert.ok(f.events.slice(-3).some((event) => event.startsWith("DELETED b")));
  await f.stop();
});

again("row 22: memory at a restart: a long list comes in pages", async () => {
  const f = await follow({
    before: async ({ write }) => {
      for (let count = 0; count < 23; count++) await write(`a-${count}`, "1");
    },
    pageSize: 10,
  });
  assert.equal(f.asked("list").map(({ query }) => [query.get("limit"), query.has("continue")]), [["10", false], ["10", true], [
    "10",
    true,
  ]]);
  assert.is(f.reflector.store.size, 23);
  f.fake.faults.add({ match: watches, fault: expired() });
  await f.clock.advance(MINUTES_OF_A_WATCH + 5 * SECOND);
  assert.equal(
    f.asked("list").slice(3).map(({ query }) => query.get("limit")),
    ["10", "10", "10"],
    "it is never taken in one piece",
  );
  await f.stop();
});

again("row 22: memory at a restart: many clients do not list again together", async () => {
  const delays: number[] = [];
  for (const random of [0, 0.5, 1]) {
    const f = await follow({ random: () => random, answers: [undefined, inStream(410, "Expired", "too old")] });
    await f.clock.advance(2 * MINUTE);
    delays.push(f.asked("list")[1]!.at - f.asked("watch")[1]!.at);
    await f.stop();
  }
  assert.equal(delays, [1_000, 1_500, 2_000]);
});

again("row 22: memory at a restart: who manages which field is not kept, unless asked for", async () => {
  const managed = (name: string, resourceVersion: string): ConfigMap => ({
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { name, uid: name, resourceVersion, managedFields: [{ manager: "kubectl" }] } as KubernetesObject["metadata"],
  });
  const cluster = (): Reader => ({
    get: () => Promise.reject(new Error("never")),
    list: <T>() => Promise.resolve({ resourceVersion: "5", items: [managed("listed", "4")] } as unknown as ObjectList<T>),
    async watch<T>() {
      async function* events() {
        yield { type: "ADDED", object: managed("seen", "6") } as unknown as WatchEvent<T>;
        await new Promise(() => {});
      }
      return events();
    },
  });
  for (const keepManagedFields of [undefined, true]) {
    const f = await follow({ cluster: cluster(), namespace: undefined, keepManagedFields });
    await f.clock.settle();
    for (const name of ["listed", "seen"]) {
      assert.is("managedFields" in f.reflector.store.get(name)!.metadata, keepManagedFields ?? false);
    }
    await f.stop();
  }
});

again(
  "row 14: a key is stuck until restart: lists and bookmarks tell how far the store has come, although nothing in it changed",
  async () => {
    const f = await follow({ before: ({ write }) => write("a", "1") });
    assert.equal(f.progress, [f.reflector.version]);
    const body = { apiVersion: "v1", kind: "Secret", metadata: { generateName: "s-" } };
    const made = await (await f.send("POST", "/api/v1/namespaces/default/secrets", body)).json() as KubernetesObject;
    await f.clock.advance(65 * SECOND);
    assert.is(f.reflector.version, made.metadata.resourceVersion);
    assert.is(f.progress.at(-1), made.metadata.resourceVersion);
    await f.stop();
  },
);
again.run();

const load = suite("runtime: a reflector under load");
const troubles: Record<string, Fault> = {
  "cut after every third event": cutWatch(3),
  "twice each": duplicateWatch(),
  "late": delayWatch(3_000),
  "ended after each": endWatch(1),
};
for (const [what, fault] of Object.entries(troubles)) {
  load(`row 7: events missed or reordered, ${what}: each object is seen in order, and as it is in the end`, async () => {
    const f = await follow({ before: ({ fake }) => fake.faults.add({ match: watches, times: Infinity, fault }) });
    for (let count = 0; count < 120; count++) {
      if (count % 11 === 0) await f.remove(`a${count % 5}`);
      else await f.write(`a${count % 5}`, `${count}`);
      await f.clock.advance(90);
    }
    await f.untilSame(6 * MINUTE);
    for (const name of ["a0", "a1", "a2", "a3", "a4"]) {
      const seen = f.events.filter((event) => event.includes(` ${name}@`)).map((event) => Number(event.split("@")[1]));
      assert.equal(seen, [...seen].sort((a, b) => a - b));
      assert.is(new Set(seen).size, seen.length, "none comes twice");
    }
    await f.stop();
  });
}

load(
  "row 24: slow heap growth: ten thousand lines and five hundred watches leave no listener and no timer more than one does",
  async () => {
    const f = await follow({ before: ({ fake }) => fake.faults.add({ match: watches, times: Infinity, fault: endWatch(1) }) });
    const held = () => [f.listeners(), f.clock.pending];
    await f.write("a", "0");
    await f.clock.advance(3 * SECOND);
    const before = held();
    for (let count = 1; count <= 200; count++) {
      await f.write("a", `${count}`);
      await f.clock.advance(SECOND);
    }
    assert.ok(f.asked("watch").length > 180);
    await f.clock.advance(3 * SECOND);
    assert.equal(held(), before);
    await f.stop();
  },
);
load.run();
