import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: watches");

const setUp = (options: { history?: number } = {}) => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: [widgets], clock, ...options });
  return { clock, fake, client: clientOf(fake) };
};

const short = (line: { type: string; object: { metadata: { name: string }; spec?: { size: number } } }) =>
  `${line.type} ${line.object.metadata.name} ${line.object.spec?.size}`;

test("tells what is there, then what happens", async () => {
  const { clock, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const lines = await client.watch(`${widgetsPath}?watch=1`);
  assert.is(short(await lines.next()), "ADDED a 1");
  await client.patch(`${widgetsPath}/a`, { spec: { size: 2 } });
  assert.is(short(await lines.next()), "MODIFIED a 2");
  const list = (await client.get(widgetsPath)).body;
  await client.delete(`${widgetsPath}/a`);
  const deleted = await lines.next();
  assert.is(short(deleted), "DELETED a 2");
  assert.ok(Number(deleted.object.metadata.resourceVersion) > Number(list.metadata.resourceVersion));
  await lines.cancel();
  assert.is(clock.pending, 0, "no timer is left");
});

test("goes on from a version", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const { metadata } = (await client.get(widgetsPath)).body;
  await client.patch(`${widgetsPath}/a`, { spec: { size: 2 } });
  await client.patch(`${widgetsPath}/a`, { spec: { size: 3 } });
  const lines = await client.watch(`${widgetsPath}?watch=1&resourceVersion=${metadata.resourceVersion}`);
  assert.equal([short(await lines.next()), short(await lines.next())], ["MODIFIED a 2", "MODIFIED a 3"]);
  fake.close();
  assert.is(await lines.next(), undefined);
});

test("a version that is forgotten ends the watch with 410", async () => {
  const { client } = setUp({ history: 1 });
  const { metadata } = (await client.get(widgetsPath)).body;
  for (const name of ["a", "b", "c"]) await client.post(widgetsPath, widget(name));
  const lines = await client.watch(`${widgetsPath}?watch=1&resourceVersion=${metadata.resourceVersion}`);
  const { type, object } = await lines.next();
  assert.equal([type, object.code, object.reason], ["ERROR", 410, "Expired"]);
  assert.match(object.message, /^too old resource version: \d+ \(\d+\)$/);
  assert.is(await lines.next(), undefined);
});

test("what stops matching leaves as it was, with the new version", async () => {
  const { client, fake } = setUp();
  await client.post(widgetsPath, widget("a", { size: 1, color: "green" }));
  const lines = await client.watch(`${widgetsPath}?watch=1&fieldSelector=spec.color%3Dgreen`);
  assert.is(short(await lines.next()), "ADDED a 1");
  const changed = (await client.patch(`${widgetsPath}/a`, { spec: { color: "red", size: 2 } })).body;
  const left = await lines.next();
  assert.equal([short(left), left.object.metadata.resourceVersion], ["DELETED a 1", changed.metadata.resourceVersion]);
  await client.patch(`${widgetsPath}/a`, { spec: { size: 3 } });
  await client.patch(`${widgetsPath}/a`, { spec: { color: "green" } });
  assert.is(short(await lines.next()), "ADDED a 3");
  fake.close();
});

test("bookmarks: at the end of the snapshot, every minute, before the timeout", async () => {
  const { clock, client } = setUp();
  await client.post(widgetsPath, widget("a"));
  const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=90";
  const lines = await client.watch(`${widgetsPath}?${query}`);
  assert.is((await lines.next()).type, "ADDED");
  const end = await lines.next();
  assert.equal(end.object.metadata.annotations, { "k8s.io/initial-events-end": "true" });
  await clock.advance(60_000);
  assert.equal(Object.keys((await lines.next()).object.metadata), ["resourceVersion"]);
  await clock.advance(28_000);
  assert.is((await lines.next()).type, "BOOKMARK");
  await clock.advance(2_000);
  assert.is(await lines.next(), undefined);
  assert.is(clock.pending, 0);
});

test("the options are checked before the stream", async () => {
  const { client } = setUp();
  const status = async (query: string) => (await client.get(`${widgetsPath}?watch=1&${query}`)).status;
  assert.is(await status("resourceVersion=abc"), 500);
  assert.is(await status("sendInitialEvents=true"), 422);
  assert.is(await status("resourceVersionMatch=Exact"), 422);
  assert.is(await status("fieldSelector=spec.nope%3D1"), 400);
});

test("a signal ends a watch", async () => {
  const { clock, fake } = setUp();
  const controller = new AbortController();
  const request = new Request(`http://fake${widgetsPath}?watch=1`, { signal: controller.signal });
  const response = await fake.fetch(request);
  assert.is(clock.pending, 1);
  controller.abort();
  assert.is(await response.text(), "");
  assert.is(clock.pending, 0);
});

const versionsOf = (crd: object) => (crd as { spec: { versions: object[] } }).spec.versions;
const crdOfWidgets = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";

