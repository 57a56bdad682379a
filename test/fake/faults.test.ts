import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  conflict,
  createFakeCluster,
  createVirtualClock,
  cut,
  expired,
  type Fault,
  frozen,
  interfere,
  late,
  latency,
  loseAnswer,
  refuse,
  serverError,
  type Snapshot,
  stale,
  timeout,
  tooManyRequests,
  unavailable,
} from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const setUp = (options: { history?: number } = {}) => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: [widgets], clock, seed: 1, ...options });
  return { clock, fake, client: clientOf(fake) };
};
const broken = (promise: Promise<unknown>) =>
  promise.then(() => assert.unreachable("was answered"), (error) => {
    assert.instance(error, TypeError);
    return String((error.cause as Error).message);
  });

const rules = suite("fake: which request a fault hits");

rules("the nth that matches, so many times, and no other", async () => {
  const { fake, client } = setUp();
  const fault = fake.faults.add({
    match: { verb: ["get", "list"], resource: "widgets" },
    nth: 2,
    times: 2,
    fault: unavailable(),
  });
  await client.get("/api/v1/namespaces");
  const statuses = [];
  for (let round = 0; round < 5; round++) statuses.push((await client.get(widgetsPath)).status);
  assert.equal(statuses, [200, 503, 503, 200, 200]);
  assert.is(fault.hits, 2);
  assert.is(fake.faults.waiting, 0);
});

rules("one that has hit as often as it was to is asked no more, and says how often it has hit", async () => {
  const { fake, client } = setUp();
  let asked = 0;
  const fault = fake.faults.add({ match: { where: () => ++asked > 0 }, fault: unavailable() });
  for (const status of [503, 200, 200]) assert.is((await client.get(widgetsPath)).status, status);
  assert.equal([asked, fault.hits, fake.faults.active, fake.faults.waiting], [1, 1, 0, 0]);
  fault.remove();
  assert.is(fault.hits, 1);
});

rules("all that match, until it is taken back", async () => {
  const { fake, client } = setUp();
  const match = { resource: "widgets.example.com", namespace: "default", name: "a" };
  const fault = fake.faults.add({ match, times: Infinity, fault: unavailable() });
  assert.is(fake.faults.waiting, 1);
  assert.is((await client.get(`${widgetsPath}/b`)).status, 404);
  for (let round = 0; round < 3; round++) assert.is((await client.get(`${widgetsPath}/a`)).status, 503);
  fault.remove();
  assert.is((await client.get(`${widgetsPath}/a`)).status, 404);
  assert.is(fault.hits, 3);
});

rules("by anything in the request; the oldest first, the next one after it", async () => {
  const { fake, client } = setUp();
  const isA = ({ body }: { body?: unknown }) => (body as { metadata: { name: string } }).metadata.name === "a";
  fake.faults.add({ match: { verb: "create", where: isA }, fault: refuse({ code: 418 }) });
  fake.faults.add({ match: { method: "POST" }, fault: refuse({ code: 507 }) });
  const post = async (name: string) => (await client.post(widgetsPath, widget(name))).status;
  assert.equal([await post("a"), await post("b"), await post("c")], [418, 507, 201]);
  fake.faults.add({ fault: cut() });
  fake.faults.clear();
  assert.is((await client.get(widgetsPath)).status, 200);
});

rules("wrong rules are refused", () => {
  const { faults } = setUp().fake;
  assert.throws(() => faults.add({ fault: cut(), times: 0 }), /times is 0, expected a whole number from 1, or Infinity/);
  assert.throws(() => faults.add({ fault: cut(), nth: Infinity }), /nth is Infinity/);
  assert.throws(() => faults.add({ fault: {} as Fault }), /fault is an object, expected/);
  assert.throws(() => latency(-1), /ms is -1/);
  assert.throws(() => refuse({ code: 200 }), /code is 200/);
});
rules.run();

const refusals = suite("fake: a fault that refuses");

