import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, delayWatch, expired, silenceWatch } from "../../src/fake/mod.ts";
import { ensure } from "../../src/runtime/objects/ensure.ts";
import { addFinalizer, withFinalizer } from "../../src/runtime/objects/finalizer.ts";
import { controllerReference } from "../../src/runtime/objects/owner.ts";
import type { ReconcileContext } from "../../src/runtime/controller/reconcile.ts";
import { createCountingMetrics } from "../support/counting-metrics.ts";
import { CONFIG_MAPS, createStory, type Story, type Website, WEBSITES } from "../support/websites.ts";

const reads = suite("runtime: reading one's own writes");

/** Makes a ConfigMap with a name of the server's choosing where there is none yet: a stale cache makes two of it. */
async function makeOne({ object, cluster, owned }: ReconcileContext<Website>): Promise<void> {
  if (!object || owned(CONFIG_MAPS).length > 0) return;
  const metadata = { generateName: "page-", namespace: "web", ownerReferences: [controllerReference(object)] };
  await cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata });
}

/** The title as it was published, in an annotation: written once for each title, if nobody reads an old one. */
async function publish({ object, cluster }: ReconcileContext<Website>): Promise<void> {
  if (!object || object.metadata.annotations?.["published"] === object.spec.title) return;
  await ensure(cluster, WEBSITES, object, {
    ...{ apiVersion: "example.com/v1", kind: "Website" },
    metadata: { name: object.metadata.name, namespace: "web", annotations: { published: object.spec.title } },
  });
}

/** How often a title was published. */
const patches = (story: Story) =>
  story.fake.requests.matching({ verb: "patch", resource: "websites" })
    .filter(({ body }) => JSON.stringify(body).includes("/annotations")).length;

reads("row 12: what was made is not made twice, however late the cache shows it", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "watch", resource: "configmaps" }, times: Infinity, fault: delayWatch(3_000) });
  let calls = 0;
  story.run({ owns: [{ resource: CONFIG_MAPS }], reconcile: (_, context) => (calls++, makeOne(context)) });
  await story.until(() => calls === 1);
  for (let change = 0; change < 5; change++) {
    await story.retitle("a", `title ${change}`);
    await story.clock.advance(300);
  }
  assert.is(calls, 1, "the cache is behind");
  await story.until(() => calls === 2);
  assert.is((await story.configMaps()).length, 1);
  assert.is(story.clock.now() - Date.UTC(2026, 0, 1) < 5_000, true, "as soon as the cache shows it");
  await story.end();
});

reads("row 12: what is gone with its last finalizer is not cleaned up twice, though its watch is behind", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "watch", resource: "websites" }, times: Infinity, fault: delayWatch(3_000) });
  const done: string[] = [];
  const controller = story.run({
    async reconcile(_, { object, cluster }) {
      if (!object) return void done.push("gone");
      const note = (what: string) => async () => void done.push(what);
      const options = { cluster, resource: WEBSITES, object, finalizer: "example.com/cleanup" };
      await withFinalizer({ ...options, apply: note("apply"), cleanup: note("cleanup") });
    },
  });
  await story.until(() => done.length > 0);
  await story.cluster.delete(WEBSITES, { namespace: "web", name: "a" });
  await story.until(() => done.includes("cleanup"));
  // What it owned is collected, say: the answer that the finalizer is off named no newer version.
  controller.add("web/a");
  await story.until(() => done.includes("gone"), 4_000);
  assert.equal(done.filter((what) => what !== "apply"), ["cleanup", "gone"]);
  assert.equal(story.fake.requests.matching({ verb: "get" }), [], "the watch has shown it, the server is not asked");
  await story.end();
});

reads("row 12: what was deleted is not deleted twice, though its watch is behind", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "watch", resource: "configmaps" }, times: Infinity, fault: delayWatch(3_000) });
  let calls = 0;
  const controller = story.run({
    owns: [{ resource: CONFIG_MAPS }],
    async reconcile(_, context) {
      calls++;
      const [page] = context.owned(CONFIG_MAPS);
      if (!page) return calls === 1 ? await makeOne(context) : undefined;
      await context.cluster.delete(CONFIG_MAPS, { namespace: "web", name: page.metadata.name });
    },
  });
  await story.until(() => calls === 2); // made, seen, deleted
  controller.add("web/a");
  await story.clock.advance(1_000);
  assert.is(calls, 2, "the cache is behind");
  await story.until(() => calls > 2);
  assert.is(story.fake.requests.matching({ verb: "delete", resource: "configmaps" }).length, 1);
  await story.end();
});

