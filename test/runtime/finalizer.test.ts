import { suite } from "uvu";
import * as assert from "uvu/assert";
import { conflict, loseAnswer } from "../../src/fake/mod.ts";
import { addFinalizer, hasFinalizer, removeFinalizer, withFinalizer } from "../../src/runtime/objects/finalizer.ts";
import { createStory, type Story, type Website, WEBSITES } from "../support/websites.ts";

const finalizers = suite("runtime: finalizers");
const finalizer = "example.com/cleanup";

/** Runs a controller that notes what is applied and cleaned up. */
function arrange(story: Story, failures: { apply?: number; cleanup?: number } = {}) {
  const done: string[] = [];
  const act = (what: "apply" | "cleanup") => async (site: Website) => {
    assert.ok(hasFinalizer(site, finalizer));
    done.push(what);
    if ((failures[what] ?? 0) > 0) {
      failures[what]!--;
      throw new Error("not yet");
    }
  };
  story.run({
    async reconcile(_, { object, cluster }) {
      if (!object) return;
      await withFinalizer({ cluster, resource: WEBSITES, object, finalizer, apply: act("apply"), cleanup: act("cleanup") });
    },
  });
  return done;
}
const remove = (story: Story) => story.cluster.delete(WEBSITES, { namespace: "web", name: "a" });
const exists = async (story: Story) => (await story.cluster.list(WEBSITES, { namespace: "web" })).items.length > 0;

finalizers("it is on the object before anything is made, and off only after that was undone", async () => {
  const story = createStory();
  await story.create("a");
  const done = arrange(story, { cleanup: 2 });
  await story.until(() => done.length > 0);
  assert.equal((await story.get("a")).metadata.finalizers, [finalizer]);
  await remove(story);
  await story.until(() => done.filter((what) => what === "cleanup").length === 2);
  assert.ok(await exists(story), "it failed twice");
  await story.until(async () => !await exists(story));
  assert.is(done.filter((what) => what === "cleanup").length, 3);
  assert.is(done.at(-1), "cleanup");
  await story.end();
});

finalizers("nothing is undone for an object that was deleted before anything was made", async () => {
  const story = createStory();
  const site = await story.create("a");
  await addFinalizer(story.cluster, WEBSITES, site, "example.com/other");
  await remove(story);
  const done = arrange(story);
  await story.clock.advance(5_000);
  assert.equal(done, []);
  await story.end();
});

finalizers("an answer that was lost, or a conflict, is tried again, and nothing is made before", async () => {
  for (const fault of [loseAnswer(), conflict()]) {
    const story = createStory();
    await story.create("a");
    story.fake.faults.add({ match: { verb: "patch" }, fault });
    const done = arrange(story);
    await story.until(() => done.length > 0);
    assert.equal((await story.get("a")).metadata.finalizers, [finalizer]);
    await remove(story);
    story.fake.faults.add({ match: { verb: "patch" }, fault });
    await story.until(async () => !await exists(story));
    await story.end();
  }
});

finalizers("those of others stay, wherever they stand", async () => {
  const story = createStory();
  let site = await story.create("a");
  for (const name of ["example.com/first", finalizer, "example.com/last"]) {
    site = await addFinalizer(story.cluster, WEBSITES, site, name);
  }
  assert.is(await addFinalizer(story.cluster, WEBSITES, site, finalizer), site);
  await removeFinalizer(story.cluster, WEBSITES, site, finalizer);
  assert.equal((await story.get("a")).metadata.finalizers, ["example.com/first", "example.com/last"]);
  const sent = story.fake.requests.length;
  await removeFinalizer(story.cluster, WEBSITES, await story.get("a"), finalizer);
  assert.is(story.fake.requests.length, sent + 1, "only the get");
});

finalizers("one that is gone meanwhile needs none taken off", async () => {
  const story = createStory();
  const site = await addFinalizer(story.cluster, WEBSITES, await story.create("a"), finalizer);
  await removeFinalizer(story.cluster, WEBSITES, site, finalizer);
  await remove(story);
  await removeFinalizer(story.cluster, WEBSITES, site, finalizer);
});

finalizers("what the server would not take is refused, with the reason", async () => {
  const story = createStory();
  const site = await story.create("a");
  const refusal = (finalizer: string, object: Website) =>
    addFinalizer(story.cluster, WEBSITES, object, finalizer).then(() => "", ({ message }) => message);
  assert.is(
    await refusal("cleanup", site),
    'Cannot add finalizer "cleanup" to websites "web/a": its name is to be a domain and a word, as in example.com/cleanup',
  );
  const dying = { ...site, metadata: { ...site.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
  assert.match(await refusal(finalizer, dying), /it is being deleted$/);
});
finalizers.run();