refusals("in the words of the genuine server", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const hit = async (fault: Fault) => {
    fake.faults.add({ fault });
    const { status, headers, body, text } = await client.patch(`${widgetsPath}/a`, {});
    return [status, body?.reason, body?.message ?? text, headers.get("retry-after")];
  };
  const modified =
    'Operation cannot be fulfilled on widgets.example.com "a": the object has been modified; please apply your changes to the latest version and try again';
  assert.equal(await hit(conflict()), [409, "Conflict", modified, null]);
  assert.equal(await hit(tooManyRequests(2)), [429, undefined, "Too many requests, please try again later.\n", "2"]);
  assert.equal(await hit(serverError()), [500, undefined, "etcdserver: request timed out", null]);
  assert.equal(await hit(unavailable()), [503, "ServiceUnavailable", "apiserver is shutting down", null]);
  const timedOut = "Timeout: request did not complete within the allotted timeout";
  assert.equal(await hit(timeout()), [504, "Timeout", timedOut, null]);
  const initializing = { code: 429, reason: "TooManyRequests", message: "storage is (re)initializing", retryAfter: 1 };
  assert.equal(await hit(refuse(initializing)), [429, "TooManyRequests", "storage is (re)initializing", "1"]);
  assert.equal(await hit(refuse({ code: 502, text: "<html>" })), [502, undefined, "<html>", null]);
});

refusals("410 where a list, the rest of a list or a watch is too old, as status and in the stream", async () => {
  const { fake, client } = setUp();
  for (const name of ["a", "b"]) await client.post(widgetsPath, widget(name));
  const { metadata } = (await client.get(`${widgetsPath}?limit=1`)).body;
  fake.faults.add({ match: { resource: "widgets" }, times: 3, fault: expired() });
  const list = await client.get(widgetsPath);
  assert.equal([list.status, list.body.reason], [410, "Expired"]);
  assert.match(list.body.message, /provided list is too old/);
  const rest = await client.get(`${widgetsPath}?limit=1&continue=${metadata.continue}`);
  assert.match(rest.body.message, /^The provided continue parameter is too old/);
  const again = await client.get(`${widgetsPath}?limit=1&continue=${rest.body.metadata.continue}`);
  assert.is(again.body.code, 410, "the third");
  assert.is((await client.get(`${widgetsPath}?continue=${rest.body.metadata.continue}`)).body.items[0].metadata.name, "b");
  fake.faults.add({ fault: expired() });
  const watch = await client.get(`${widgetsPath}?watch=1&resourceVersion=1`);
  assert.equal([watch.status, watch.body.message], [410, "too old resource version: 1 (0)"]);
  fake.faults.add({ match: { resource: "widgets" }, fault: expired({ inStream: true }) });
  assert.is((await client.get(widgetsPath)).status, 200, "not a watch");
  const stream = await client.get(`${widgetsPath}?watch=1&resourceVersion=1`);
  assert.equal([stream.status, stream.body.type, stream.body.object.code], [200, "ERROR", 410]);
});
refusals.run();

const writes = suite("fake: what becomes of a write with a fault");

const took = async (client: ReturnType<typeof clientOf>) => (await client.get(`${widgetsPath}/a`)).status === 200;
const table: [name: string, fault: Fault, status: number | "cut", effect: boolean][] = [
  ["cut", cut(), "cut", false],
  ["answer lost", loseAnswer(), "cut", true],
  ["timeout", timeout(), 504, false],
  ["timeout, applied", timeout({ applied: true }), 504, true],
  ["server error, applied", serverError({ applied: true }), 500, true],
];
for (const [name, fault, status, effect] of table) {
  writes(name, async () => {
    const { fake, client } = setUp();
    fake.faults.add({ fault });
    const answer = client.post(widgetsPath, widget("a"));
    if (status === "cut") assert.is(await broken(answer), "read ECONNRESET");
    else assert.is((await answer).status, status);
    assert.is(await took(client), effect);
    assert.equal(fake.requests[0]!.fault, fault.name);
    assert.is(fake.requests[0]!.status, status === "cut" ? 0 : status);
    assert.equal(fake.requests.writes().map(({ effect }) => effect), effect ? [201] : []);
  });
}

writes("late: after the cut, when its time has come", async () => {
  const { clock, fake, client } = setUp();
  fake.faults.add({ fault: late(500) });
  await broken(client.post(widgetsPath, widget("a")));
  await clock.advance(499);
  assert.not(await took(client));
  assert.is(fake.requests.writes().length, 0);
  await clock.advance(1);
  assert.ok(await took(client));
  assert.is(fake.requests.writes().length, 1);
  fake.faults.add({ fault: late(500) });
  await broken(client.delete(`${widgetsPath}/a`));
  fake.close();
  await clock.advance(500);
  assert.ok(await took(client), "what is closed does nothing any more");
  assert.is(clock.pending, 0);
});

