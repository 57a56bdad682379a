import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type FlowRun, getFlow, isOver, type RequestState, resultOf, signalFlow, startFlow } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createFakeCluster, cutWatch, expired, type FakeCluster, refuse, stale, until } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { createOrders, messageOf, order, type Orders } from "../support/orders.ts";
import { crd, REQUESTS } from "../support/scenario.ts";

const input = { amount: 12 };
const requestOf = (run: FlowRun, rest = "") => `${REQUESTS}/${run.name}${rest}`;
const placeOf = ({ spec }: RequestState) => `${spec.job} ${spec.state}`;

/** Follows a run to its end, and approves it on the way. */
async function follow(run: FlowRun<typeof order>): Promise<string[]> {
  const places: string[] = [];
  for await (const request of run) {
    if (places.at(-1) !== placeOf(request)) places.push(placeOf(request));
    if (placeOf(request) === "approve REQUESTED") await signalFlow(run, "approve", "yes");
  }
  return places;
}
const PLACES = ["charge", "approve", "ship", "notify"].flatMap((job) =>
  ["REQUESTED", "STARTED", "COMPLETED"].filter((state) => job !== "approve" || state !== "STARTED").map((state) =>
    `${job} ${state}`
  )
);

/** Nothing is left of the client. */
function nothingLeft(story: Orders) {
  assert.is(story.watches(), 0, "a watch is left behind");
  assert.is(story.clock.pending, 0, "a timer is left behind");
}

const runs = suite("scenario: a run");

runs("gives every version, and ends with its flow", async () => {
  const story = createOrders();
  const end = story.work();
  const run = await startFlow(order, { input }, story.options);
  assert.equal(await story.pass(follow(run)), PLACES);
  assert.is(story.watches(), 0);
  const { status, path, outputs } = resultOf(await story.pass(run.finished));
  assert.equal([status, path], ["succeeded", ["charge", "approve", "ship", "notify"]]);
  assert.is(outputs.charge?.receipt, "for 12");
  await end();
  nothingLeft(story);
});

runs("can be followed by several at once, and by finished", async () => {
  const story = createOrders();
  const end = story.work();
  const run = await startFlow(order, { input }, story.options);
  const [first, second, finished] = await story.pass(Promise.all([follow(run), follow(run), run.finished]));
  assert.equal([first, second], [PLACES, PLACES]);
  assert.ok(isOver(finished));
  assert.is(await run.finished, finished);
  await end();
  nothingLeft(story);
});

for (const [what, fault] of [["cut after each event", cutWatch(1)], ["too old", expired({ inStream: true })]] as const) {
  runs(`ends with its flow where watches are ${what}`, async () => {
    const story = createOrders();
    const end = story.work();
    story.fake.faults.add({ match: { verb: "watch" }, times: 8, fault });
    const run = await startFlow(order, { input }, story.options);
    const places = await story.pass(follow(run), 600_000);
    assert.is(places.at(-1), "notify COMPLETED");
    assert.equal(places, PLACES.filter((place) => places.includes(place)), "in order, each once");
    await end();
    nothingLeft(story);
  });
}

runs("that is left early leaves nothing behind", async () => {
  const story = createOrders();
  const end = story.work();
  const run = await startFlow(order, { input }, story.options);
  const leave = async (place: string) => {
    for await (const request of run) if (placeOf(request) === place) return;
    assert.unreachable();
  };
  for (const place of ["charge REQUESTED", "charge STARTED", "approve REQUESTED"]) {
    await story.pass(leave(place));
    assert.is(story.watches(), 0, place);
  }
  await end();
  nothingLeft(story);
});

runs("whose reader goes away while he waits leaves nothing behind", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  const versions = run[Symbol.asyncIterator]();
  assert.is((await versions.next()).value, run.request);
  const waiting = [versions.next(), versions.next()];
  await story.clock.advance(1_000);
  assert.is(story.watches(), 1);
  await versions.return!();
  assert.equal(await Promise.all(waiting), Array(2).fill({ value: undefined, done: true }));
  assert.equal(await versions.next(), { value: undefined, done: true });
  nothingLeft(story);
});

runs("that nobody looks at asks for nothing", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  run[Symbol.asyncIterator]();
  await story.clock.advance(60_000);
  assert.equal(story.fake.requests.lines(), ["create requeststates.com.redhat.ecosystem.sample default 201"]);
});

runs("fault 5: finished of a flow that is already over takes minutes: comes at once, by a list and without a watch", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  const end = story.work();
  await story.pass(getFlow(run.name, { ...story.options, flow: order }).then(follow));
  await end();
  story.fake.requests.clear();
  const before = story.clock.monotonic();
  // This one has not heard of it yet.
  assert.ok(isOver(await story.pass(run.finished)));
  assert.is(story.clock.monotonic() - before, 0);
  assert.equal(story.fake.requests.map(({ verb }) => verb), ["list"]);
  nothingLeft(story);
});