reads("row 14: a deletion that its silent watch does not show holds no key up for longer than 5 s", async () => {
  const story = createStory();
  await story.create("a");
  let calls = 0;
  const controller = story.run({
    async reconcile(_, { object, cluster }) {
      if (object) calls++;
      if (object) await cluster.delete(WEBSITES, { namespace: "web", name: "a" });
      else calls += 100;
    },
  });
  story.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: silenceWatch() });
  await story.until(() => calls === 1);
  controller.add("web/a");
  await story.clock.advance(4_900);
  assert.is(calls, 1);
  await story.until(() => calls > 1, 1_000);
  assert.is(calls, 101, "although the cache still shows it");
  controller.add("web/a");
  await story.until(() => calls === 201, 1_000);
  await story.end();
});

reads("row 14: what is deleted once more while it waits for its finalizers holds no key up", async () => {
  const story = createStory();
  await addFinalizer(story.cluster, WEBSITES, await story.create("a"), "example.com/other");
  const deleting: boolean[] = [];
  story.run({
    async reconcile(_, { object, cluster }) {
      if (!object) return;
      deleting.push(object.metadata.deletionTimestamp !== undefined);
      await cluster.delete(WEBSITES, { namespace: "web", name: "a" });
      if (deleting.length < 3) return { requeueAfter: 10 };
    },
  });
  await story.until(() => deleting.length === 3, 100);
  assert.equal(deleting, [false, true, true]);
  await story.end();
});

reads("row 12: a key waits for its own writes only", async () => {
  const story = createStory();
  await story.create("a");
  await story.create("b");
  story.fake.faults.add({ match: { verb: "watch", resource: "configmaps" }, times: Infinity, fault: delayWatch(3_000) });
  const seen: string[] = [];
  story.run({
    owns: [{ resource: CONFIG_MAPS }],
    reconcile: (key, context) => (seen.push(key), key === "web/a" ? makeOne(context) : undefined),
  });
  await story.until(() => seen.length === 2);
  await story.retitle("a", "new");
  await story.retitle("b", "new");
  await story.clock.advance(1_000);
  assert.equal(seen.slice(2), ["web/b"]);
  await story.end();
});

reads("row 12: what was seen elsewhere than in the cache counts, too", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "watch", resource: "websites" }, times: Infinity, fault: delayWatch(3_000) });
  const seen: string[] = [];
  const controller = story.run({
    async reconcile(_, { object, saw }) {
      seen.push(object!.spec.title);
      if (seen.length === 1) saw(await story.retitle("a", "new"));
    },
  });
  await story.until(() => seen.length === 1);
  controller.add("web/a");
  await story.clock.advance(1_000);
  assert.equal(seen, ["a"]);
  await story.until(() => seen.length === 2);
  assert.equal(seen, ["a", "new"]);
  await story.end();
});

reads("row 13: a change by somebody else is reconciled, though one's own write hides it", async () => {
  const story = createStory();
  await story.create("a", "one");
  story.fake.faults.add({ match: { verb: "watch", resource: "websites" }, times: Infinity, fault: delayWatch(1_000) });
  const seen: string[] = [];
  story.run({
    async reconcile(_, { object, cluster }) {
      seen.push(object!.spec.title);
      if (seen.length > 1) return;
      // Somebody writes, and then this does, without a condition: both events come later, below and at the written version.
      await story.retitle("a", "two");
      const annotations = [{ op: "add", path: "/metadata/annotations", value: { seen: "one" } }] as const;
      await cluster.patch(WEBSITES, { namespace: "web", name: "a" }, annotations);
    },
  });
  await story.until(() => seen.length === 2);
  assert.equal(seen, ["one", "two"]);
  await story.end();
});

reads("row 14: a watch that has gone silent holds no key up for longer than 5 s; then the server is asked", async () => {
  const story = createStory();
  const metrics = createCountingMetrics();
  await story.create("a", "one");
  story.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: silenceWatch() });
  const seen: string[] = [];
  const controller = story.run({ metrics, reconcile: (_, context) => (seen.push(context.object!.spec.title), publish(context)) });
  await story.until(() => patches(story) === 1);
  await story.retitle("a", "two"); // which nobody hears of
  controller.add("web/a");
  await story.clock.advance(4_900);
  assert.equal(seen, ["one"]);
  await story.clock.advance(200);
  assert.equal(seen, ["one", "two"], "as the server has it");
  assert.is(patches(story), 2);
  assert.is(metrics.value('crd_watcher_stale_lookups_total{controller="websites"}'), 1);
  assert.ok(metrics.value('crd_watcher_stale_reads_total{controller="websites"}')! >= 1);
  await story.end();
});

reads("row 14: what was written and deleted while the watch was silent holds no key up either", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: silenceWatch() });
  const seen: (string | undefined)[] = [];
  const controller = story.run({ reconcile: (_, context) => (seen.push(context.object?.metadata.name), publish(context)) });
  await story.until(() => patches(story) === 1);
  await story.cluster.delete(WEBSITES, { namespace: "web", name: "a" });
  controller.add("web/a");
  await story.until(() => seen.length === 2, 10_000);
  assert.equal(seen, ["a", undefined], "although the cache still shows it");
  await story.end();
});

