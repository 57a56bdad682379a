import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { DIRECTORS, meet, meetings, type Place, WORKERS } from "../support/crowd.ts";
import { crd, createScenario } from "../support/scenario.ts";

/** The share of writes that may be lost in skipped time. Without turns it is 50 %. */
const STEADY_LIMIT = 0.05;

function injected(): Place {
  const story = createScenario();
  return {
    clock: story.clock,
    connect: () => Promise.resolve(story.connect()),
    async end(work) {
      let over = false;
      const watched = work.finally(() => over = true);
      watched.catch(() => {}); // it is awaited below
      await story.until(() => over, 600_000);
      return await watched;
    },
    close: () => Promise.resolve(),
  };
}

async function loopback(): Promise<Place> {
  const server = await listen(createFakeCluster({ crds: [crd] }));
  return { clock: systemClock, connect: () => connect({ master: server.url }), end: (work) => work, close: server.close };
}

meetings("the fake in skipped time", () => Promise.resolve(injected()));
meetings("the fake over HTTP", loopback);

const steady = suite("a crowd on the fake in skipped time");
steady("fault 11: a crowd collapses: requests that come one by one cost at most 5 % more writes", async () => {
  const lost = await meet(injected(), { directors: 100, workers: WORKERS, concurrency: 4, work: 100, gap: 500 });
  assert.ok(lost <= STEADY_LIMIT, `${(lost * 100).toFixed(1)} % of the writes were lost`);
});

steady(
  "fault 11: a crowd collapses: sixteen workers with sixteen places each, who come with fifty requests, lose at most 5 %",
  async () => {
    const lost = await meet(injected(), { directors: 50, workers: 16, concurrency: 16, work: 0, gap: 0 });
    assert.ok(lost <= STEADY_LIMIT, `${(lost * 100).toFixed(1)} % of the writes were lost`);
  },
);

steady("a lone worker loses nothing, and waits for nobody once it has looked around", async () => {
  const place = injected();
  const before = place.clock.monotonic();
  assert.is(await meet(place, { directors: DIRECTORS, workers: 1, concurrency: 4, work: 0, gap: 0 }), 0);
  const took = place.clock.monotonic() - before;
  assert.ok(took < 300, `${took} ms`);
});
steady.run();
