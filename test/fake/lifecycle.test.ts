import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: namespaces, CRDs, access");

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

test("a CRD that is posted is established and served", async () => {
  const client = clientOf(createFakeCluster());
  assert.is((await client.get(widgetsPath)).text, "404 page not found\n");
  const created = (await client.post(crds, widgets)).body;
  assert.equal(created.status, { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] });
  const { status } = (await client.get(`${crds}/widgets.example.com`)).body;
  assert.equal(status.conditions.map(({ type, status }: Record<string, string>) => `${type}=${status}`), [
    "NamesAccepted=True",
    "Established=True",
  ]);
  assert.equal((await client.get("/apis/example.com/v1")).body.resources.map(({ name }: { name: string }) => name), [
    "widgets",
    "widgets/status",
  ]);
  assert.is((await client.get(widgetsPath)).status, 200);
});

test("a CRD that goes waits for its objects", async () => {
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  await client.post(widgetsPath, widget("a", { size: 1 }, { finalizers: ["example.com/hold"] }));
  await client.delete(`${crds}/widgets.example.com`);
  assert.is((await client.post(widgetsPath, widget("b"))).status, 403);
  await client.patch(`${widgetsPath}/a`, { metadata: { finalizers: null } });
  assert.is((await client.get(`${crds}/widgets.example.com`)).status, 404);
  assert.is((await client.get(widgetsPath)).status, 404);
});

test("rules that are beyond it are refused, not ignored", async () => {
  const client = clientOf(createFakeCluster());
  const crd = structuredClone(widgets) as { spec: { versions: { schema: { openAPIV3Schema: Record<string, unknown> } }[] } };
  crd.spec.versions[0]!.schema.openAPIV3Schema["x-kubernetes-validations"] = [{
    rule: "google.protobuf.Empty{} == null",
  }];
  const { status, body } = await client.post(crds, crd);
  assert.is(status, 501);
  assert.match(body.message, "x-kubernetes-validations");
  assert.throws(() => createFakeCluster({ crds: [crd] }), /x-kubernetes-validations/);
});

test("a namespace takes its objects along, once their finalizers let go", async () => {
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  const path = "/apis/example.com/v1/namespaces/shop/widgets";
  assert.is((await client.post(path, widget("a"))).body.message, 'namespaces "shop" not found');
  await client.post("/api/v1/namespaces", { metadata: { name: "shop" } });
  await client.post(path, widget("a", { size: 1 }, { finalizers: ["example.com/hold"] }));
  await client.post("/api/v1/namespaces/shop/configmaps", { metadata: { name: "c" } });
  assert.is((await client.delete("/api/v1/namespaces/shop")).body.status.phase, "Terminating");
  assert.is((await client.get("/api/v1/namespaces/shop/configmaps/c")).status, 404);
  const refused = (await client.post(path, widget("b"))).body;
  assert.is(refused.details.causes[0].reason, "NamespaceTerminating");
  await client.patch(`${path}/a`, { metadata: { finalizers: null } });
  assert.is((await client.get("/api/v1/namespaces/shop")).status, 404);
  assert.is((await client.delete("/api/v1/namespaces/default")).status, 403);
});

test("a lease is created by PUT and compared by version", async () => {
  const client = clientOf(createFakeCluster());
  const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
  const lease = { metadata: { name: "l" }, spec: { holderIdentity: "a", renewTime: "2026-01-01T00:00:00.000000Z" } };
  const created = await client.put(path, lease);
  assert.is(created.status, 201);
  assert.is((await client.put(path, lease)).status, 422);
  const next = { ...created.body, spec: { ...created.body.spec, holderIdentity: "b" } };
  assert.is((await client.put(path, next)).status, 200);
  assert.is((await client.put(path, next)).status, 409);
  assert.match(
    (await client.patch(path, { spec: { renewTime: "2026-01-01T00:00:00Z" } })).body.message,
    'cannot parse "Z" as ".000000"',
  );
});

test("tokens: who is who, and who may", async () => {
  const client = clientOf(createFakeCluster({
    tokens: {
      root: { user: "root" },
      alice: { user: "alice", allow: "none" },
      bob: { user: "bob", allow: ({ verb, resource }) => verb === "get" && resource === "configmaps" },
    },
  }));
  const get = (path: string, token?: string) => client.get(path, token ? { authorization: `Bearer ${token}` } : {});
  const path = "/api/v1/namespaces/default/configmaps";
  assert.is((await get(path, "root")).status, 200);
  assert.is((await get(path, "nobody")).body.message, "Unauthorized");
  assert.is(
    (await get(path)).body.message,
    'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"',
  );
  assert.is(
    (await get(`${path}/x`, "alice")).body.message,
    'configmaps "x" is forbidden: User "alice" cannot get resource "configmaps" in API group "" in the namespace "default"',
  );
  assert.is((await get(`${path}/x`, "bob")).status, 404);
  assert.is((await get("/apis")).body.message, 'forbidden: User "system:anonymous" cannot get path "/apis"');
  assert.is((await get("/apis", "alice")).status, 200);
  assert.is((await get("/metrics", "alice")).body.message, 'forbidden: User "alice" cannot get path "/metrics"');
  assert.is((await get("/readyz")).text, "ok");
});

test("discovery in both forms", async () => {
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  const type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const plain = (await client.get("/apis")).body;
  const groups = plain.groups.map(({ name }: { name: string }) => name);
  assert.is(groups.length, 21);
  assert.equal([groups[1], groups.at(-1)], ["apps", "example.com"]);
  const aggregated = await client.get("/apis", { accept: `${type},application/json` });
  assert.is(aggregated.headers.get("content-type"), type);
  assert.is((await client.get("/apis", { accept: type, "if-none-match": aggregated.headers.get("etag")! })).status, 304);
  assert.is(
    (await client.get("/apis", { accept: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList" })).status,
    406,
  );
  assert.is((await client.get("/version")).body.minor, "35");
});

test("OpenAPI: the hash leads to the document", async () => {
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  const { paths } = (await client.get("/openapi/v3")).body;
  const url = paths["apis/example.com/v1"].serverRelativeURL;
  const document = await client.get(url);
  assert.is(document.headers.get("cache-control"), "public, immutable");
  const patch = document.body.paths["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"].patch;
  assert.ok(patch.parameters.some(({ name }: { name: string }) => name === "fieldValidation"));
  assert.is((await client.get("/openapi/v3/apis/example.com/v1?hash=0")).headers.get("location"), url);
});

test.run();
