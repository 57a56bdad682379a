import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createFakeCluster,
  createVirtualClock,
  cutWatch,
  delayWatch,
  duplicateWatch,
  endWatch,
  type Fault,
  reorderWatch,
  silenceWatch,
} from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: faults of a watch");

/** A watch with a fault, on two widgets, "a" and "b". */
const setUp = async (fault: Fault, query = "") => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: [widgets], clock });
  const client = clientOf(fake);
  for (const name of ["a", "b"]) await client.post(widgetsPath, widget(name));
  fake.faults.add({ match: { resource: "widgets" }, fault });
  const lines = await client.watch(`${widgetsPath}?watch=1${query}`);
  return { clock, fake, client, next: async () => (await lines.next())?.object.metadata.name, lines };
};

test("a cut in the middle of a line: what came before it arrives", async () => {
  const { clock, fake, next } = await setUp(cutWatch(1));
  assert.is(await next(), "a");
  const error = await next().then(() => assert.unreachable(), (error) => error);
  assert.instance(error, TypeError);
  assert.is(error.message, "terminated");
  assert.is(clock.pending, 0);
  assert.equal(fake.requests.lines({ verb: "watch" }), ["watch widgets.example.com default 200 (watch cut)"]);
});

test("a cut at once leaves half a line", async () => {
  const { lines } = await setUp(cutWatch());
  assert.is(await lines.next().then(() => "answered", (error) => error.message), "terminated");
});

test("an end in good order", async () => {
  const { clock, next } = await setUp(endWatch(2));
  assert.equal([await next(), await next(), await next()], ["a", "b", undefined]);
  assert.is(clock.pending, 0);
});

test("silence: no event, no bookmark, no end", async () => {
  const { clock, fake, client, next } = await setUp(silenceWatch(1), "&allowWatchBookmarks=true&timeoutSeconds=90");
  assert.is(await next(), "a");
  let came = false;
  const more = next().then((name) => (came = true, name));
  await client.post(widgetsPath, widget("c"));
  await clock.advance(3_600_000);
  assert.not(came);
  assert.is(clock.pending, 0);
  fake.close();
  assert.is(await more, undefined, "until the cluster is closed");
});

test("delayed: in order, each as late as the other, the end too", async () => {
  const { clock, client, next } = await setUp(delayWatch(5_000), "&timeoutSeconds=10");
  let seen = "";
  const all = (async () => {
    for (let name = await next(); name; name = await next()) seen += name;
  })();
  await clock.advance(1_000);
  await client.post(widgetsPath, widget("c"));
  await clock.advance(4_000);
  assert.is(seen, "ab");
  await clock.advance(1_000);
  assert.is(seen, "abc");
  await clock.advance(9_000);
  await all;
  assert.is(clock.pending, 0);
});

test("duplicated: every event, no bookmark", async () => {
  const { clock, next, lines } = await setUp(duplicateWatch(), "&allowWatchBookmarks=true");
  assert.equal([await next(), await next(), await next(), await next()], ["a", "a", "b", "b"]);
  assert.is((await lines.next()).type, "BOOKMARK", "the end of what was there");
  await clock.advance(60_000);
  assert.is((await lines.next()).object.metadata.annotations, undefined, "the next minute's");
  await lines.cancel();
  assert.is(clock.pending, 0);
});

test("reordered: each second event comes before the first; one that nobody overtakes, after a while", async () => {
  const { clock, client, next, lines } = await setUp(reorderWatch(5_000), "&allowWatchBookmarks=true&timeoutSeconds=90");
  assert.equal([await next(), await next()], ["b", "a"]);
  assert.is((await lines.next()).type, "BOOKMARK", "the end of what was there");
  for (const name of ["c", "d", "e"]) await client.post(widgetsPath, widget(name));
  assert.equal([await next(), await next()], ["d", "c"]);
  const third = next();
  await clock.advance(5_000);
  assert.is(await third, "e");
  await clock.advance(54_000);
  await client.post(widgetsPath, widget("f"));
  await clock.advance(1_000);
  assert.is(await next(), "f", "before a bookmark, which says that it has come");
  assert.is((await lines.next()).type, "BOOKMARK");
  await clock.advance(28_000);
  assert.is((await lines.next()).type, "BOOKMARK", "the last one");
  await client.post(widgetsPath, widget("g"));
  await clock.advance(2_000);
  assert.is(await next(), "g", "before the end");
  assert.is(await next(), undefined);
  assert.is(clock.pending, 0);
});

test("a client that leaves leaves nothing behind", async () => {
  for (const fault of [silenceWatch(), delayWatch(1_000), duplicateWatch(), reorderWatch()]) {
    const { clock, lines } = await setUp(fault);
    await clock.settle();
    await lines.cancel();
    await clock.settle();
    assert.is(clock.pending, 0, fault.name);
  }
});

test.run();
