/** The symptoms that users of controllers report, each with its cure: a reflector on the fake cluster. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cut,
  cutWatch,
  endWatch,
  type Fault,
  type FaultRequest,
  refuse,
  silenceWatch,
  tooManyRequests,
} from "../../src/fake/mod.ts";
import { type Answer, follow, type Following } from "../support/following.ts";

const watches = { verb: "watch", resource: "configmaps" };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const always = { times: Infinity };

/** Requests within a second, at the most. */
const busiest = (f: Following, verb: "list" | "watch") => {
  const times = f.asked(verb).map(({ at }) => at);
  return Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + SECOND).length));
};
const error = (code: number, reason: string, message: string, more: object = {}) =>
  JSON.stringify({ type: "ERROR", object: { kind: "Status", status: "Failure", code, reason, message, ...more } }) + "\n";

const quiet = suite("runtime: a watch goes quiet");

quiet("row 1: a watch goes quiet for ever: it is cut 75 s after its last line, once bookmarks are known to come", async () => {
  const f = await follow();
  f.fake.faults.add({ match: watches, nth: 1, fault: silenceWatch() });
  await f.clock.advance(70 * SECOND); // the first watch has shown a bookmark; the second is silent from its beginning
  await f.write("a", "1");
  await f.clock.advance(64 * SECOND);
  assert.equal([f.cached(), f.reflector.health().sinceLastByte], [[], 74 * SECOND]);
  assert.is(f.gauges.get("crd_watcher_watch_last_byte_seconds")!(), 74);
  assert.ok(await f.untilSame() < 3 * SECOND);
  assert.equal(f.counted, ["restarts ended", "restarts idle"]);
  assert.is(f.asked("list").length, 1, "what was missed is in the next watch");
  await f.stop();
});

quiet("row 1: a watch goes quiet for ever before its first bookmark: it is cut 5 s after its time", async () => {
  const f = await follow({ before: ({ fake }) => fake.faults.add({ match: watches, fault: silenceWatch() }) });
  await f.write("a", "1");
  await f.clock.advance(66 * SECOND);
  assert.equal(f.counted, ["restarts idle"]);
  await f.untilSame(SECOND);
  await f.stop();
});

for (const after of [5, 59, 61, 100, 150, 264, 266]) {
  quiet(
    `row 1: a server frozen for 90 s, ${after} s after the start, is taken for dead within 80 s, followed 5 s after its return`,
    async () => {
      let frozen: PromiseWithResolvers<void> | undefined;
      // Its kernel goes on accepting connections; it answers what it finds on them when it wakes up.
      const f = await follow({ frozen: () => frozen?.promise });
      await f.clock.advance(after * SECOND);
      frozen = Promise.withResolvers<void>();
      await f.write("a", "1");
      await f.clock.advance(80 * SECOND);
      assert.ok(f.counted.includes("restarts idle") || f.counted.includes("restarts broken"), f.counted.join());
      assert.equal(f.cached(), []);
      await f.clock.advance(10 * SECOND);
      frozen.resolve();
      frozen = undefined;
      assert.ok(await f.untilSame() <= 5 * SECOND);
      await f.stop();
    },
  );
}

quiet("row 2: a healthy watch is aborted every 30 s or 5 min: a quiet one goes on until the server ends it", async () => {
  const f = await follow();
  await f.clock.advance(2 * HOUR);
  assert.equal([...new Set(f.counted)], ["restarts ended"]);
  assert.equal([f.asked("list").length, f.asked("watch").length, f.lines], [1, 36, []]);
  const times = f.asked("watch").map(({ query }) => Number(query.get("timeoutSeconds")));
  assert.equal([...new Set(times)], [60, 205]);
  assert.ok(f.reflector.health().sinceLastByte! <= MINUTE);
  await f.stop();
});

quiet(
  "row 9: a quiet resource relists constantly: bookmarks carry its version along while others are written and forgotten",
  async () => {
    const f = await follow();
    for (let minute = 0; minute < 60; minute++) {
      await f.clock.advance(30 * SECOND);
      for (let count = 0; count < 3; count++) {
        const body = { apiVersion: "v1", kind: "Secret", metadata: { generateName: "s-" } };
        await f.send("POST", "/api/v1/namespaces/default/secrets", body);
      }
      await f.clock.advance(30 * SECOND);
      if (minute % 5 === 4) f.fake.compact();
    }
    assert.is(f.asked("list").length, 1);
    await f.stop();
  },
);
quiet.run();

const dies = suite("runtime: a watch dies");

