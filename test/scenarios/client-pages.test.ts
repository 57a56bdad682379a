import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkFlows, deleteFlow, flowPages, getFlow, type RequestState, startFlow, watchFlows } from "../../mod.ts";
import { expired, serverError } from "../../src/fake/mod.ts";
import { withoutWrites } from "../../src/programs/client/dry-run.ts";
import { createOrders, messageOf, order, type Orders } from "../support/orders.ts";

const input = { amount: 12 };
const start = (story: Orders, key: string) => startFlow(order, { key, input }, story.options);

const pages = suite("scenario: pages of flows");
pages("each flow once, also where the list has to begin anew", async () => {
  const story = createOrders();
  for (let n = 0; n < 7; n++) await start(story, `order-${n}`);
  for (const fault of [expired(), serverError()]) {
    story.fake.faults.add({ match: { verb: "list", resource: "requeststates" }, nth: 2, fault });
    const found: string[] = [];
    const sizes: number[] = [];
    const read = async () => {
      for await (const { runs } of flowPages({}, { ...story.options, limit: 3 })) {
        sizes.push(runs.length);
        found.push(...runs.map(({ name }) => name));
      }
    };
    await story.pass(read());
    assert.equal([found.length, new Set(found).size], [7, 7]);
    assert.is(sizes[0], 3);
  }
});

pages("the first is there before the second is asked for; leaving early ends it", async () => {
  const story = createOrders();
  for (let n = 0; n < 7; n++) await start(story, `order-${n}`);
  const before = story.fake.requests.lines().length;
  for await (const { runs, isLast } of flowPages({}, { ...story.options, limit: 2 })) {
    assert.equal([runs.length, isLast], [2, false]);
    break;
  }
  await story.clock.settle();
  assert.ok(story.fake.requests.lines().length - before <= 2);
});

pages("by name, and by when they were created", async () => {
  const story = createOrders();
  const first = await start(story, "order-1");
  await story.clock.advance(60_000);
  await start(story, "order-2");
  const found = async (selection: Parameters<typeof flowPages>[0]) => {
    let count = 0;
    for await (const { runs } of flowPages(selection, story.options)) count += runs.length;
    return count;
  };
  const minute = story.clock.now() - 30_000;
  assert.equal([await found({ createdAfter: minute }), await found({ createdBefore: new Date(minute) })], [1, 1]);
  // In the middle of a second: the server's own time would put it before.
  await story.clock.advance(1_700 - story.clock.now() % 1_000);
  await start(story, "order-3");
  assert.is(await found({ createdAfter: story.clock.now() - 200 }), 1);
  assert.is(await found({ createdBefore: story.clock.now() - 200 }), 2);
  assert.equal([await found({ name: first.name }), await found({ name: first.name, namespace: "shop" })], [1, 0]);
  assert.is(
    await messageOf(found({ createdAfter: new Date("soon") })),
    "Cannot list flows: createdAfter is Invalid Date, expected a Date or milliseconds since 1970",
  );
});
pages.run();

const watching = suite("scenario: watching flows");
watching("those that are there, each change, the end, a deletion; nothing is left behind", async () => {
  const story = createOrders();
  const end = story.work();
  await start(story, "order-1");
  const ending = new AbortController();
  const seen: string[] = [];
  const watch = async () => {
    const options = { ...story.options, signal: ending.signal };
    for await (const change of watchFlows({ status: ["running", "waiting", "parked"] }, options)) {
      const text = (request: RequestState) =>
        `${request.metadata.annotations?.["crd-watcher/key"]} ${request.spec.job} ${request.spec.state}`;
      seen.push(change.type === "synced" ? "synced" : `${change.type} ${text(change.request)}`);
    }
  };
  const watched = watch();
  await story.until(() => seen.some((each) => /approve/.test(each)));
  assert.match(seen[0]!, /^(found order-1|synced)/);
  const run = await start(story, "order-2");
  await story.until(() => seen.some((each) => /order-2 approve/.test(each)));
  const { signalFlow } = await import("../../mod.ts");
  await story.pass(signalFlow(run, "approve", "no"));
  await story.until(() => seen.some((each) => /order-2 refund COMPLETED/.test(each)));
  await deleteFlow({ key: "order-1", flow: "order" }, story.options);
  await story.until(() => seen.some((each) => /^deleted order-1/.test(each)));
  ending.abort();
  await story.pass(watched);
  assert.is(seen.filter((each) => each === "synced").length, 1);
  await end();
  assert.equal([story.watches(), story.clock.pending], [0, 0]);
});
watching.run();

const calls = suite("scenario: checks, deletions, dry runs");
calls("a definition with another graph drives none of those in flight", async () => {
  const story = createOrders();
  const run = await start(story, "order-1");
  const { defineFlow } = await import("../../mod.ts");
  assert.equal(await checkFlows([order], {}, story.options), { driven: 1, undriven: [], others: 0 });
  const { undriven, driven } = await checkFlows([defineFlow("order", ["charge"])], {}, story.options);
  assert.equal([driven, undriven.map((each) => each.run.name)], [0, [run.name]]);
  assert.match(undriven[0]!.why, /^its flow is "order" with digest \w+, this process knows \w+$/);
  assert.equal(await checkFlows([defineFlow("other", ["charge"])], {}, story.options), { driven: 0, undriven: [], others: 1 });
});

calls("a deletion takes the one that was meant, and no other that has its name by then", async () => {
  const story = createOrders();
  const run = await start(story, "order-1");
  assert.is((await deleteFlow(run)).metadata.uid, run.request.metadata.uid);
  await start(story, "order-1");
  assert.match(await messageOf(deleteFlow(run)), /^Cannot delete .*: it was deleted, another one has its name now/);
  assert.is((await story.requests()).length, 1);
});

calls("a dry run writes nothing, and answers as the server would", async () => {
  const story = createOrders();
  const cluster = withoutWrites(story.options.cluster);
  const options = { ...story.options, cluster };
  await startFlow(order, { key: "order-1", input }, options);
  assert.equal(await story.requests(), []);
  const run = await start(story, "order-1");
  const again = await startFlow(order, { key: "order-1", input }, options);
  assert.is(again.request.metadata.uid, run.request.metadata.uid);
  await deleteFlow(run.name, options);
  assert.is((await getFlow(run.name, story.options)).name, run.name);
});
calls.run();
