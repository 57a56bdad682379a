import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, createVirtualClock } from "../../src/fake/mod.ts";
import { clientOf } from "./client.ts";

const EVENTS = "/api/v1/namespaces/default/events";
const event = (name: string) => ({
  ...{ apiVersion: "v1", kind: "Event", metadata: { name }, reason: "Started" },
  involvedObject: { kind: "Pod", name: "a", namespace: "default" },
});
const minutes = (count: number) => count * 60_000;

const test = suite("fake: Events that are over");

test("an Event is kept for an hour after it was last written; watches are told that it is gone", async () => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({
    clock,
    objects: [{ ...event("from-the-start"), metadata: { name: "z", namespace: "default" } }],
  });
  const client = clientOf(fake);
  for (const name of ["a", "b"]) await client.post(EVENTS, event(name));
  const lines = await client.watch(
    `${EVENTS}?watch=1&timeoutSeconds=7200&resourceVersion=${(await client.get(EVENTS)).body.metadata.resourceVersion}`,
  );
  const names = async () =>
    (await client.get(EVENTS)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  await clock.advance(minutes(59));
  assert.equal(await names(), ["a", "b", "z"]);
  await client.patch(`${EVENTS}/a`, { count: 2 });
  await clock.advance(minutes(1));
  assert.equal(await names(), ["a"]);
  const told = [await lines.next(), await lines.next(), await lines.next()].map(({ type, object }) =>
    `${type} ${object.metadata.name}`
  );
  assert.equal(told, ["MODIFIED a", "DELETED z", "DELETED b"]);
  await clock.advance(minutes(58));
  assert.equal(await names(), ["a"]);
  const snapshot = fake.snapshot();
  fake.restore(snapshot);
  await clock.advance(minutes(59));
  assert.equal(await names(), ["a"], "what was restored has its whole time again");
  await clock.advance(minutes(1));
  assert.equal(await names(), []);
  assert.is((await client.get(`${EVENTS}/a`)).status, 404);
});

test.run();
