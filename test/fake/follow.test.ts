/** Seeing what a cluster holds without asking it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, loseAnswer } from "../../src/fake/mod.ts";

interface Seen {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly uid: string };
}
const PATH = "http://cluster.invalid/api/v1/namespaces/default/configmaps";
const map = (name: string, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", ...metadata },
});

const following = suite("fake: what it holds can be followed");

following("each change is shown within its write, whatever its client is told, and nothing of it is in the journal", async () => {
  const fake = createFakeCluster({ objects: [map("a")] });
  const seen: string[] = [];
  const end = fake.follow(
    "configmaps",
    ({ type, object }) => void seen.push(`${type} ${(object as Seen).metadata.name} ${fake.requests.length}`),
  );
  assert.equal(seen, ["ADDED a 0"]);
  const send = (method: string, path: string, body?: unknown) =>
    fake.fetch(
      new Request(path, {
        method,
        ...body !== undefined &&
          {
            body: JSON.stringify(body),
            headers: { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" },
          },
      }),
    );
  fake.faults.add({ match: { verb: "create" }, fault: loseAnswer() });
  await send("POST", PATH, map("b")).catch(() => {});
  await send("PATCH", `${PATH}/b`, { data: { x: "1" } });
  await send("PATCH", `${PATH}/b`, { data: { x: "1" } });
  await send("DELETE", `${PATH}/a`);
  assert.equal(seen.slice(1), ["ADDED b 0", "MODIFIED b 1", "DELETED a 3"]);
  end();
  await send("DELETE", `${PATH}/b`);
  assert.is(seen.length, 4);
});

following("after a restore it shows what is there, and what is not there any more", async () => {
  const fake = createFakeCluster({ objects: [map("a")] });
  const then = fake.snapshot();
  const request = { method: "POST", body: JSON.stringify(map("b")), headers: { "content-type": "application/json" } };
  await fake.fetch(new Request(PATH, request));
  const seen: string[] = [];
  fake.follow("configmaps", ({ type, object }) => void seen.push(`${type} ${(object as Seen).metadata.name}`));
  fake.restore(then);
  assert.equal(seen, ["ADDED a", "ADDED b", "DELETED b", "ADDED a"]);
  await fake.fetch(new Request(PATH, request));
  assert.is(seen.at(-1), "ADDED b");
});

following("an object that is there from the start keeps the uid and the time of its creation", async () => {
  const given = { uid: "8c0d9a6e-0000-4000-8000-000000000001", creationTimestamp: "2020-02-02T02:02:02Z", resourceVersion: "77" };
  const fake = createFakeCluster({ objects: [map("a", given), map("b")], clock: undefined });
  const { metadata } = await (await fake.fetch(new Request(`${PATH}/a`))).json();
  assert.equal([metadata.uid, metadata.creationTimestamp, metadata.resourceVersion === "77"], [
    given.uid,
    given.creationTimestamp,
    false,
  ]);
  const other = await (await fake.fetch(new Request(`${PATH}/b`))).json();
  assert.is.not(other.metadata.uid, given.uid);
  const posted = {
    method: "POST",
    body: JSON.stringify(map("c", { ...given, resourceVersion: undefined })),
    headers: { "content-type": "application/json" },
  };
  const made = await (await fake.fetch(new Request(PATH, posted))).json();
  assert.is.not(made.metadata.uid, given.uid, "who creates one does not name its uid");
});

following("rules that may still hit are counted", () => {
  const { faults } = createFakeCluster();
  const handle = faults.add({ fault: loseAnswer(), times: Infinity });
  assert.is(faults.active, 1);
  handle.remove();
  assert.is(faults.active, 0);
});
following.run();
