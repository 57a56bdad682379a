import { suite } from "uvu";
import * as assert from "uvu/assert";
import { delayWatch, type Fault, latency } from "../../src/fake/mod.ts";
import { setCondition } from "../../src/runtime/objects/conditions.ts";
import { controllerReference } from "../../src/runtime/objects/owner.ts";
import type { ReconcileContext } from "../../src/runtime/controller/reconcile.ts";
import { updateStatus } from "../../src/runtime/objects/status.ts";
import { createCountingMetrics } from "../support/counting-metrics.ts";
import { CONFIG_MAPS, createStory, type Story, type Website, WEBSITES } from "../support/websites.ts";

const loops = suite("runtime: hot loops");

/** The mistake: the time of the call in the status, so that each write causes the next one. */
async function stamp({ object, cluster, now }: ReconcileContext<Website>): Promise<void> {
  const lastTransitionTime = new Date(now).toISOString();
  const condition = { type: "Ready", status: "True", reason: "Stamped", message: "", lastTransitionTime } as const;
  await updateStatus(cluster, WEBSITES, object!, { conditions: [condition] });
}

const warnings = (story: Story) => story.logged.filter((line) => /^(warn|error)/.test(line));

/** Lets a call take a while, so that one loop makes about as many rounds as on a real server. */
const after = (story: Story, ms: number) => new Promise<void>((resolve) => story.clock.setTimer(ms, resolve));

loops("row 16: one that causes itself is told of once, with what it changes, and slowed down", async () => {
  const story = createStory();
  const metrics = createCountingMetrics();
  await story.create("a");
  let calls = 0;
  story.run({
    metrics,
    async reconcile(_, context) {
      calls++;
      await after(story, 1_000);
      await stamp(context);
    },
  });
  await story.until(() => warnings(story).length > 0);
  assert.equal(warnings(story), [
    'warn Reconciling "web/a" causes itself: 20 times in 19 s it wrote something and nobody else did, ' +
    'the last time by patch of websites.example.com "web/a", which changed status.conditions[0].lastTransitionTime ' +
    'of Website "web/a"; write only what differs. It is slowed down',
  ]);
  assert.is(metrics.value('crd_watcher_hot_loops_total{controller="websites"}'), 1);
  const before = calls;
  await story.clock.advance(600_000);
  assert.ok(calls - before < 20, `${calls - before} calls in ten minutes`);
  assert.is(warnings(story).length, 1);
  await story.end();
});

loops("row 16: a change by somebody else is reconciled at once, all the same", async () => {
  const story = createStory();
  await story.create("a");
  const seen: string[] = [];
  story.run({
    async reconcile(_, context) {
      seen.push(context.object!.spec.title);
      await after(story, 100);
      await stamp(context);
    },
  });
  await story.until(() => warnings(story).length > 0, 300_000);
  await story.clock.advance(30_000);
  await story.retitle("a", "urgent");
  await story.until(() => seen.at(-1) === "urgent", 500);
  await story.end();
});

loops("row 16: a status that says the same is not written again", async () => {
  const story = createStory();
  await story.create("a");
  let calls = 0;
  const controller = story.run({
    async reconcile(_, { object, cluster, now }) {
      calls++;
      const ready = { type: "Ready", status: "True", reason: "Published" } as const;
      const conditions = setCondition(object!.status?.conditions, ready, now);
      await updateStatus(cluster, WEBSITES, object!, { observedGeneration: object!.metadata.generation, conditions });
    },
  });
  await story.until(() => calls === 2);
  for (let again = 0; again < 30; again++) {
    controller.add("web/a");
    await story.clock.advance(1_000);
  }
  assert.is(calls, 32);
  assert.is(story.fake.requests.writes({ resource: "websites", verb: "patch" }).length, 1);
  assert.equal(warnings(story), []);
  await story.end();
});

const orders: Record<string, [verb: string, fault: Fault][]> = {
  "": [],
  ", though its watch is faster than the answers": [["delete", latency(300, { applied: true })]],
  ", though its watch is slower than the answers": [["watch", delayWatch(300)]],
};
for (const [when, faults] of Object.entries(orders)) {
  loops(`row 16: one that deletes and makes anew what it owns is told of once, and slowed down${when}`, async () => {
    const story = createStory();
    await story.create("a");
    for (const [verb, fault] of faults) {
      story.fake.faults.add({ match: { resource: "configmaps", verb }, times: Infinity, fault });
    }
    let calls = 0;
    story.run({
      owns: [{ resource: CONFIG_MAPS }],
      async reconcile(_, { object, cluster, owned }) {
        calls++;
        await after(story, 500);
        for (const { metadata } of owned(CONFIG_MAPS)) await cluster.delete(CONFIG_MAPS, metadata);
        await cluster.create(CONFIG_MAPS, {
          ...{ apiVersion: "v1", kind: "ConfigMap" },
          metadata: { name: `a-${calls}`, namespace: "web", ownerReferences: [controllerReference(object!)] },
        });
      },
    });
    await story.until(() => warnings(story).length > 0);
    assert.match(
      warnings(story)[0]!,
      /^warn Reconciling "web\/a" causes itself: 20 times in \d+ s .*, the last time by create of configmaps "web\/a-20"; write only/,
    );
    const before = calls;
    await story.clock.advance(600_000);
    assert.ok(calls - before < 20, `${calls - before} calls in ten minutes`);
    assert.is(warnings(story).length, 1);
    await story.end();
  });
}

loops("row 16: what it owns is deleted by somebody else again and again, and made anew at once each time", async () => {
  const story = createStory();
  await story.create("a");
  story.run({
    owns: [{ resource: CONFIG_MAPS }],
    async reconcile(_, { object, cluster, owned }) {
      if (owned(CONFIG_MAPS).length > 0) return;
      await cluster.create(CONFIG_MAPS, {
        ...{ apiVersion: "v1", kind: "ConfigMap" },
        metadata: { name: "a", namespace: "web", ownerReferences: [controllerReference(object!)] },
      });
    },
  });
  for (let time = 0; time < 50; time++) {
    await story.until(async () => (await story.configMaps()).length === 1, 100);
    await story.cluster.delete(CONFIG_MAPS, { name: "a", namespace: "web" });
  }
  assert.equal(warnings(story), []);
  await story.end();
});

loops("row 16: one that asks to be called again at once for ever is told so, and slowed down", async () => {
  const story = createStory();
  await story.create("a");
  let calls = 0;
  story.run({ reconcile: () => (calls++, { requeueAfter: 10 }) });
  await story.until(() => warnings(story).length > 0);
  assert.match(
    warnings(story)[0]!,
    /^warn Reconciling "web\/a" asks to be called again at once, 100 times in 1 s; wait for a change, or for longer. It is slowed/,
  );
  const before = calls;
  await story.clock.advance(600_000);
  assert.ok(calls - before < 20, `${calls - before} calls in ten minutes`);
  await story.end();
});

loops("work that others cause, or that comes every few seconds, is no loop", async () => {
  const story = createStory();
  await story.create("a");
  await story.create("b");
  let calls = 0;
  story.run({
    async reconcile(key, context) {
      calls++;
      await stamp(context);
      if (key === "web/b") return { requeueAfter: 5_000 };
    },
  });
  for (let change = 0; change < 60; change++) {
    await story.retitle("a", `change ${change}`);
    await story.clock.advance(1_000);
  }
  assert.ok(calls > 60);
  assert.equal(warnings(story), []);
  await story.end();
});
loops.run();
