import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { type Client, clientOf } from "./client.ts";

const test = suite("fake: cascading deletion, sizes, order");
const path = "/api/v1/namespaces/default/configmaps";

async function create(client: Client, name: string, owner?: { name: string; uid: string }, finalizers: string[] = []) {
  const ownerReferences = owner ? [{ apiVersion: "v1", kind: "ConfigMap", ...owner, blockOwnerDeletion: true }] : [];
  const { body } = await client.post(path, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ownerReferences, finalizers },
  });
  return { name, uid: body.metadata.uid as string };
}
const names = async (client: Client) =>
  (await client.get(path)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

test("in the foreground: the owner goes after its dependents", async () => {
  const client = clientOf(createFakeCluster());
  const owner = await create(client, "owner");
  await create(client, "child", owner);
  const held = await create(client, "held", owner, ["example.com/hold"]);
  const { body } = await client.delete(`${path}/owner?propagationPolicy=Foreground`);
  assert.equal(body.metadata.finalizers, ["foregroundDeletion"]);
  assert.equal(await names(client), ["held", "owner"]);
  await client.patch(`${path}/${held.name}`, { metadata: { finalizers: null } });
  assert.equal(await names(client), []);
});

test("orphans stay, without their owner", async () => {
  const client = clientOf(createFakeCluster());
  await create(client, "child", await create(client, "owner"));
  const { body } = await client.delete(path + "/owner", { propagationPolicy: "Orphan" });
  assert.equal(body.metadata.finalizers, ["orphan"]);
  assert.equal(await names(client), ["child"]);
  assert.is((await client.get(`${path}/child`)).body.metadata.ownerReferences, undefined);
});

test("a dependent with another owner stays", async () => {
  const client = clientOf(createFakeCluster());
  const [one, two] = [await create(client, "one"), await create(client, "two")];
  const reference = (owner: { name: string; uid: string }) => ({ apiVersion: "v1", kind: "ConfigMap", ...owner });
  const metadata = { name: "child", ownerReferences: [reference(one), reference(two)] };
  await client.post(path, { apiVersion: "v1", kind: "ConfigMap", metadata });
  await client.delete(`${path}/one?propagationPolicy=Foreground`);
  assert.equal((await client.get(`${path}/child`)).body.metadata.ownerReferences, [reference(two)]);
});

test("a namespace tells what holds it", async () => {
  const client = clientOf(createFakeCluster());
  await create(client, "a", undefined, ["example.com/hold"]);
  await client.post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "going" } });
  await client.post("/api/v1/namespaces/going/configmaps", { metadata: { name: "held", finalizers: ["example.com/hold"] } });
  await client.delete("/api/v1/namespaces/going");
  const { status } = (await client.get("/api/v1/namespaces/going")).body;
  assert.equal(status.conditions.slice(3).map(({ message }: { message: string }) => message), [
    "Some resources are remaining: configmaps. has 1 resource instances",
    "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
  ]);
});

test("the limits of sizes are those of bytes", async () => {
  const client = clientOf(createFakeCluster());
  const mega = 1024 * 1024;
  const post = async (kind: string, members: object) => {
    const path = `/api/v1/namespaces/default/${kind.toLowerCase()}s?dryRun=All`;
    return (await client.post(path, { metadata: { name: "big" }, ...members })).status;
  };
  assert.is(await post("ConfigMap", { data: { a: "x".repeat(mega) } }), 201);
  assert.is(await post("ConfigMap", { data: { a: "x".repeat(mega - 1), b: "é" } }), 422);
  assert.is(await post("ConfigMap", { binaryData: { a: btoa("x".repeat(mega)) } }), 201);
  assert.is(await post("ConfigMap", { binaryData: { a: btoa("x".repeat(mega)) }, data: { b: "x" } }), 422);
  assert.is(await post("Secret", { data: { a: btoa("x".repeat(mega)) } }), 201);
  assert.is(await post("Secret", { data: { a: btoa("x".repeat(mega + 1)) } }), 422);
  const annotations = { a: "x".repeat(256 * 1024 - 1) };
  assert.is(await post("ConfigMap", { metadata: { name: "big", annotations } }), 201);
  assert.is(await post("ConfigMap", { metadata: { name: "big", annotations: { ...annotations, b: "" } } }), 422);
});

test("keys that look like numbers are in alphabetic order", async () => {
  const client = clientOf(createFakeCluster());
  await client.post(path, { metadata: { name: "a" }, data: { b: "1", 10: "2", 2: "3" } });
  assert.match((await client.get(`${path}/a`)).text, /"data":\{"10":"2","2":"3","b":"1"\}/);
});
test.run();
