import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { clientOf } from "./client.ts";

const core = "/api/v1/namespaces/default";
const maps = `${core}/configmaps`;
interface Owner {
  readonly name: string;
  readonly uid: string;
}
const ownedBy = (...owners: readonly Owner[]) => owners.map((owner) => ({ apiVersion: "v1", kind: "ConfigMap", ...owner }));

const test = suite("the garbage collector in the background");

async function scene() {
  const clock = createVirtualClock();
  const fake: FakeCluster = createFakeCluster({ clock });
  const client = clientOf(fake);
  const make = async (name: string, ...owners: readonly Owner[]): Promise<Owner> => {
    const { body } = await client.post(maps, { metadata: { name, ownerReferences: ownedBy(...owners) } });
    return { name, uid: body.metadata.uid };
  };
  const status = async (name: string) => (await client.get(`${maps}/${name}`)).status;
  return { clock, fake, client, make, status };
}

test("deletes what was owned, and what that owned, a moment later", async () => {
  const { clock, fake, client, make, status } = await scene();
  const owner = await make("owner");
  const child = await make("child", owner);
  await make("grandchild", child);
  await client.delete(`${maps}/owner`);
  assert.equal([await status("child"), await status("grandchild")], [200, 200]);
  await clock.advance(10);
  assert.equal([await status("child"), await status("grandchild")], [404, 404]);
  fake.close();
});

test("takes one of two owners away, and leaves the object", async () => {
  const { clock, fake, client, make } = await scene();
  const [one, two] = [await make("one"), await make("two")];
  await make("child", one, two);
  await client.delete(`${maps}/one`);
  await clock.advance(10);
  const { body } = await client.get(`${maps}/child`);
  assert.equal(body.metadata.ownerReferences, ownedBy(two));
  fake.close();
});

test("deletes what is written with an owner that is nowhere, whose kind it knows", async () => {
  const { clock, fake, client, make, status } = await scene();
  await make("stranger", { name: "nobody", uid: "u" });
  const unknown = { apiVersion: "example.com/v9", kind: "Nope", name: "x", uid: "u" };
  await client.post(maps, { metadata: { name: "odd", ownerReferences: [unknown] } });
  await clock.advance(1000);
  assert.equal([await status("stranger"), await status("odd")], [404, 200]);
  fake.close();
});

test("leaves what was there from the start until an owner is deleted", async () => {
  const clock = createVirtualClock();
  const map = (name: string, ...owners: readonly Owner[]) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", uid: `uid-${name}`, ownerReferences: ownedBy(...owners) },
  });
  const owner = { name: "owner", uid: "uid-owner" };
  const fake = createFakeCluster({
    clock,
    objects: [map("lonely", { name: "elsewhere", uid: "u" }), map("owner"), map("child", owner)],
  });
  const client = clientOf(fake);
  await client.post(maps, { metadata: { name: "any" } });
  await clock.advance(1000);
  assert.is((await client.get(`${maps}/lonely`)).status, 200);
  await client.delete(`${maps}/owner`);
  await clock.advance(10);
  assert.equal([(await client.get(`${maps}/child`)).status, (await client.get(`${maps}/lonely`)).status], [404, 200]);
  fake.close();
});

test("knows after a restore who owns whom", async () => {
  const { clock, fake, client, make, status } = await scene();
  const owner = await make("owner");
  const snapshot = fake.snapshot();
  await make("child", owner);
  const later = fake.snapshot();
  fake.restore(snapshot);
  fake.restore(later);
  await client.delete(`${maps}/owner`);
  await clock.advance(10);
  assert.is(await status("child"), 404);
  fake.close();
});

test("ends with the cluster", async () => {
  const { clock, fake, client, make } = await scene();
  await make("child", await make("owner"));
  await client.delete(`${maps}/owner`);
  fake.close();
  await clock.advance(1000);
  assert.is((await client.get(`${maps}/child`)).status, 200);
});
test.run();
