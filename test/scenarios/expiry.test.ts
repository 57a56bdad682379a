import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, runDirector, runWorker, startFlow } from "../../mod.ts";
import { conflict, refuse } from "../../src/fake/mod.ts";
import { createScenario, type Scenario } from "../support/scenario.ts";

const brief = defineFlow("brief", { start: "do", jobs: { do: {} }, ttl: 60_000 });
const HOUR = 3_600_000;

/** A director of a flow. */
function run(story: Scenario, flow = brief, leaderElect = false) {
  const ending = new AbortController();
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const log = { debug: () => {}, info: say, warn: say, error: say };
  const director = runDirector([flow], { cluster: story.connect(), clock: story.clock, signal: ending.signal, log, leaderElect });
  return { said, end: () => (ending.abort(), story.end([director])) };
}

/** Has a flow done by a worker, which does not stay: its lease would have to be renewed through all the hours of these stories. */
const start = async (story: Scenario, flow = brief, key?: string) => {
  const ending = new AbortController();
  const options = { cluster: story.connect(), clock: story.clock };
  const worker = runWorker(flow, { do: async () => {} }, { ...options, signal: ending.signal });
  const started = await startFlow(flow, { key }, options);
  let over = false;
  started.finished.then(() => over = true, () => {});
  await story.until(() => over);
  ending.abort();
  let ended = false;
  worker.finished.then(() => ended = true, () => {});
  await story.until(() => ended);
  return started;
};

const patch = (story: Scenario, name: string, operations: unknown[]) =>
  story.send(
    "PATCH",
    `/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates/${name}`,
    operations,
    "application/json-patch+json",
  );

const expiry = suite("scenario: finished requests are deleted when their time to live is over");

expiry("not before it, and a hundredth later at the most; the reference's never", async () => {
  const story = createScenario();
  const { end } = run(story);
  await story.send("POST", "/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates", {
    ...{ apiVersion: "com.redhat.ecosystem.sample/v1", kind: "RequestState", metadata: { name: "r-1" } },
    spec: { "request-uid": "r-1", job: "JOB2", state: "COMPLETED", ttlSecondsAfterFinished: 1 },
    status: { completionTime: "2025-01-01T00:00:00Z" },
  });
  await start(story);
  const over = story.clock.now();
  assert.is((await story.requests()).length, 2);
  await story.clock.advance(57_000);
  assert.is((await story.requests()).length, 2);
  await story.until(async () => (await story.requests()).length === 1, 6_000);
  assert.ok(story.clock.now() - over >= 59_000);
  await story.clock.advance(2 * HOUR);
  assert.equal((await story.requests()).map(({ metadata }) => metadata.name), ["r-1"]);
  await end();
});

expiry("those that were finished before the director began, and those of other flows not", async () => {
  const story = createScenario();
  const other = defineFlow("other", { start: "do", jobs: { do: {} }, ttl: 60_000 });
  for (const flow of [brief, other]) await start(story, flow);
  await story.clock.advance(HOUR);
  assert.is((await story.requests()).length, 2);
  const { end } = run(story, brief, true);
  await story.until(async () => (await story.requests()).length === 1, 7_000);
  await story.clock.advance(HOUR);
  assert.equal((await story.requests()).map(({ spec }) => spec.flow), ["other"]);
  await end();
});

expiry("those of other flows that end while it watches are left to their own directors", async () => {
  const story = createScenario();
  const other = defineFlow("other", { start: "do", jobs: { do: {} }, ttl: 60_000 });
  const { end } = run(story);
  await story.clock.advance(10_000);
  await start(story, other);
  await start(story);
  await story.clock.advance(10 * 60_000);
  assert.equal((await story.requests()).map(({ spec }) => spec.flow), ["other"]);
  await end();
});

