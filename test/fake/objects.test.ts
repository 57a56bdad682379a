import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: objects");

const setUp = () => {
  const fake = createFakeCluster({ crds: [widgets], clock: createVirtualClock(Date.UTC(2026, 0, 1)), seed: 7 });
  return { fake, client: clientOf(fake) };
};

test("a seed makes everything the same", async () => {
  const [one, two] = await Promise.all(
    [setUp(), setUp()].map(({ client }) => client.post(widgetsPath, { ...widget(""), metadata: { generateName: "w-" } })),
  );
  assert.is(one!.text, two!.text);
  assert.match(one!.body.metadata.name, /^w-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.is(one!.body.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
});

test("generation counts the spec, not the status, the labels or nothing", async () => {
  const { client } = setUp();
  const created = (await client.post(widgetsPath, widget("a"))).body;
  assert.is(created.metadata.generation, 1);
  const labelled = (await client.patch(`${widgetsPath}/a`, { metadata: { labels: { a: "b" } } })).body;
  assert.is(labelled.metadata.generation, 1);
  const grown = (await client.patch(`${widgetsPath}/a`, { spec: { size: 2 } })).body;
  assert.is(grown.metadata.generation, 2);
  const reported = (await client.patch(`${widgetsPath}/a/status`, { status: { phase: "Ready" }, spec: { size: 9 } })).body;
  assert.is(reported.metadata.generation, 2);
  assert.equal([reported.spec.size, reported.status.phase], [2, "Ready"]);
  const kept = (await client.patch(`${widgetsPath}/a`, { status: { phase: "Lost" } })).body;
  assert.is(kept.status.phase, "Ready");
  assert.is(kept.metadata.resourceVersion, reported.metadata.resourceVersion, "a write that changes nothing takes no version");
});

test("a stale write is refused", async () => {
  const { client } = setUp();
  const first = (await client.post(widgetsPath, widget("a"))).body;
  await client.patch(`${widgetsPath}/a`, { spec: { size: 2 } });
  const replaced = await client.put(`${widgetsPath}/a`, first);
  assert.is(replaced.status, 409);
  assert.is(
    replaced.body.message,
    'Operation cannot be fulfilled on widgets.example.com "a": the object has been modified; please apply your changes to the latest version and try again',
  );
  const version = { op: "replace", path: "/metadata/resourceVersion", value: first.metadata.resourceVersion };
  assert.is((await client.patch(`${widgetsPath}/a`, [version], "json")).status, 409);
  assert.is((await client.patch(`${widgetsPath}/a`, [{ op: "test", path: "/spec/size", value: 1 }], "json")).status, 422);
  assert.is((await client.patch(`${widgetsPath}/a`, [{ op: "replace", path: "/metadata/uid", value: "x" }], "json")).status, 422);
});

test("finalizers hold an object that is deleted", async () => {
  const { client } = setUp();
  await client.post(widgetsPath, widget("a", { size: 1 }, { finalizers: ["example.com/hold"] }));
  const deleted = await client.delete(`${widgetsPath}/a`);
  assert.is(deleted.body.metadata.deletionTimestamp, "2026-01-01T00:00:00Z");
  assert.is(
    (await client.post(widgetsPath, widget("a"))).body.message,
    'object is being deleted: widgets.example.com "a" already exists',
  );
  const more = await client.patch(`${widgetsPath}/a`, { metadata: { finalizers: ["example.com/hold", "example.com/more"] } });
  assert.is(more.status, 422);
  assert.is((await client.patch(`${widgetsPath}/a`, { metadata: { finalizers: null } })).status, 200);
  assert.is((await client.get(`${widgetsPath}/a`)).status, 404);
});

test("preconditions of a delete", async () => {
  const { client } = setUp();
  const { metadata } = (await client.post(widgetsPath, widget("a"))).body;
  assert.is((await client.delete(`${widgetsPath}/a`, { preconditions: { uid: "other" } })).status, 409);
  assert.is((await client.delete(`${widgetsPath}/a`, { preconditions: { resourceVersion: "1" } })).status, 409);
  const { uid, resourceVersion } = metadata;
  const deleted = await client.delete(`${widgetsPath}/a`, { preconditions: { uid, resourceVersion } });
  assert.equal(deleted.body.details, { name: "a", group: "example.com", kind: "widgets", uid });
});

test("a dry run changes nothing", async () => {
  const { client } = setUp();
  const created = await client.post(`${widgetsPath}?dryRun=All`, widget("a"));
  assert.is(created.status, 201);
  assert.is(created.body.metadata.resourceVersion, undefined);
  assert.is((await client.get(`${widgetsPath}/a`)).status, 404);
});

test("what is not done is refused with 501", async () => {
  const { client } = setUp();
  const pod = { metadata: { name: "a" }, spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] } };
  await client.post("/api/v1/namespaces/default/pods", pod);
  const refused = [
    await client.get("/api/v1/componentstatuses"),
    await client.get("/api/v1/namespaces/default/pods/a/log"),
    await client.post("/api/v1/namespaces/default/pods/a/portforward", {}),
  ];
  assert.equal(refused.map(({ status }) => status), [501, 501, 501]);
});

test("the journal tells what was asked", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  await client.patch(`${widgetsPath}/a/status`, { status: { phase: "x" } });
  const [patch] = fake.requests.matching({ verb: "patch" });
  assert.is(fake.requests.length, 2);
  assert.equal(
    [patch!.resource, patch!.namespace, patch!.name, patch!.subresource, patch!.status, patch!.contentType],
    ["widgets.example.com", "default", "a", "status", 200, "application/merge-patch+json"],
  );
  assert.equal(patch!.body, { status: { phase: "x" } });
});

test("a fault in a request never escapes as an exception", async () => {
  const { client } = setUp();
  for (const path of ["/%", "/apis//", "/api/v1/namespaces/", "//", "/apis/example.com/v1/namespaces//widgets"]) {
    const { status } = await client.get(path);
    assert.ok(status >= 200 && status < 600, path);
  }
});

test("who takes protobuf before JSON, as kubectl does, is answered in JSON; who takes nothing else hears that there is none", async () => {
  const { fake } = setUp();
  const get = (accept: string) =>
    fake.fetch(new Request("http://fake/api/v1/namespaces/default/configmaps", { headers: { accept } }));
  const answer = await get("application/vnd.kubernetes.protobuf,application/json");
  assert.equal([answer.status, answer.headers.get("content-type")], [200, "application/json"]);
  assert.is((await get("application/vnd.kubernetes.protobuf")).status, 501);
});

test.run();
