import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock, systemClock } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { createTurns, type Turns } from "../../src/runtime/turns.ts";
import { DIRECTORS, meet, meetings, type Place, WORKERS } from "../support/crowd.ts";
import { crd, createScenario } from "../support/scenario.ts";

/** The share for requests that come one by one, long after the workers have met. Without turns it is 50 %. */
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
steady("requests that come one by one cost at most 5 % more writes", async () => {
  const lost = await meet(injected(), { directors: 100, workers: WORKERS, concurrency: 4, work: 100, gap: 500 });
  assert.ok(lost <= STEADY_LIMIT, `${(lost * 100).toFixed(1)} % of the writes were lost`);
});

steady("a lone worker loses nothing, and waits for nobody", async () => {
  const place = injected();
  const before = place.clock.monotonic();
  assert.is(await meet(place, { directors: DIRECTORS, workers: 1, concurrency: 4, work: 0, gap: 0 }), 0);
  assert.is(place.clock.monotonic(), before);
});
steady.run();

const turns = suite("turns of those that have seen each other");
const keys = Array.from({ length: 400 }, (_, index) => `00000000-0000-8000-8000-${String(index).padStart(12, "0")}`);

function acquainted(names: readonly string[]): Map<string, Turns> {
  const clock = createVirtualClock();
  const all = new Map(names.map((name) => [name, createTurns(name, clock)]));
  for (const each of all.values()) names.forEach((name) => each.saw(name));
  return all;
}

turns("for each key one goes first, the others at a distance of a turn, and each goes first about as often", () => {
  const all = acquainted(["worker-a", "worker-b", "worker-c", "worker-d"]);
  const first = new Map<string, number>();
  for (const key of keys) {
    const waits = [...all].map(([name, each]) => ({ name, wait: each.wait(key) })).sort((a, b) => a.wait - b.wait);
    assert.equal(waits.map(({ wait }) => wait), [0, 10, 20, 30]);
    first.set(waits[0]!.name, (first.get(waits[0]!.name) ?? 0) + 1);
  }
  for (const count of first.values()) assert.ok(count > 70 && count < 130, String(count));
});

turns("a turn lasts twice as long as an attempt takes", () => {
  const [, second] = [...acquainted(["worker-a", "worker-b"]).values()];
  second!.lost(40);
  const waits = new Set(keys.map((key) => second!.wait(key)));
  assert.equal([...waits].sort(), [0, 80]);
});

turns("who lets three turns pass is waited for no more, until it takes something again", () => {
  const own = acquainted(["worker-a", "worker-b"]).get("worker-a")!;
  const second = keys.filter((key) => own.wait(key) > 0);
  own.won(second[0]!, 1);
  own.won(second[1]!, 1);
  own.forget(second[3]!);
  assert.ok(own.wait(second[3]!) > 0);
  own.won(second[2]!, 1);
  own.forget(second[3]!);
  assert.is(own.wait(second[3]!), 0);
  own.saw("worker-b");
  own.forget(second[3]!);
  assert.ok(own.wait(second[3]!) > 0);
});
turns.run();
