import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NoAnswerError } from "../../src/errors.ts";
import { conflict, duplicateWatch, latency, refuse, tooManyRequests } from "../../src/fake/mod.ts";
import type { KubernetesObject } from "../../src/ports.ts";
import { controllerReference } from "../../src/runtime/objects/owner.ts";
import { ensure } from "../../src/runtime/objects/ensure.ts";

import { createCountingMetrics } from "../support/counting-metrics.ts";
import { hostileErrors } from "../support/hostile.ts";
import { CONFIG_MAPS, type ConfigMap, createStory, type Website, WEBSITES } from "../support/websites.ts";

const controllers = suite("runtime: a controller");

const pageOf = (site: Website) => ({
  ...{ apiVersion: "v1", kind: "ConfigMap" },
  metadata: { name: site.metadata.name, namespace: "web", ownerReferences: [controllerReference(site)] },
  data: { title: site.spec.title },
});

controllers("each object is reconciled, and again after its last change, and once more when it is gone", async () => {
  const story = createStory();
  await story.create("a");
  const seen: string[] = [];
  story.run({ reconcile: (key, { object }) => void seen.push(`${key} ${object?.spec.title}`) });
  await story.until(() => seen.length === 1);
  await story.create("b");
  await story.retitle("a", "new");
  await story.until(() => seen.length === 3);
  await story.cluster.delete(WEBSITES, { namespace: "web", name: "b" });
  await story.until(() => seen.length === 4);
  assert.equal(seen, ["web/a a", "web/b b", "web/a new", "web/b undefined"]);
  await story.end();
});

controllers("no key is reconciled twice at a time, and so many keys as it may", async () => {
  const story = createStory();
  for (const name of ["a", "b", "c", "d"]) await story.create(name);
  const gates = new Map<string, () => void>();
  const active = new Set<string>();
  let most = 0;
  story.run({
    concurrency: 3,
    async reconcile(key) {
      assert.not(active.has(key));
      most = Math.max(most, active.add(key).size);
      await new Promise<void>((resolve) => gates.set(key, resolve));
      active.delete(key);
    },
  });
  await story.until(() => gates.size === 3);
  await story.retitle("a", "new");
  await story.clock.advance(1_000);
  assert.is(active.size, 3);
  await story.until(() => {
    gates.forEach((open) => open());
    return gates.size === 4 && active.size === 0;
  });
  assert.is(most, 3);
  await story.end();
});

controllers("row 6: whatever reconcile throws, other keys go on, and it is tried again, later each time", async () => {
  for (const [what, thrown] of [["an error", new Error("no")], ...hostileErrors()] as [string, unknown][]) {
    const story = createStory();
    await story.create("bad");
    await story.create("good");
    const calls: number[] = [];
    let good = 0;
    story.run({
      reconcile(key) {
        if (key === "web/good") return void good++;
        calls.push(story.clock.monotonic());
        throw thrown;
      },
    });
    await story.until(() => calls.length === 4);
    assert.equal(calls.map((at, index) => at - calls[Math.max(0, index - 1)]!), [0, 100, 200, 400], what);
    assert.is(good, 1, what);
    assert.match(
      story.logged.filter((line) => line.startsWith("error")).join("\n"),
      /^error Cannot reconcile, trying again in 100 ms: /,
    );
    await story.end();
  }
});

controllers("row 6: what a mapping, a handler, onError or the log throws loses no event and ends nothing", async () => {
  const story = createStory();
  const seen: string[] = [];
  const refuseAll = () => {
    throw new Error("a mistake");
  };
  story.run({
    log: { ...story.log, error: refuseAll, warn: refuseAll },
    onEvent: refuseAll,
    onError: refuseAll,
    watches: [{ resource: CONFIG_MAPS, map: refuseAll }],
    reconcile(key) {
      seen.push(key);
      if (seen.length < 3) throw new Error("a mistake, too");
    },
  });
  await story.create("a");
  await story.until(() => seen.length === 3);
  await story.create("b");
  await story.until(() => seen.length === 4);
  assert.equal(seen, ["web/a", "web/a", "web/a", "web/b"]);
  await story.end();
});

controllers("a result that is none is an error like any other", async () => {
  const story = createStory();
  await story.create("a");
  const results: unknown[] = [{ requeueAfter: NaN }, { requeueAfter: "soon" }, "done", null, 7];
  let calls = 0;
  story.run({ reconcile: () => results[calls++] as undefined });
  await story.until(() => calls === 3);
  await story.clock.advance(60_000);
  assert.is(calls, 3);
  assert.match(story.logged.join("\n"), /Cannot add "web\/a" after NaN ms: expected a number of milliseconds/);
  await story.end();
});

