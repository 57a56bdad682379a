import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createFakeCluster,
  deploymentAvailable,
  type FakeCluster,
  jobComplete,
  nodeReady,
  podBound,
  podDeleted,
  podReady,
  podSucceeded,
  type Stage,
  statefulSetReady,
} from "../../src/fake/mod.ts";
import { createVirtualClock, type VirtualClock } from "../../src/runtime/time/clock.ts";
import { type Client, clientOf } from "./client.ts";
import { widgets } from "./widgets.ts";

const core = "/api/v1/namespaces/default";
const maps = `${core}/configmaps`;
const pods = `${core}/pods`;
const container = (name: string) => ({ name, image: `${name}:1` });

interface Scene {
  readonly clock: VirtualClock;
  readonly fake: FakeCluster;
  readonly client: Client;
}
function scene(...stages: readonly Stage[]): Scene {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock, stages, crds: [widgets], seed: 1 });
  return { clock, fake, client: clientOf(fake) };
}
/** Closes the cluster; no timer is left. */
function end({ clock, fake }: Scene) {
  fake.close();
  assert.is(clock.pending, 0, "a timer is left");
}
const marked = (more: Partial<Stage> = {}): Stage => ({
  name: "mark",
  resource: "configmaps",
  patch: { metadata: { labels: { done: "yes" } } },
  ...more,
});

const time = suite("stages: their time");

time("wait on the cluster's clock, and write as any client: watched, by a manager of their own", async () => {
  const all = scene(podReady);
  const { clock, client } = all;
  const watch = await client.watch(`${pods}?watch=1`);
  await client.post(pods, { metadata: { name: "p" }, spec: { containers: [container("a")] } });
  const added = await watch.next();
  await clock.advance(999);
  assert.is((await client.get(`${pods}/p`)).body.status.phase, "Pending");
  await clock.advance(1);
  const { type, object } = await watch.next();
  assert.is(type, "MODIFIED");
  assert.is(object.status.phase, "Running");
  assert.is(object.metadata.generation, added.object.metadata.generation, "a status is no new generation");
  const own = object.metadata.managedFields.find(({ manager }: { manager: string }) => manager === "stages");
  assert.equal([own.operation, own.subresource], ["Update", "status"]);
  assert.is(object.status.startTime, "2026-01-01T00:00:01Z");
  await watch.cancel();
  end(all);
});

time("are over when the object leaves the state, and begin anew when it comes back", async () => {
  const all = scene(marked({ when: "self.data.go == 'yes'", delay: 1000 }));
  const { clock, client } = all;
  const labels = async () => (await client.get(`${maps}/a`)).body.metadata.labels;
  await client.post(maps, { metadata: { name: "a" }, data: { go: "yes" } });
  await clock.advance(600);
  await client.patch(`${maps}/a`, { data: { go: "no" } });
  await clock.advance(600);
  await client.patch(`${maps}/a`, { data: { go: "yes" } });
  await clock.advance(600);
  assert.is(await labels(), undefined);
  await client.patch(`${maps}/a`, { data: { other: "change" } });
  await clock.advance(400);
  assert.equal(await labels(), { done: "yes" }, "another change does not begin it anew");
  end(all);
});

time("happen once for each time that an object comes into the state", async () => {
  const all = scene(marked({ patch: { data: { count: "${string(int(self.?data.?count.orValue('0')) + 1)}" } } }));
  const { clock, client } = all;
  await client.post(maps, { metadata: { name: "a" } });
  await clock.advance(1000);
  await client.patch(`${maps}/a`, { data: { other: "change" } });
  await clock.advance(1000);
  assert.is((await client.get(`${maps}/a`)).body.data.count, "1");
  await client.delete(`${maps}/a`);
  await client.post(maps, { metadata: { name: "a" } });
  await clock.advance(1000);
  assert.is((await client.get(`${maps}/a`)).body.data.count, "1", "another object of the name");
  end(all);
});

time("of an object that is gone do not come to another of its name", async () => {
  const all = scene(marked({ delay: 1000 }));
  const { clock, client } = all;
  await client.post(maps, { metadata: { name: "a" } });
  await clock.advance(900);
  await client.delete(`${maps}/a`);
  await client.post(maps, { metadata: { name: "a" } });
  await clock.advance(900);
  assert.is((await client.get(`${maps}/a`)).body.metadata.labels, undefined);
  end(all);
});