runs("that was over when it was found is read once", async () => {
  const story = createOrders();
  const end = story.work();
  const { name } = await startFlow(order, { input }, story.options);
  await story.pass(getFlow(name, { ...story.options, flow: order }).then(follow));
  await end();
  story.fake.requests.clear();
  const run = await getFlow(name, story.options);
  assert.is(await run.finished, run.request);
  const versions = [];
  for await (const version of run) versions.push(version);
  assert.equal(versions, [run.request]);
  assert.is(story.fake.requests.length, 1);
});

const deletions: Readonly<Record<string, (story: Orders, run: FlowRun) => Promise<unknown>>> = {
  "deleted": (story, run) => story.send("DELETE", requestOf(run)),
  "deleted and made anew": async (story, run) => {
    const { apiVersion, kind, metadata: { name }, spec } = run.request;
    await story.send("DELETE", requestOf(run));
    await story.send("POST", REQUESTS, { apiVersion, kind, metadata: { name }, spec });
  },
};
for (const [what, remove] of Object.entries(deletions)) {
  for (const when of ["before anybody looks", "while it is followed"]) {
    runs(`${what} ${when}: whoever waits is told`, async () => {
      const story = createOrders();
      const run = await startFlow(order, { input }, story.options);
      if (when === "before anybody looks") await remove(story, run);
      const seen: string[] = [];
      const told = [
        messageOf(run.finished),
        messageOf((async () => {
          for await (const request of run) seen.push(placeOf(request));
        })()),
      ];
      await story.clock.advance(1_000);
      if (when === "while it is followed") await remove(story, run);
      const text = `requeststates "default/${run.name}" was deleted before it was over`;
      assert.equal(await story.pass(Promise.all(told)), [text, text]);
      assert.equal(seen, ["charge REQUESTED"]);
      nothingLeft(story);
    });
  }
}

runs("is not taken for deleted by a list from before it", async () => {
  const story = createOrders();
  const end = story.work();
  const run = await startFlow(order, { input }, story.options);
  const behind = story.fake.faults.add({
    match: { verb: "list", where: ({ query }) => /name/.test(query.fieldSelector ?? "") },
    fault: stale(50),
  });
  assert.is((await story.pass(follow(run), 600_000)).at(-1), "notify COMPLETED");
  assert.is(behind.hits, 1);
  await end();
  nothingLeft(story);
});

runs("ends waiting when its signal says so, before and after", async () => {
  const story = createOrders();
  const ending = new AbortController();
  const run = await startFlow(order, { input }, { ...story.options, signal: ending.signal });
  const reason = (promise: Promise<unknown>) => promise.then(() => assert.unreachable(), (reason) => reason);
  const told = reason(run.finished);
  await story.clock.advance(1_000);
  ending.abort("enough");
  assert.is(await story.pass(told), "enough");
  assert.is(await reason(follow(run)), "enough");
  nothingLeft(story);
});

for (const verb of ["list", "watch"]) {
  runs(`says so where this user may not ${verb}`, async () => {
    const story = createOrders();
    const run = await startFlow(order, { input }, story.options);
    const message = `requeststates.com.redhat.ecosystem.sample is forbidden: User "bob" cannot ${verb} resource "requeststates"`;
    story.fake.faults.add({ match: { verb }, times: Infinity, fault: refuse({ code: 403, reason: "Forbidden", message }) });
    const text = await story.pass(messageOf(run.finished));
    assert.match(text, `User "bob" cannot ${verb} resource "requeststates"`);
    assert.match(text, /: grant it to this user, docs\/operations\.md lists all verbs that are needed$/);
    nothingLeft(story);
  });
}

runs("that is left early closes its socket", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  let open = 0;
  const counting: FakeCluster = {
    ...fake,
    async fetch(request) {
      const { body, status, headers } = await fake.fetch(request);
      if (!new URL(request.url).searchParams.has("watch")) return new Response(body, { status, headers });
      open++;
      const count = new TransformStream({ flush: () => void open--, cancel: () => void open-- } as Transformer);
      return new Response(body!.pipeThrough(count), { status, headers });
    },
  };
  const server = await listen(counting);
  const cluster = await connect({ master: server.url });
  try {
    const run = await startFlow(order, { input }, { cluster });
    const versions = run[Symbol.asyncIterator]();
    await versions.next();
    const waiting = versions.next();
    await until(() => open === 1);
    await versions.return!();
    await waiting;
    await until(() => open === 0, { what: "the server has seen the end of the watch" });
    for await (const _ of run) break;
    assert.is(open, 0);
  } finally {
    await cluster.close();
    await server.close();
  }
});
runs.run();