writes("a client that gives up takes nothing back that was to land", async () => {
  const { clock, fake, client } = setUp();
  const controller = new AbortController();
  const post = (name: string) =>
    fake.fetch(
      new Request(`http://fake${widgetsPath}`, {
        method: "POST",
        body: JSON.stringify(widget(name)),
        headers: { "content-type": "application/json" },
        signal: controller.signal,
      }),
    );
  fake.faults.add({ fault: latency(1000, { applied: true }) });
  fake.faults.add({ fault: latency(1000) });
  const answers = [post("a"), post("b")].map((answer) => answer.catch((error) => error.name));
  await clock.settle();
  controller.abort();
  assert.equal(await Promise.all(answers), ["AbortError", "AbortError"]);
  assert.equal((await client.get(widgetsPath)).body.items.length, 1);
  assert.is(clock.pending, 0);
});

writes("latency is time of the cluster's clock", async () => {
  const { clock, fake, client } = setUp();
  fake.faults.add({ fault: latency(30_000) });
  let status = 0;
  client.get(widgetsPath).then((answer) => status = answer.status);
  await clock.advance(29_999);
  assert.is(status, 0);
  await clock.advance(1);
  assert.is(status, 200);
});

writes("somebody else comes first", async () => {
  const { fake, client } = setUp();
  const { body } = await client.post(widgetsPath, widget("a"));
  fake.faults.add({ match: { verb: "update" }, fault: interfere(() => client.patch(`${widgetsPath}/a`, { spec: { size: 7 } })) });
  assert.is((await client.put(`${widgetsPath}/a`, { ...body, spec: { size: 9 } })).body.reason, "Conflict");
});
writes.run();

const reads = suite("fake: stale answers");

reads("as it was some writes ago, selectors and versions included", async () => {
  const { clock, fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const { metadata } = (await client.get(widgetsPath)).body;
  await client.patch(`${widgetsPath}/a`, { spec: { size: 2 } });
  await client.post(widgetsPath, widget("b"));
  fake.faults.add({ match: { resource: "widgets" }, times: 2, fault: stale(2) });
  const { body } = await client.get(widgetsPath);
  assert.equal(body.metadata.resourceVersion, metadata.resourceVersion);
  assert.equal(body.items.map(({ spec }: { spec: { size: number } }) => spec.size), [1]);
  assert.is((await client.get(`${widgetsPath}/a`)).body.spec.size, 1);
  assert.is((await client.get(`${widgetsPath}/a`)).body.spec.size, 2);
  fake.faults.add({ fault: stale(1) });
  const future = client.get(`${widgetsPath}?resourceVersion=${Number(metadata.resourceVersion) + 2}`);
  await clock.advance(3_000);
  assert.is((await future).status, 504);
  fake.faults.add({ fault: stale(1_000) });
  assert.equal((await client.get(widgetsPath)).body.items, [], "before the first one");
});

reads("as it was when a cache came to a standstill, however much is written meanwhile", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const fault = fake.faults.add({ match: { verb: "list", resource: "widgets" }, times: Infinity, fault: frozen() });
  await client.post(widgetsPath, widget("b"));
  const names = async () =>
    (await client.get(widgetsPath)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  assert.equal(await names(), ["a", "b"], "from the first list on");
  await client.post(widgetsPath, widget("c"));
  await client.delete(`${widgetsPath}/a`);
  assert.equal(await names(), ["a", "b"]);
  assert.is((await client.get(`${widgetsPath}/c`)).status, 200);
  fault.remove();
  assert.equal(await names(), ["b", "c"]);
});

for (
  const [when, pass] of [
    ["more is written than is remembered", async ({ client }) => {
      for (const name of ["b", "c", "d", "e"]) await client.post(widgetsPath, widget(name));
    }],
    ["the past is forgotten by the clock", async ({ clock, client }) => {
      await clock.advance(900_000);
      await client.delete(`${widgetsPath}/a`);
      await clock.advance(900_000);
    }],
    ["the cluster goes back to a state before that", ({ fake, before }) => fake.restore(before)],
    ["it is asked for something else only then", async ({ client }) => {
      await client.post("/api/v1/namespaces/default/configmaps", { metadata: { name: "late" } });
    }],
  ] satisfies readonly (readonly [when: string, pass: (story: ReturnType<typeof setUp> & { before: Snapshot }) => unknown])[]
) {
  reads(`a cache stands still although ${when}`, async () => {
    const { fake, client, clock } = setUp({ history: 2 });
    const before = fake.snapshot();
    await client.post(widgetsPath, widget("a"));
    fake.faults.add({ match: { verb: ["get", "list"] }, times: Infinity, fault: frozen() });
    const { text } = await client.get(widgetsPath);
    await pass({ fake, client, clock, before });
    assert.is((await client.get(widgetsPath)).text, text);
    assert.equal((await client.get("/api/v1/namespaces/default/configmaps")).body.items, []);
    fake.close();
  });
}
reads.run();