time("are drawn between two bounds, the same with the same seed", async () => {
  const moments = async () => {
    const clock = createVirtualClock();
    const fake = createFakeCluster({ clock, seed: 7, stages: [marked({ delay: [1000, 3000] })] });
    const found: number[] = [];
    fake.follow("configmaps", ({ type }) => type === "MODIFIED" && found.push(clock.now() - Date.UTC(2026, 0, 1)));
    for (let at = 0; at < 20; at++) await clientOf(fake).post(maps, { metadata: { name: `a${at}` } });
    await clock.advance(3000);
    fake.close();
    return found;
  };
  const found = await moments();
  assert.is(found.length, 20);
  assert.ok(found.every((each) => each >= 1000 && each <= 3000) && new Set(found).size > 10, found.join());
  assert.equal(await moments(), found);
});

time("may be longer than a timer can wait", async () => {
  const all = scene(marked({ delay: 40 * 86_400_000 }));
  await all.client.post(maps, { metadata: { name: "a" } });
  await all.clock.leap(39 * 86_400_000);
  assert.is((await all.client.get(`${maps}/a`)).body.metadata.labels, undefined);
  await all.clock.leap(86_400_000);
  assert.equal((await all.client.get(`${maps}/a`)).body.metadata.labels, { done: "yes" });
  end(all);
});

time("come to what is there from the start, and begin anew after a restore", async () => {
  const clock = createVirtualClock();
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } };
  const fake = createFakeCluster({
    clock,
    stages: [marked({ delay: 1000, when: "!has(self.metadata.labels)" })],
    objects: [object],
  });
  const labels = async () => (await clientOf(fake).get(`${maps}/a`)).body.metadata.labels;
  const before = fake.snapshot();
  await clock.advance(1000);
  assert.equal(await labels(), { done: "yes" });
  fake.restore(before);
  assert.is(await labels(), undefined);
  await clock.advance(1000);
  assert.equal(await labels(), { done: "yes" });
  end({ clock, fake, client: clientOf(fake) });
});
time.run();

const effects = suite("stages: what they do");

effects("patch custom resources by their status, where they have one, with expressions", async () => {
  const all = scene({
    name: "widget-ready",
    resource: "widgets",
    when: "self.?status.?phase.orValue('') != 'Ready'",
    status: { phase: "Ready", text: "size ${self.spec.size} of ${self.metadata.name} {}", absent: "${self.spec.?nope}" },
  });
  const { clock, client } = all;
  const path = "/apis/example.com/v1/namespaces/default/widgets";
  const created = await client.post(path, {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { name: "w" },
    spec: { size: 3 },
  });
  assert.is(created.status, 201, created.text);
  await clock.advance(0);
  const { status } = (await client.get(`${path}/w`)).body;
  assert.is(status.phase, "Ready");
  assert.not("absent" in status);
  end(all);
});

effects("see what those before them have made: a patch, a status, an event, the end", async () => {
  const all = scene({
    name: "all",
    resource: "pods",
    labels: { go: "yes" },
    bind: "n1",
    patch: { metadata: { annotations: { node: "${self.spec.nodeName}" } } },
    status: { message: "on ${self.metadata.annotations.node}" },
    event: { type: "Warning", reason: "Done", message: "${self.status.message}: ${self.metadata.labels}" },
    delete: true,
  });
  const { clock, client } = all;
  const spec = { containers: [container("a")] };
  const watch = await client.watch(`${pods}?watch=1&labelSelector=go=yes`);
  await client.post(pods, { metadata: { name: "no", labels: { go: "no" } }, spec });
  await client.post(pods, { metadata: { name: "yes", labels: { go: "yes" } }, spec });
  await clock.advance(0);
  assert.equal((await client.get(pods)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name), ["no"]);
  const types = [];
  for (let at = 0; at < 5; at++) types.push((await watch.next()).type);
  assert.equal(types, ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]);
  await watch.cancel();
  const [event] = (await client.get(`${core}/events`)).body.items;
  assert.equal([event.type, event.reason, event.message], ["Warning", "Done", 'on n1: {"go":"yes"}']);
  assert.equal([event.involvedObject.name, event.source.component], ["yes", "stages"]);
  end(all);
});