expiry("one that was made anew under its name is another one", async () => {
  const story = createScenario();
  const { end } = run(story);
  const first = await start(story, brief, "key");
  await story.clock.advance(40_000);
  await story.send(
    "DELETE",
    `/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates/${first.request.metadata.name}`,
  );
  const second = await start(story, brief, "key");
  assert.is(second.request.metadata.name, first.request.metadata.name);
  await story.clock.advance(30_000);
  assert.is((await story.requests()).length, 1);
  await story.until(async () => (await story.requests()).length === 0, 35_000);
  await end();
});

expiry("a time to live that was changed after the end counts: at once or within an hour", async () => {
  const story = createScenario();
  const { end } = run(story);
  const longer = await start(story);
  await patch(story, longer.request.metadata.name, [{ op: "replace", path: "/spec/ttlSecondsAfterFinished", value: 300 }]);
  await story.clock.advance(280_000);
  assert.is((await story.requests()).length, 1);
  await story.until(async () => (await story.requests()).length === 0, 30_000);

  const kept = await start(story);
  await patch(story, kept.request.metadata.name, [{ op: "remove", path: "/spec/ttlSecondsAfterFinished" }]);
  await story.clock.advance(2 * HOUR);
  assert.is((await story.requests()).length, 1);
  await patch(story, kept.request.metadata.name, [{ op: "add", path: "/spec/ttlSecondsAfterFinished", value: 5 }]);
  await story.clock.advance(HOUR + 5_000);
  assert.is((await story.requests()).length, 0);
  await end();
});

expiry("a write between the reading and the deletion, an outage, missing rights: tried again, said once", async () => {
  const story = createScenario();
  const { said, end } = run(story);
  const deletion = { resource: "requeststates", verb: "delete" };
  story.fake.faults.add({ match: deletion, fault: conflict(), times: 2 });
  await start(story);
  await story.until(async () => (await story.requests()).length === 0, 70_000);
  assert.equal(said.filter((line) => line.includes("Cannot")), []);

  const denied = story.fake.faults.add({
    match: deletion,
    times: Infinity,
    fault: refuse({ code: 403, reason: "Forbidden", message: "requeststates is forbidden" }),
  });
  await start(story);
  await story.clock.advance(3.5 * HOUR); // that they are listed meanwhile is no sign that they can be deleted
  assert.is((await story.requests()).length, 1);
  assert.ok(denied.hits > 3 && denied.hits < 500, `${denied.hits} tries`);
  const complaints = said.filter((line) => /Can(not)? .*finished requeststates/.test(line));
  assert.is(complaints.length, 1, complaints.join("\n"));
  assert.match(
    complaints[0]!,
    /^Cannot delete finished requeststates of "default" when .* grant list, get and delete of requeststates in/,
  );
  denied.remove();
  await story.until(async () => (await story.requests()).length === 0, 60_000);
  await end();
});

expiry("those of a cluster whose resource has not the columns for it are deleted, too", async () => {
  const story = createScenario();
  const crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/requeststates.com.redhat.ecosystem.sample";
  const removal = [{ op: "remove", path: "/spec/versions/0/additionalPrinterColumns" }];
  assert.is((await story.send("PATCH", crd, removal, "application/json-patch+json")).status, 200);
  await start(story);
  await story.clock.advance(HOUR);
  const { end } = run(story);
  await story.until(async () => (await story.requests()).length === 0, 7_000);
  await end();
});

expiry(
  "only finished requests of its flows are listed, so that those of others cost it nothing; and of those three members",
  async () => {
    const story = createScenario();
    const { end } = run(story);
    await story.clock.advance(6_000);
    const selectors = story.fake.requests.filter(({ verb, resource }) => verb === "list" && resource?.startsWith("requeststates"))
      .map(({ query }) => `${query.fieldSelector} ${query.includeObject}`);
    assert.equal(selectors, ["status.completionTime= undefined", "spec.flow=brief,status.completionTime!= None"]);
    await end();
  },
);

expiry.run();