test("a watch of a CRD that goes away, changes or comes again ends a second later", async () => {
  const { client, clock } = setUp();
  await client.post(widgetsPath, widget("a"));
  const lines = await client.watch(`${widgetsPath}?watch=1`);
  await lines.next();
  await client.delete(crdOfWidgets);
  assert.is((await lines.next()).type, "DELETED");
  assert.is((await client.get(widgetsPath)).text, "404 page not found\n");
  let ended = false;
  const end = lines.next().then((line: unknown) => ended = line === undefined);
  await clock.advance(900);
  await client.post(crdOfWidgets.slice(0, crdOfWidgets.lastIndexOf("/")), widgets);
  assert.not(ended);
  await clock.advance(100);
  await end;
  assert.ok(ended);
  assert.is(clock.pending, 0, "no timer is left");
});

test("nothing is remembered while an object is stored in a version that is gone", async () => {
  const { client, clock } = setUp();
  await client.post(widgetsPath, widget("a"));
  const [v1] = versionsOf(widgets);
  const versions = [{ ...v1, storage: false }, { ...v1, name: "v7", storage: true }];
  await client.patch(crdOfWidgets, { spec: { versions } });
  await client.patch(`${crdOfWidgets}/status`, { status: { storedVersions: ["v7"] } });
  await client.patch(crdOfWidgets, { spec: { versions: versions.slice(1) } });
  await clock.advance(1000);
  const path = widgetsPath.replace("/v1/", "/v7/");
  const lost = "request to convert CR from an invalid group/version: example.com/v1";
  const remembering = `storage is (re)initializing: failed to list example.com/v7, Kind=Widget: ${lost}`;
  for (const query of ["", "?resourceVersion=0", "?resourceVersion=0&limit=1", "?watch=1", "?watch=1&resourceVersion=1"]) {
    const { status, body, headers } = await client.get(`${path}${query}`);
    assert.equal(
      [status, body.reason, body.message, headers.get("retry-after")],
      [429, "TooManyRequests", remembering, "1"],
      query,
    );
  }
  for (const query of ["?limit=1", "/a"]) {
    const { status, body } = await client.get(`${path.split("?")[0]}${query}`);
    assert.equal([status, body.message], [500, lost], query);
  }
  assert.is((await client.delete(crdOfWidgets)).status, 200);
  const { body } = await client.get(crdOfWidgets);
  const terminating = body.status.conditions.find(({ type }: { type: string }) => type === "Terminating");
  assert.equal([terminating.reason, terminating.message], ["InstanceDeletionFailed", `could not list instances: ${remembering}`]);
});

test("what cannot be read does not keep a namespace from being deleted, but from going", async () => {
  const { client } = setUp();
  await client.post("/api/v1/namespaces", { metadata: { name: "shop" } });
  await client.post(widgetsPath.replace("/default/", "/shop/"), widget("a"));
  const [v1] = versionsOf(widgets);
  const versions = [{ ...v1, storage: false }, { ...v1, name: "v7", storage: true }];
  await client.patch(crdOfWidgets, { spec: { versions } });
  await client.patch(`${crdOfWidgets}/status`, { status: { storedVersions: ["v7"] } });
  await client.patch(crdOfWidgets, { spec: { versions: versions.slice(1) } });
  assert.is((await client.delete("/api/v1/namespaces/shop")).status, 200);
  assert.is((await client.get("/api/v1/namespaces/shop")).body.status.phase, "Terminating");
});

test("the old watch paths work", async () => {
  const { client, fake } = setUp();
  const lines = await client.watch("/api/v1/watch/namespaces/default");
  assert.is((await lines.next()).object.metadata.name, "default");
  fake.close();
});

test("a Table shows its columns once", async () => {
  const { client, fake } = setUp();
  await client.post(widgetsPath, widget("a"));
  await client.post(widgetsPath, widget("b"));
  const lines = await client.watch(`${widgetsPath}?watch=1`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
  const [first, second] = [await lines.next(), await lines.next()];
  assert.equal(first.object.columnDefinitions.map((column: { name: string }) => column.name), ["Name", "Size", "Age"]);
  assert.equal([second.object.columnDefinitions, second.object.rows[0].cells], [null, ["b", 1, "0s"]]);
  fake.close();
});

test("what is to be at least so new is waited for three seconds, no longer than it takes", async () => {
  const { clock, client, fake } = setUp();
  const version = Number((await client.get(widgetsPath)).body.metadata.resourceVersion) + 1;
  const query = `resourceVersionMatch=NotOlderThan&resourceVersion=${version}`;
  const initial = `${widgetsPath}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&${query}`;
  const ask = () => [client.get(`${widgetsPath}?${query}`).then(({ status }) => status), client.watch(initial)] as const;

  let answered = 0;
  const vain = ask();
  for (const each of vain) void each.then(() => answered++);
  await clock.advance(2_999);
  assert.is(answered, 0, "not even headers");
  await clock.advance(1);
  const [status, lines] = await Promise.all(vain);
  assert.is(status, 504);
  assert.equal([(await lines.next()).object.code, await lines.next()], [504, undefined]);

  const reached = ask();
  await clock.settle();
  await client.post(widgetsPath, widget("a"));
  const [listed, told] = await Promise.all(reached);
  assert.is(listed, 200);
  assert.equal([(await told.next()).type, (await told.next()).type], ["ADDED", "BOOKMARK"]);
  await told.cancel();
  assert.is(clock.pending, 0, "nothing is waited for any more");
  fake.close();
});

test.run();
