/** What a director's metrics say of the flows that are not over. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, runDirector, SAMPLE, startFlow, suspendFlow } from "../../mod.ts";
import { createCountingMetrics } from "../support/counting-metrics.ts";
import { createScenario } from "../support/scenario.ts";

const order = defineFlow("order", {
  start: "charge",
  jobs: { charge: { next: "approve", startTimeout: 60_000, onExhausted: "park" }, approve: { waitFor: "signal" } },
});
const backlog = suite("scenario: backlog");

backlog("where they stand, and since when the oldest waits for a worker", async () => {
  const story = createScenario();
  const { clock } = story;
  const metrics = createCountingMetrics();
  const ending = new AbortController();
  const director = runDirector([order, SAMPLE], { cluster: story.connect(), clock, metrics, signal: ending.signal });
  const client = { cluster: story.connect(), clock };
  const of = (flow: string, status: string) => metrics.value(`crd_watcher_unfinished_flows{flow="${flow}",status="${status}"}`);
  const all = (flow: string) => ["queued", "running", "waiting", "parked"].map((status) => of(flow, status));
  const oldest = () => metrics.value(`crd_watcher_oldest_queued_seconds{flow="order"}`);
  await clock.advance(1_000);
  assert.equal([all("order"), all("sample"), oldest()], [[0, 0, 0, 0], [0, 0, 0, 0], 0]);
  await startFlow(order, {}, client);
  await clock.advance(30_000);
  await startFlow(order, {}, client);
  await startFlow(order, { notBefore: clock.now() + 3_600_000 }, client);
  await suspendFlow(await startFlow(order, {}, client));
  await startFlow(SAMPLE, {}, client);
  await clock.advance(10_000);
  assert.equal([all("order"), all("sample")], [[2, 0, 2, 0], [1, 0, 0, 0]]);
  assert.is(Math.round(oldest()!), 40);
  await clock.advance(25_000); // nobody has started the first one in time, thrice
  assert.is(of("order", "parked"), 1);
  assert.is(Math.round(oldest()!), 35);
  ending.abort();
  await story.end([director]);
  assert.equal(metrics.series.filter((series) => /unfinished|oldest/.test(series)), [], "the readings went with it");
});
backlog.run();