controllers("row 10: an event that comes twice is reconciled once", async () => {
  const story = createStory();
  const seen: string[] = [];
  story.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault: duplicateWatch() });
  story.run({ reconcile: (_, { object }) => void seen.push(object!.metadata.resourceVersion!) });
  await story.create("a");
  await story.until(() => seen.length === 1);
  await story.retitle("a", "b");
  await story.until(() => seen.length === 2);
  await story.clock.advance(10_000);
  assert.is(new Set(seen).size, 2);
  assert.is(seen.length, 2);
  await story.end();
});

controllers("row 10: after a restart a fresh change need not wait for all that was there before", async () => {
  const story = createStory();
  for (let count = 0; count < 40; count++) await story.create(`old-${count}`);
  const seen: string[] = [];
  story.run({
    async reconcile(key) {
      seen.push(key);
      if (seen.length === 2) {
        await story.create("new");
        await story.clock.settle(); // its event has come
      }
    },
  });
  await story.until(() => seen.length === 41);
  assert.is(seen[2], "web/new");
  await story.end();
});

controllers("what is there is reconciled again and again where that is asked for, behind what is fresh", async () => {
  const story = createStory();
  for (const name of ["a", "b"]) await story.create(name);
  const seen: string[] = [];
  story.run({ resync: 60_000, reconcile: (key) => void seen.push(key) });
  await story.until(() => seen.length === 2);
  await story.clock.advance(59_000);
  assert.is(seen.length, 2);
  await story.until(() => seen.length === 6, 180_000);
  await story.end();
});

controllers("row 17: a conflict is tried again quietly, and is no error", async () => {
  const story = createStory();
  const metrics = createCountingMetrics();
  await story.create("a");
  let calls = 0;
  story.fake.faults.add({ match: { verb: "patch", resource: "websites" }, times: 3, fault: conflict() });
  story.run({
    metrics,
    async reconcile(_, { object, cluster }) {
      calls++;
      if (object!.spec.title === "done") return;
      await cluster.patch(WEBSITES, { namespace: "web", name: "a" }, [{ op: "replace", path: "/spec/title", value: "done" }]);
    },
  });
  await story.until(() => metrics.value('controller_runtime_reconcile_total{controller="websites",result="success"}') === 2);
  assert.equal(story.logged.filter((line) => !line.startsWith("debug")), []);
  assert.is(story.logged.filter((line) => /^debug Cannot reconcile/.test(line)).length, 3);
  assert.is(metrics.value('controller_runtime_reconcile_total{controller="websites",result="requeue"}'), 3);
  assert.is(metrics.value('controller_runtime_reconcile_errors_total{controller="websites"}'), 0);
  assert.is(calls, 5);
  await story.end();
});

controllers("row 17: what was deleted meanwhile is no error; what stays missing is told", async () => {
  const story = createStory();
  await story.create("a");
  const title = [{ op: "replace", path: "/spec/title", value: "new" }] as const;
  let missing = "a";
  story.run({
    async reconcile(_, { object, cluster }) {
      if (object && missing === "a") await story.cluster.delete(WEBSITES, { namespace: "web", name: "a" });
      if (object) await cluster.patch(WEBSITES, { namespace: "web", name: missing }, title);
    },
  });
  await story.clock.advance(10_000);
  assert.equal(story.logged.filter((line) => /^(warn|error)/.test(line)), []);
  missing = "nobody";
  await story.create("b");
  await story.clock.advance(10_000);
  const told = story.logged.filter((line) => /^error/.test(line));
  assert.match(told[0] ?? "", /Cannot reconcile, .*: Cannot patch websites "web\/nobody": .* not found/);
  await story.end();
});

controllers("a server that asks to wait is not asked before", async () => {
  const story = createStory();
  await story.create("a");
  const calls: number[] = [];
  story.fake.faults.add({ match: { verb: "get", resource: "websites" }, fault: tooManyRequests(7) });
  story.run({
    async reconcile(_, { cluster }) {
      calls.push(story.clock.monotonic());
      await cluster.get(WEBSITES, { namespace: "web", name: "a" });
    },
  });
  await story.until(() => calls.length === 2);
  assert.is(calls[1]! - calls[0]!, 7_000);
  await story.end();
});

controllers("a server that is away is told of once, not once for each key", async () => {
  const story = createStory();
  for (const name of ["a", "b", "c"]) await story.create(name);
  let calls = 0;
  let away = true;
  story.run({
    reconcile() {
      calls++;
      if (away) throw new NoAnswerError("Cannot get websites", new Error("connect ECONNREFUSED"));
    },
  });
  await story.until(() => calls > 20);
  assert.is(story.logged.filter((line) => /^(warn|error)/.test(line)).length, 1);
  away = false;
  const before = calls;
  await story.until(() => calls > before + 2);
  await story.end();
});