reads("row 14: a server that cannot be asked is asked again", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: silenceWatch() });
  let calls = 0;
  const controller = story.run({ reconcile: (_, context) => (calls++, publish(context)) });
  await story.until(() => patches(story) === 1);
  story.fake.faults.add({ match: { verb: "get" }, times: 3, fault: cut() });
  controller.add("web/a");
  await story.until(() => calls === 2, 20_000);
  await story.end();
});

reads("row 14: what its caches do not select holds it up once, and is told with the remedy", async () => {
  const story = createStory();
  await story.create("a");
  let calls = 0;
  const controller = story.run({
    owns: [{ resource: CONFIG_MAPS, labelSelector: "app=web" }],
    async reconcile(_, context) {
      if (calls++ === 0) await makeOne(context); // without that label
    },
  });
  await story.until(() => calls === 1);
  controller.add("web/a");
  await story.until(() => calls === 2, 6_000);
  assert.match(
    story.logged.filter((line) => line.startsWith("warn")).join(),
    /What was written to configmaps "web\/page-\w+" did not come back within 5 s: make sure that the selectors .* cover what is written/,
  );
  controller.add("web/a");
  await story.until(() => calls === 3, 100);
  assert.is(story.fake.requests.matching({ verb: "get", resource: "configmaps" }).length, 1, "the server is asked once");
  await story.end();
});

reads("row 14: another namespace than the one that is followed holds nothing up", async () => {
  const story = createStory();
  await story.create("a");
  let calls = 0;
  story.run({
    owns: [{ resource: CONFIG_MAPS }],
    async reconcile(_, { cluster }) {
      if (calls++ > 0) return;
      await cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } });
      return { requeueAfter: 10 };
    },
  });
  await story.until(() => calls === 2, 100);
  await story.end();
});

for (const how of ["bookmark", "list"] as const) {
  reads(`row 14: a ${how} that is new enough shows what no event has shown`, async () => {
    const story = createStory();
    const asked = () => story.fake.requests.matching({ verb: "get", resource: "configmaps" }).length;
    if (how === "list") story.fake.faults.add({ match: { verb: "watch", resource: "configmaps" }, fault: expired() });
    let calls = 0;
    const controller = story.run({
      owns: [{ resource: CONFIG_MAPS, labelSelector: "app=web" }], // which what it makes is not
      reconcile: (_, context) => calls++ === 0 ? makeOne(context) : undefined,
    });
    if (how === "bookmark") {
      // One comes a minute after a watch has begun; the first watch is a short one.
      const watches = () => story.fake.requests.matching({ verb: "watch", resource: "configmaps" });
      await story.until(() => watches().length === 2, 100_000);
      await story.clock.advance(watches()[1]!.time + 57_000 - story.clock.now());
    }
    await story.create("a");
    await story.until(() => calls === 1, 100);
    controller.add("web/a");
    await story.clock.advance(100);
    assert.is(calls, 1);
    await story.until(() => calls === 2, 4_500);
    assert.is(asked(), 0);
    await story.end();
  });
}

reads("row 14: versions that went back with their storage hold nothing up", async () => {
  const story = createStory();
  await story.create("a", "one");
  const before = story.fake.snapshot();
  let calls = 0;
  story.run({ reconcile: (_, context) => (calls++, publish(context)) });
  await story.until(() => patches(story) === 1 && calls === 2);
  for (let change = 0; change < 5; change++) await story.retitle("a", `change ${change}`);
  await story.until(() => calls > 6);
  story.fake.restore(before);
  const [seen, sent] = [calls, patches(story)];
  await story.until(() => calls > seen, 400_000);
  await story.until(() => patches(story) > sent, 10_000);
  assert.is((await story.get("a")).metadata.annotations!["published"], "one");
  await story.end();
});

reads("row 14: a write that a restore of the storage has undone, before any watch showed it, is made once more", async () => {
  const story = createStory();
  await story.create("a", "one");
  // Nobody is shown the write: what is listed after the restore is what the cache has already.
  story.fake.faults.add({ match: { verb: "watch" }, fault: silenceWatch() });
  const before = story.fake.snapshot();
  let calls = 0;
  story.run({ reconcile: (_, context) => (calls++, publish(context)) });
  await story.until(() => patches(story) === 1);
  await story.until(() => calls === 1, 100);
  story.fake.restore(before, { bumpRevision: 1_000_000 });
  assert.is((await story.get("a")).metadata.annotations?.["published"], undefined);
  await story.until(() => patches(story) === 2, 400_000);
  await story.clock.advance(1_000);
  assert.is((await story.get("a")).metadata.annotations!["published"], "one");
  await story.end();
});
reads.run();
