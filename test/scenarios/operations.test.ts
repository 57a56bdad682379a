import { Registry } from "prom-client";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createHealth, defineFlow, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { createPrometheusMetrics } from "../../src/adapters/prometheus.ts";
import { conflict, unavailable } from "../../src/fake/mod.ts";
import { createScenario } from "../support/scenario.ts";

const DO_NOTHING = { JOB1: async () => {}, JOB2: async () => {} };

/** The own samples of flows in a registry. */
const samples = async (registry: Registry) =>
  (await registry.metrics()).split("\n")
    .filter((line) =>
      /^crd_watcher_(flows|claims|conflicts|writes)_total|^crd_watcher_(jobs_running|job_duration_seconds_count)/.test(line)
    )
    .map((line) => line.slice("crd_watcher_".length)).sort();

const operations = suite("scenario: metrics and health");

operations("director and worker count a flow: each transition where it was written, the end once", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const registries = { director: new Registry(), worker: new Registry() };
  const options = (who: keyof typeof registries) => ({
    cluster: story.connect(),
    clock: story.clock,
    signal: ending.signal,
    metrics: createPrometheusMetrics(registries[who]),
  });
  const running = [runDirector([SAMPLE], options("director")), runWorker(SAMPLE, DO_NOTHING, options("worker"))];
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => (await story.requests())[0]!.status?.completionTime);
  assert.equal(await samples(registries.director), [
    "conflicts_total 0",
    'writes_total{flow="sample",state="REQUESTED"} 1',
  ]);
  assert.equal(
    await samples(registries.worker),
    [
      'claims_total{flow="sample",outcome="lost"} 0',
      'claims_total{flow="sample",outcome="won"} 2',
      "conflicts_total 0",
      'flows_total{flow="sample",outcome="succeeded"} 1',
      'job_duration_seconds_count{flow="sample",job="JOB1",outcome="completed"} 1',
      'job_duration_seconds_count{flow="sample",job="JOB2",outcome="completed"} 1',
      'jobs_running{flow="sample"} 0',
      'writes_total{flow="sample",state="COMPLETED"} 2',
      'writes_total{flow="sample",state="STARTED"} 2',
    ].sort(),
  );
  ending.abort();
  await story.end(running);
  assert.not.match((await samples(registries.worker)).join(), /jobs_running\{/); // its reading went with it
});

operations("a lost race and a flow that fails are counted", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const registry = new Registry();
  const metrics = createPrometheusMetrics(registry);
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal, metrics });
  const flow = defineFlow("order", { start: "charge", jobs: { charge: { retry: { limit: 1 } } } });
  const failing = { charge: () => Promise.reject(new Error("declined")) };
  story.fake.faults.add({ match: { verb: "patch", resource: "requeststates" }, nth: 1, fault: conflict() });
  const running = [runDirector([flow], options()), runWorker(flow, failing, options())];
  await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => (await story.requests())[0]!.status?.completionTime);
  const counted = await samples(registry);
  for (
    const line of [
      'claims_total{flow="order",outcome="lost"} 1',
      'claims_total{flow="order",outcome="won"} 1',
      "conflicts_total 1",
      'flows_total{flow="order",outcome="failed"} 1',
      'job_duration_seconds_count{flow="order",job="charge",outcome="failed"} 1',
    ]
  ) assert.ok(counted.includes(line), `${line}\n${counted.join("\n")}`);
  ending.abort();
  await story.end(running);
});

operations("ready once the first list is there, not ready while the server cannot be followed", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const health = createHealth();
  const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal, health };
  const away = story.fake.faults.add({ times: Infinity, fault: unavailable() });
  const running = [runWorker(SAMPLE, DO_NOTHING, options)];
  await story.clock.advance(5_000);
  const beginning = health.read();
  assert.match(beginning.get("informer-sync")!, /^the first list of requeststates is not there yet: /);
  assert.match(beginning.get("watch")!, /^requeststates cannot be followed since 5 s: /);
  assert.is(beginning.get("lease"), "it could not be renewed in time: nothing is claimed");
  away.remove();
  await story.clock.advance(30_000);
  assert.equal([...health.read()], [["lease", undefined], ["informer-sync", undefined], ["watch", undefined]]);
  ending.abort();
  await story.end(running);
  assert.equal([...health.read()], []);
});
operations.run();
