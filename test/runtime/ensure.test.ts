import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isConflict } from "../../src/errors.ts";
import type { NewObject, OwnerReference } from "../../src/ports.ts";
import { ensure, type Ensured } from "../../src/runtime/objects/ensure.ts";
import { controllerReference } from "../../src/runtime/objects/owner.ts";
import { updateStatus } from "../../src/runtime/objects/status.ts";
import { CONFIG_MAPS, type ConfigMap, createStory, type Story, WEBSITES } from "../support/websites.ts";

const ensures = suite("runtime: ensure and updateStatus");

interface DesiredMap extends NewObject {
  readonly metadata: NewObject["metadata"] & { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}
const desired = (more: Partial<DesiredMap["metadata"]> = {}, data?: Readonly<Record<string, string>>): DesiredMap => ({
  ...{ apiVersion: "v1", kind: "ConfigMap" },
  metadata: { name: "a", namespace: "web", ...more },
  ...data && { data },
});
const writes = (story: Story) => story.fake.requests.writes({ resource: "configmaps" }).map(({ verb }) => verb);
const make = (story: Story, current: ConfigMap | undefined, wanted: DesiredMap): Promise<Ensured<ConfigMap>> =>
  ensure<ConfigMap, DesiredMap>(story.cluster, CONFIG_MAPS, current, wanted);

ensures("what is missing is created, what is right is left, what differs is changed", async () => {
  const story = createStory();
  const wanted = desired({ labels: { app: "web" }, annotations: { note: "x/y~z" } }, { title: "one" });
  const first = await make(story, undefined, wanted);
  assert.is(first.result, "created");
  const second = await make(story, first.object, wanted);
  assert.equal([second.result, second.object], ["unchanged", first.object]);
  const third = await make(story, first.object, desired({}, { title: "two" }));
  assert.is(third.result, "updated");
  assert.equal(third.object.data, { title: "two" });
  assert.equal(third.object.metadata.labels, { app: "web" });
  assert.equal(writes(story), ["create", "patch"]);
});

ensures("a member is made so as a whole, labels and annotations one by one, and what others wrote is left alone", async () => {
  const story = createStory();
  const { object } = await make(story, undefined, desired({ labels: { a: "1", "example.com/b": "2" } }, { x: "1", y: "2" }));
  const next = await make(story, object, desired({ labels: { "example.com/b": "3" }, annotations: { c: "4" } }, { x: "1" }));
  assert.equal(next.object.data, { x: "1" });
  assert.equal(next.object.metadata.labels, { a: "1", "example.com/b": "3" });
  assert.equal(next.object.metadata.annotations, { c: "4" });
  const gone = await make(story, next.object, { ...desired(), data: undefined });
  assert.is(gone.object.data, undefined);
});

ensures("owners are added to those that there are, and one that controls it is not pushed aside", async () => {
  const story = createStory();
  const [site, other] = [await story.create("site"), await story.create("other")];
  const { object } = await make(story, undefined, desired());
  const adopted = await make(story, object, desired({ ownerReferences: [controllerReference(site)] }));
  const plain = { ...controllerReference(other), controller: false };
  const both = await make(story, adopted.object, desired({ ownerReferences: [plain] }));
  const uids = (references: readonly OwnerReference[] = []) => references.map(({ uid }) => uid);
  assert.equal(uids(both.object.metadata.ownerReferences), [site.metadata.uid, other.metadata.uid]);
  const again = await make(story, both.object, desired({ ownerReferences: [controllerReference(site)] }));
  assert.is(again.result, "unchanged");
  let refusal = "";
  await make(story, both.object, desired({ ownerReferences: [controllerReference(other)] })).catch(({ message }) =>
    refusal = message
  );
  assert.is(refusal, 'Cannot change configmaps "web/a": it is controlled by Website "site"');
});

ensures("what is there although the cache does not show it is taken over by its newest version", async () => {
  const story = createStory();
  await make(story, undefined, desired({}, { title: "old" }));
  const { object, result } = await make(story, undefined, desired({}, { title: "new" }));
  assert.equal([result, object.data], ["updated", { title: "new" }]);
});

ensures("a copy that is out of date is not written over: a conflict", async () => {
  const story = createStory();
  const { object } = await make(story, undefined, desired({}, { title: "one" }));
  await make(story, object, desired({}, { title: "two" }));
  let thrown: unknown;
  await make(story, object, desired({}, { title: "three" })).catch((error) => thrown = error);
  assert.ok(isConflict(thrown));
  assert.equal((await story.configMaps())[0]!.data, { title: "two" });
});

ensures("what is being deleted is left alone", async () => {
  const story = createStory();
  const { object } = await make(story, undefined, desired({ finalizers: ["example.com/hold"] }, { title: "one" }));
  await story.cluster.delete(CONFIG_MAPS, { namespace: "web", name: "a" });
  const [current] = await story.configMaps();
  assert.is((await make(story, current, desired({}, { title: "two" }))).result, "unchanged");
  assert.ok(object.metadata.uid);
});

ensures("an object keeps its name", async () => {
  const story = createStory();
  const { object } = await make(story, undefined, desired());
  let message = "";
  await make(story, object, desired({ name: "b" })).catch((error) => message = error.message);
  assert.is(message, 'Cannot make configmaps "web/a" into "web/b": an object keeps its name');
});

ensures("digits that JavaScript would change stay as they are", async () => {
  const story = createStory();
  const site = await story.create("a");
  const path = "/apis/example.com/v1/namespaces/web/websites/a/status";
  const headers = { "content-type": "application/merge-patch+json" };
  const body = '{"status":{"observedGeneration":9007199254740991}}';
  await story.fake.fetch(new Request(`http://cluster.invalid${path}`, { method: "PATCH", headers, body }));
  const current = await story.get("a");
  const wanted = {
    ...{ apiVersion: "example.com/v1", kind: "Website" },
    metadata: { name: "a", namespace: "web", labels: { a: "b" } },
  };
  await ensure(story.cluster, WEBSITES, current, wanted);
  const [sent] = story.fake.requests.matching({ verb: "patch", resource: "websites", name: "a" }).slice(-1);
  assert.not.match(JSON.stringify(sent!.body), /900719925474099/);
  assert.ok(site);
});

ensures("a status is written by its subresource, member by member, and only where it differs", async () => {
  const story = createStory();
  const site = await story.create("a");
  const first = await updateStatus(story.cluster, WEBSITES, site, { observedGeneration: 1 });
  assert.equal(first.status, { observedGeneration: 1 });
  const condition = {
    type: "Ready",
    status: "True",
    reason: "Done",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  } as const;
  const second = await updateStatus(story.cluster, WEBSITES, first, { conditions: [condition] });
  assert.equal(second.status, { observedGeneration: 1, conditions: [condition] });
  assert.is(
    await updateStatus(story.cluster, WEBSITES, second, { observedGeneration: 1, conditions: [{ ...condition }] }),
    second,
  );
  const third = await updateStatus(story.cluster, WEBSITES, second, { observedGeneration: undefined });
  assert.equal(third.status, { conditions: [condition] });
  let thrown: unknown;
  await updateStatus(story.cluster, WEBSITES, site, { observedGeneration: 5 }).catch((error) => thrown = error);
  assert.ok(isConflict(thrown));
  assert.ok(story.fake.requests.writes({ verb: "patch" }).every(({ subresource }) => subresource === "status"));
});
ensures.run();