controllers("a change of what it owns brings the owner, and nobody else's", async () => {
  const story = createStory();
  await story.create("a");
  await story.create("b");
  const seen: string[] = [];
  story.run({
    owns: [{ resource: CONFIG_MAPS }],
    async reconcile(key, { object, cluster, owned }) {
      seen.push(key);
      if (object) await ensure(cluster, CONFIG_MAPS, owned<ConfigMap>(CONFIG_MAPS)[0], pageOf(object));
    },
  });
  await story.until(() => seen.length === 4); // each of them, and again for what it has made
  assert.equal((await story.configMaps()).map(({ data }) => data!.title), ["a", "b"]);
  const other = { apiVersion: "example.com/v1", kind: "Website", name: "a", uid: "of-an-earlier-one", controller: true };
  const free = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "free", namespace: "web" } };
  await story.cluster.create(CONFIG_MAPS, free);
  await story.cluster.create(CONFIG_MAPS, { ...free, metadata: { ...free.metadata, name: "other", ownerReferences: [other] } });
  await story.clock.advance(1_000);
  assert.is(seen.length, 4);
  await story.cluster.delete(CONFIG_MAPS, { namespace: "web", name: "b" });
  await story.until(async () => (await story.configMaps()).some(({ metadata }) => metadata.name === "b"));
  assert.equal(seen.slice(4, 5), ["web/b"]);
  await story.end();
});

controllers("what loses its owner brings the one that it had", async () => {
  const story = createStory();
  await story.create("a");
  const seen: string[] = [];
  story.run({
    owns: [{ resource: CONFIG_MAPS }],
    async reconcile(key, { object, cluster, owned }) {
      seen.push(`${key} owns ${owned(CONFIG_MAPS).length}`);
      if (seen.length === 1) await ensure(cluster, CONFIG_MAPS, undefined, pageOf(object!));
    },
  });
  await story.until(() => seen.length === 2);
  await story.cluster.patch(CONFIG_MAPS, { namespace: "web", name: "a" }, [{ op: "remove", path: "/metadata/ownerReferences" }]);
  await story.until(() => seen.length === 3);
  assert.equal(seen, ["web/a owns 0", "web/a owns 1", "web/a owns 0"]);
  await story.end();
});

controllers("a change of what is mapped brings the keys that it is mapped to, before and after", async () => {
  const story = createStory();
  const seen: string[] = [];
  const map = (settings: ConfigMap) => settings.data?.["for"]?.split(" ").map((name) => `web/${name}`) ?? [];
  story.run({ watches: [{ resource: CONFIG_MAPS, map }], reconcile: (key) => void seen.push(key) });
  const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "s", namespace: "web" }, data: { for: "a b" } };
  const made = await story.cluster.create<ConfigMap>(CONFIG_MAPS, settings);
  await story.until(() => seen.length === 2);
  await story.cluster.replace(CONFIG_MAPS, { ...made, data: { for: "c" } } as KubernetesObject);
  await story.until(() => seen.length === 5);
  assert.equal(seen.sort(), ["web/a", "web/a", "web/b", "web/b", "web/c"]);
  await story.end();
});

controllers("reconcile does not begin before all it reads is known", async () => {
  const story = createStory();
  const site = await story.create("a");
  await story.cluster.create(CONFIG_MAPS, pageOf(site));
  story.fake.faults.add({ match: { verb: "list", resource: "configmaps" }, fault: refuse({ code: 403, message: "not yet" }) });
  let pages = -1;
  story.run({ owns: [{ resource: CONFIG_MAPS }], reconcile: (_, { owned }) => void (pages = owned(CONFIG_MAPS).length) });
  await story.until(() => pages >= 0);
  assert.is(pages, 1);
  await story.end();
});

controllers("a kind that it does not follow is named, with the remedy", async () => {
  const story = createStory();
  await story.create("a");
  story.run({ reconcile: (_, { cacheOf }) => void cacheOf(CONFIG_MAPS) });
  await story.until(() => story.logged.some((line) => line.startsWith("error")));
  assert.match(story.logged.join(), /Controller "websites" does not follow configmaps: name it in "owns" or "watches"/);
  await story.end();
});