effects("are in no journal, and no fault hits them", async () => {
  const all = scene(marked());
  await all.client.post(maps, { metadata: { name: "a" } });
  await all.clock.advance(0);
  assert.equal(all.fake.requests.lines(), ["create configmaps default 201"]);
  end(all);
});

effects("take off the last finalizer", async () => {
  const all = scene({
    name: "release",
    resource: "configmaps",
    when: "has(self.metadata.deletionTimestamp)",
    delay: 100,
    patch: { metadata: { finalizers: null } },
  });
  const { clock, client } = all;
  await client.post(maps, { metadata: { name: "a", finalizers: ["example.com/x"] } });
  await client.delete(`${maps}/a`);
  assert.is((await client.get(`${maps}/a`)).status, 200);
  await clock.advance(100);
  assert.is((await client.get(`${maps}/a`)).status, 404);
  end(all);
});
effects.run();

const usual = suite("stages: the usual ones");
const apps = "/apis/apps/v1/namespaces/default";
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [container("a")] } };
const selector = { matchLabels: { a: "b" } };

usual("a pod is bound, runs, has succeeded", async () => {
  const all = scene(podBound, podReady, podSucceeded);
  const { clock, client } = all;
  const spec = { restartPolicy: "Never", containers: [container("a"), container("b")], initContainers: [container("i")] };
  await client.post(pods, { metadata: { name: "p" }, spec });
  await clock.advance(1000);
  const { body: running } = await client.get(`${pods}/p`);
  assert.is(running.spec.nodeName, "node-1");
  assert.equal(running.status.containerStatuses.map(({ name, ready }: Record<string, unknown>) => [name, ready]), [["a", true], [
    "b",
    true,
  ]]);
  assert.is(running.status.initContainerStatuses[0].state.terminated.reason, "Completed");
  const table = await client.get(pods, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
  assert.equal(table.body.rows[0].cells.slice(0, 3), ["p", "2/2", "Running"]);
  await clock.advance(1000);
  const { status } = (await client.get(`${pods}/p`)).body;
  assert.is(status.phase, "Succeeded");
  assert.equal(status.containerStatuses[0].state.terminated.startedAt, "2026-01-01T00:00:01Z");
  end(all);
});

usual("a pod on a node is gone when its time is over", async () => {
  const all = scene(podDeleted);
  const { clock, client } = all;
  await client.post(pods, {
    metadata: { name: "p" },
    spec: { nodeName: "n", terminationGracePeriodSeconds: 10, containers: [container("a")] },
  });
  await client.delete(`${pods}/p`);
  await clock.advance(9_000);
  assert.is((await client.get(`${pods}/p`)).status, 200);
  await clock.advance(1_000);
  assert.is((await client.get(`${pods}/p`)).status, 404);
  end(all);
});

usual("a job is complete, unless it is suspended", async () => {
  const all = scene(jobComplete);
  const { clock, client } = all;
  const jobs = "/apis/batch/v1/namespaces/default/jobs";
  const spec = { completions: 3, template: { spec: { ...template.spec, restartPolicy: "Never" } } };
  await client.post(jobs, { metadata: { name: "j" }, spec });
  await client.post(jobs, { metadata: { name: "s" }, spec: { ...spec, suspend: true } });
  await clock.advance(1000);
  const { status } = (await client.get(`${jobs}/j`)).body;
  assert.equal([status.succeeded, status.completionTime], [3, "2026-01-01T00:00:01Z"]);
  assert.equal(status.conditions.map(({ type }: { type: string }) => type), ["SuccessCriteriaMet", "Complete"]);
  assert.equal((await client.get(`${jobs}/s`)).body.status, {});
  await clock.advance(60_000);
  end(all);
});

usual("a deployment is available after each change, and so is a stateful set", async () => {
  const all = scene(deploymentAvailable, statefulSetReady);
  const { clock, client } = all;
  for (const plural of ["deployments", "statefulsets"]) {
    const path = `${apps}/${plural}`;
    await client.post(path, { metadata: { name: "d" }, spec: { replicas: 2, serviceName: "s", selector, template } });
    await clock.advance(1000);
    assert.is((await client.get(`${path}/d`)).body.status.availableReplicas, 2, plural);
    await client.patch(`${path}/d`, { spec: { replicas: 5 } });
    await clock.advance(999);
    assert.is((await client.get(`${path}/d`)).body.status.availableReplicas, 2, plural);
    await clock.advance(1);
    const { status, metadata } = (await client.get(`${path}/d`)).body;
    assert.equal([status.availableReplicas, status.observedGeneration, metadata.generation], [5, 2, 2], plural);
  }
  end(all);
});

usual("a node is ready", async () => {
  const all = scene(nodeReady);
  await all.client.post("/api/v1/nodes", { metadata: { name: "n" } });
  await all.clock.advance(0);
  const table = await all.client.get("/api/v1/nodes", { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
  assert.equal(table.body.rows[0].cells.slice(0, 2), ["n", "Ready"]);
  end(all);
});
usual.run();

const wrong = suite("stages: what is wrong with them");
const cases: readonly (readonly [unknown, string])[] = [
  [5, "Cannot use 5 as a stage: expected an object, such as podReady"],
  [{ resource: "pods" }, "Cannot use a stage: name is undefined, expected a text"],
  [
    marked({ resource: "" }),
    'Cannot use the stage "mark": resource is "", expected a plural, as in "pods" or "widgets.example.com"',
  ],
  [
    { ...marked(), next: {} },
    'Cannot use the stage "mark": it has a member "next", expected name, resource, labels, when, delay, bind, patch, status, event, delete',
  ],
  [
    marked({ delay: -1 }),
    'Cannot use the stage "mark": delay is -1, expected milliseconds, [least, most] milliseconds, or an expression in CEL',
  ],
  [
    marked({ delay: [5, 1] }),
    'Cannot use the stage "mark": delay is [5,1], expected milliseconds, [least, most] milliseconds, or an expression in CEL',
  ],
  [
    { name: "a", resource: "pods" },
    'Cannot use the stage "a": it does nothing, expected one of bind, patch, status, event, delete',
  ],
  [
    { ...marked(), event: { reason: "A" } },
    'Cannot use the stage "mark": event.message is undefined, expected a text',
  ],
  [marked({ when: "'a'" }), `Cannot use the stage "mark": the expression "'a'" gives string, expected bool`],
  [
    marked({ patch: { a: ["${self"] } }),
    'Cannot use the stage "mark": the text "${self": an expression is not closed, expected ${...}',
  ],
];
wrong("is said at once, with the remedy", () => {
  for (const [stage, message] of cases) {
    try {
      createFakeCluster({ stages: [stage as Stage] }).close();
      assert.unreachable(message);
    } catch (error) {
      assert.is((error as Error).message, message);
    }
  }
  assert.throws(
    () => createFakeCluster({ stages: [marked({ when: "self." })] }),
    /^Cannot use the stage "mark": the expression "self\.": .*Syntax error/s,
  );
});

wrong("is thrown by the clock when it shows later only", async () => {
  const all = scene(marked({ patch: { data: { a: 5 } } }));
  await all.client.post(maps, { metadata: { name: "a" } });
  try {
    await all.clock.advance(0);
    assert.unreachable("nobody was told");
  } catch (error) {
    assert.match(
      (error as Error).message,
      /^The stage "mark" fails for configmaps "default\/a": .*cannot convert int64 to string$/,
    );
  }
  end(all);
});

wrong("is told to whoever wants to know, and the write that it follows is answered as ever", async () => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const stages = [marked({ when: "self.data.nope" })];
  const fake = createFakeCluster({ clock, stages, stageFailed: ({ message }) => void told.push(message) });
  assert.is((await clientOf(fake).post(maps, { metadata: { name: "a" }, data: {} })).status, 201);
  assert.equal(told, ['The stage "mark" fails for configmaps "default/a": the expression "self.data.nope": no such key: data']);
  fake.close();
});
wrong.run();