const fatal: Record<string, Fault> = {
  "ECONNRESET": cut(),
  "401": refuse({ code: 401, reason: "Unauthorized", message: "Unauthorized" }),
  "403": refuse({ code: 403, reason: "Forbidden", message: "configmaps is forbidden" }),
  "404": refuse({ code: 404, text: "404 page not found\n" }),
  "a proxy's page": refuse({ code: 502, text: "<html><title>502 Bad Gateway</title></html>" }),
  "500": refuse({ code: 500, reason: "InternalError", message: "etcdserver: no leader" }),
  "premature close": cutWatch(),
};
for (const [what, fault] of Object.entries(fatal)) {
  dies(`row 3: the informer is dead after one ${what}: it goes on, says so once, and says when it is over`, async () => {
    const f = await follow();
    await f.write("a", "1");
    await f.untilSame();
    f.fake.faults.add({ match: watches, fault: endWatch() });
    const where = ({ headers }: FaultRequest) => headers.get("user-agent")?.startsWith("crd-watcher/") === true; // not this test's own
    const broken = f.fake.faults.add({ match: { resource: "configmaps", where }, ...always, fault });
    await f.clock.advance(5 * MINUTE);
    assert.ok(broken.hits > 20 && broken.hits < 80, `${broken.hits} requests in 5 min`);
    const { failing, state, synced } = f.reflector.health();
    assert.ok(
      failing && failing.since > f.clock.now() - 5 * MINUTE && synced && state !== "watching",
      JSON.stringify({ failing, state }),
    );
    assert.is(f.lines.filter((line) => line.startsWith("warn")).length, 1, f.lines.join("\n"));
    assert.equal(f.cached(), await f.present(), "the store is as it was");
    broken.remove();
    await f.write("a", "2");
    await f.untilSame(10 * SECOND);
    await f.clock.advance(15 * SECOND);
    assert.is(f.reflector.health().failing, undefined);
    assert.match(f.lines.at(-1)!, /^info: Following configmaps again after \d+ s$/);
    await f.stop();
  });
}

dies("row 4: tens of watch requests a second after a reconnect: one a second, however fast the server ends them", async () => {
  const f = await follow({ before: ({ fake }) => fake.faults.add({ match: watches, ...always, fault: endWatch(1) }) });
  for (let count = 0; count < 200; count++) {
    await f.write(`a${count % 7}`, `${count}`);
    await f.clock.advance(100);
  }
  assert.is(busiest(f, "watch"), 1);
  assert.ok(f.asked("watch").length >= 19);
  await f.stop();
});

const breaks: Record<string, Answer> = {
  "403 in the stream": { body: error(403, "Forbidden", "forbidden") },
  "500 in the stream": { body: error(500, "InternalError", "etcdserver: no leader") },
  "a page of a proxy": { body: "<html><body>hello</body></html>" },
  "half a line": { body: '{"type":"ADDED","object":{"apiVer' },
  "nothing at all": { body: "" },
  "an event without an object": { body: '{"type":"ADDED"}\n' },
};
for (const [what, answer] of Object.entries(breaks)) {
  dies(`fault 9: a watch opens and breaks with ${what}, for ever: waits grow, it is told once, lists show what is`, async () => {
    const f = await follow({ answers: () => answer });
    for (const name of ["a", "b", "c", "d"]) await f.write(name, "1");
    await f.untilSame(10 * SECOND);
    await f.clock.advance(10 * MINUTE - f.clock.monotonic());
    assert.equal(f.events.map((event) => event.split("@")[0]).sort(), ["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
    assert.is(f.lines.length, 1, f.lines.join("\n"));
    assert.match(f.lines[0]!, /^warn: Cannot follow configmaps, trying again in \d+ ms: /);
    const opened = f.asked("watch").map(({ at }) => at);
    assert.ok(opened.length > 100 && opened.length < 180, `${opened.length} watches in 10 min`);
    assert.ok(opened.at(-1)! - opened.at(-2)! >= 3_000);
    assert.is(f.counted.filter((count) => /^restarts/.test(count)).length, opened.length);
    await f.write("a", "2");
    await f.untilSame(20 * SECOND);
    await f.stop();
  });
}

dies("fault 9: three watches that break and then a good one: all is well, nothing is lost", async () => {
  const f = await follow({ answers: [breaks["403 in the stream"], breaks["half a line"], breaks["nothing at all"]] });
  await f.write("a", "1");
  await f.untilSame(10 * SECOND);
  await f.clock.advance(15 * SECOND);
  assert.match(f.lines.at(-1)!, /^info: Following configmaps again after/);
  await f.stop();
});

dies("row 7: 429 in the stream is waited for as it asks", async () => {
  const wait = { details: { retryAfterSeconds: 7 } };
  const f = await follow({ answers: [{ body: error(429, "TooManyRequests", "later", wait) }] });
  await f.clock.advance(8 * SECOND);
  assert.equal(f.asked("watch").map(({ at }) => at), [0, 7 * SECOND]);
  await f.stop();
});

dies("row 7: 429 with Retry-After in seconds is waited for, on a list and on a watch", async () => {
  const f = await follow({
    before: ({ fake }) => {
      fake.faults.add({ match: { resource: "configmaps", verb: "list" }, fault: tooManyRequests(9) });
      fake.faults.add({ match: watches, fault: tooManyRequests(4) });
    },
  });
  await f.clock.advance(20 * SECOND);
  assert.equal(f.asked("list").map(({ at }) => at), [0, 9 * SECOND]);
  assert.equal(f.asked("watch").map(({ at }) => at), [9 * SECOND, 13 * SECOND]);
  await f.stop();
});

dies("row 7: 429 with Retry-After as a date is waited for", async () => {
  const f = await follow({ answers: [{ code: 429, body: "later", retryAfter: "Thu, 01 Jan 2026 00:00:20 GMT" }] });
  await f.clock.advance(MINUTE);
  assert.equal(f.asked("watch").map(({ at }) => at).slice(0, 2), [0, 20 * SECOND]);
  await f.stop();
});
dies.run();