controllers("one kind cannot be followed in two ways", () => {
  const story = createStory();
  const reconcile = () => {};
  const twice = [{ resource: CONFIG_MAPS }];
  const elsewhere = [{ resource: CONFIG_MAPS, namespace: "other", map: () => [] }];
  assert.throws(
    () => story.run({ owns: twice, watches: elsewhere, reconcile }),
    /follows configmaps twice, and not in the same way/,
  );
  assert.throws(() => story.run({ concurrency: 1.5, reconcile }), /concurrency is 1.5, expected a whole number from 1/);
  assert.throws(
    () => story.run({ concurrency: 2 ** 32, reconcile }),
    /concurrency is 4294967296, expected a whole number from 1 to 100000$/,
  );
  assert.throws(() => story.run({ grace: NaN, reconcile }), /grace is NaN, expected milliseconds from 0/);
  assert.throws(() => story.run({ resync: 0, reconcile }), /resync is 0, expected milliseconds above 0/);
});

controllers("when it ends nothing more is begun, and what runs is awaited", async () => {
  const story = createStory();
  for (const name of ["a", "b", "c"]) await story.create(name);
  const gate = Promise.withResolvers<void>();
  const ending = new AbortController();
  const seen: string[] = [];
  let aborted = false;
  const controller = story.run({
    signal: ending.signal,
    async reconcile(key, { signal }) {
      seen.push(key);
      signal.addEventListener("abort", () => aborted = true);
      await gate.promise;
    },
  });
  await story.until(() => seen.length === 1);
  ending.abort();
  let over = false;
  controller.finished.then(() => over = true);
  await story.clock.advance(29_000);
  assert.equal([over, aborted, seen.length], [false, false, 1]);
  gate.resolve();
  await story.until(() => over);
  assert.equal([aborted, seen.length], [false, 1]);
  await story.end();
});

controllers("what does not end within the grace is told to, and then left behind", async () => {
  const story = createStory();
  for (const name of ["obeys", "does-not"]) await story.create(name);
  const ending = new AbortController();
  let begun = 0;
  const controller = story.run({
    concurrency: 2,
    grace: 10_000,
    signal: ending.signal,
    async reconcile(key, { signal }) {
      begun++;
      await new Promise((_, reject) => key === "web/obeys" && signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  await story.until(() => begun === 2);
  ending.abort();
  let over = false;
  controller.finished.then(() => over = true);
  await story.clock.advance(14_000);
  assert.not(over);
  await story.clock.advance(2_000);
  assert.ok(over);
  const loud = story.logged.filter((line) => !line.startsWith("debug"));
  assert.equal(loud, ['warn Left 1 calls of reconcile behind ("web/does-not"): they did not heed their signal']);
  await story.end();
});

controllers("one that is ended before its first list begins nothing", async () => {
  const story = createStory();
  await story.create("a");
  story.fake.faults.add({ match: { verb: "list" }, times: Infinity, fault: latency(1_000) });
  let calls = 0;
  const controller = story.run({ reconcile: () => void calls++ });
  await story.clock.advance(500);
  await story.end();
  await controller.finished;
  assert.is(calls, 0);
  let refused = false;
  await controller.synced.catch(() => refused = true);
  assert.ok(refused);
});

controllers("it counts under controller-runtime's names", async () => {
  const story = createStory();
  const metrics = createCountingMetrics();
  await story.create("a");
  const gate = Promise.withResolvers<void>();
  story.run({
    name: "sites",
    metrics,
    concurrency: 5,
    async reconcile(_, { object }) {
      if (object?.spec.title === "a") await gate.promise;
      if (object?.spec.title === "again") return { requeueAfter: 60_000 };
      if (object?.spec.title === "bad") throw new Error("no");
    },
  });
  const value = (name: string) => metrics.value(`controller_runtime_${name}`);
  await story.until(() => value('active_workers{controller="sites"}') === 1);
  assert.is(value('max_concurrent_reconciles{controller="sites"}'), 5);
  assert.is(value('reconcile_total{controller="sites",result="success"}'), 0);
  await story.clock.advance(2_000);
  gate.resolve();
  await story.until(() => value('reconcile_total{controller="sites",result="success"}') === 1);
  assert.equal(metrics.observed('controller_runtime_reconcile_time_seconds{controller="sites"}'), [2]);
  await story.retitle("a", "again");
  await story.until(() => value('reconcile_total{controller="sites",result="requeue_after"}') === 1);
  await story.retitle("a", "bad");
  await story.until(() => value('reconcile_errors_total{controller="sites"}') === 1);
  assert.is(value('reconcile_total{controller="sites",result="error"}'), 1);
  assert.is(metrics.value('workqueue_adds_total{name="sites"}'), 3);
  await story.end();
  assert.is(value('active_workers{controller="sites"}'), undefined);
});
controllers.run();
