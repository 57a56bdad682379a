import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Clock,
  type Cluster,
  createVirtualClock,
  hasSucceeded,
  isConflict,
  type Job,
  type Log,
  REQUEST_STATES,
  type RequestState,
  runDirector,
  runWorker,
  SAMPLE,
  startFlow,
  systemClock,
} from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { sleep } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { createTurns, type Turns } from "../../src/runtime/turns.ts";
import { type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runtime } from "../support/gates.ts";
import { runCommand } from "../support/programs.ts";
import { crd, createScenario, historyOf, SIX } from "../support/scenario.ts";
import { skip } from "../support/skip.ts";

const DIRECTORS = 20;
const WORKERS = 4;
const OLD = 10;

/**
 * The share of writes that a crowd may lose to 409. Most of it is lost in the first moments, when no worker has seen
 * another claim anything yet; without turns it is 40 to 50 %.
 */
const CROWD_LIMIT = 0.3;

/** The share for requests that come one by one, long after the workers have met. Without turns it is 50 %. */
const STEADY_LIMIT = 0.05;

/** Where a crowd meets. */
interface Place {
  readonly clock: Clock;
  /** A connection of its own. */
  readonly connect: () => Promise<Cluster>;
  /** Waits for something, letting time pass where that is not the machine's. */
  readonly end: <T>(work: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

interface Crowd {
  readonly directors: number;
  readonly workers: number;
  readonly concurrency: number;
  /** How long a job takes, and how long after one another requests come. Milliseconds. */
  readonly work: number;
  readonly gap: number;
}

/** Lets a crowd finish its flows. @returns The share of its writes that were lost. */
async function meet(place: Place, { directors, workers, concurrency, work, gap }: Crowd): Promise<number> {
  const { clock } = place;
  const traffic = { writes: 0, lost: 0 };
  const clusters: Cluster[] = [];
  const open = async () => {
    const cluster = counting(await place.connect(), traffic);
    clusters.push(cluster);
    return cluster;
  };
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
  const handler = async ({ input }: Job) => {
    if (work > 0) await sleep(clock, work);
    return { output: input };
  };
  const ending = new AbortController();
  const started: string[] = [];
  const running = await Promise.all(Array.from({ length: workers }, async (_, index) => {
    const onChange = ({ metadata, spec }: RequestState) =>
      void (spec.state === "STARTED" && started.push(`${metadata.uid} ${spec.job} ${spec.attempt}`));
    const options = {
      cluster: await open(),
      clock,
      log,
      signal: ending.signal,
      identity: `worker-${index}`,
      concurrency,
      onChange,
    };
    return runWorker(SAMPLE, { JOB1: handler, JOB2: handler }, options);
  }));

  async function direct(index: number): Promise<RequestState> {
    const cluster = await open();
    if (gap > 0) await sleep(clock, gap * index);
    const { request } = await startFlow(SAMPLE, { input: index }, { cluster, clock, log });
    let last = request;
    await runDirector([SAMPLE], { cluster, clock, log, request, onChange: (changed) => void (last = changed) }).finished;
    assert.is(last.metadata.uid, request.metadata.uid);
    return last;
  }
  const finished = await place.end(Promise.all(Array.from({ length: directors }, (_, index) => direct(index))));
  ending.abort();
  await place.end(Promise.all(running.map(({ finished }) => finished)));
  for (const cluster of clusters) await cluster.close();

  finished.forEach((request, index) => {
    assert.ok(hasSucceeded(request));
    assert.equal(request.status!.outputs, { JOB1: index, JOB2: index });
    assert.equal(historyOf(request), SIX); // one STARTED for each attempt, and only one attempt
  });
  assert.is(new Set(started).size, started.length, "a handler was started twice");
  assert.is(started.length, directors * 2);
  assert.equal(errors, []);
  assert.is(traffic.writes - traffic.lost, directors * 6);
  return traffic.lost / traffic.writes;
}

/** Counts the writes of a connection, and those that came too late. */
const counting = (cluster: Cluster, traffic: { writes: number; lost: number }): Cluster => {
  const count = async <T>(write: Promise<T>): Promise<T> => {
    traffic.writes++;
    try {
      return await write;
    } catch (error) {
      if (isConflict(error)) traffic.lost++;
      throw error;
    }
  };
  return {
    ...cluster,
    create: (...args) => count(cluster.create(...args)),
    patch: (...args) => count(cluster.patch(...args)),
  };
};

/** Finished requests, half of them as the reference leaves them: without a completion time, so that a watch shows them. */
async function leaveOldOnes(cluster: Cluster): Promise<string[]> {
  const versions: string[] = [];
  for (let index = 0; index < OLD; index++) {
    const { metadata } = await cluster.create(REQUEST_STATES, oldRequest(`old-${index}`, index % 2 === 0));
    versions.push(`${metadata.name} ${metadata.resourceVersion}`);
  }
  return versions;
}

function oldRequest(name: string, closed: boolean) {
  const entries = SIX.map((step) => step.split(" ")).map(([job, state]) => ({
    job,
    state,
    timestamp: "2025-01-01T00:00:00.000Z",
  }));
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace: "default" },
    spec: { "request-uid": name, job: "JOB2", state: "COMPLETED" },
    status: closed ? { history: entries, completionTime: "2025-01-01T00:00:00Z" } : { history: entries.slice(0, 5) },
  };
}

function meetings(name: string, begin: () => Promise<Place>) {
  const crowd = suite(`a crowd on ${name}: twenty directors, four workers, old finished requests`);
  let place: Place;
  crowd.before(async () => {
    place = await begin();
  });
  crowd.after(() => place.close());

  crowd("every director ends with its own request, at most 30 % of the writes are lost", async () => {
    const cluster = await place.connect();
    const old = await leaveOldOnes(cluster);
    const lost = await meet(place, { directors: DIRECTORS, workers: WORKERS, concurrency: 4, work: 0, gap: 0 });
    assert.ok(lost <= CROWD_LIMIT, `${Math.round(lost * 100)} % of the writes were lost`);
    const { items } = await cluster.list<RequestState>(REQUEST_STATES, { namespace: "default" });
    assert.is(items.length, DIRECTORS + OLD);
    const now = items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
    assert.equal(now.filter((text) => text.startsWith("old-")).sort(), old);
    await cluster.close();
  });
  crowd.run();
}

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

async function genuine({ folder }: Assets): Promise<Place> {
  const server = await startApiServer({ assets: folder });
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  await kubectl("apply", "-f", "crds");
  await kubectl("wait", "--for=condition=Established", "-f", "crds");
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // the storage of a new resource is prepared, writes are refused
  return {
    clock: systemClock,
    connect: () => connect({ kubeconfig: server.kubeconfigPath }),
    end: (work) => work,
    close: server.stop,
  };
}

meetings("the fake in skipped time", () => Promise.resolve(injected()));
meetings("the fake over HTTP", loopback);
if (runtime === "node") {
  if (!process.env["KUBEBUILDER_ASSETS"]) skip("a crowd on genuine API servers", "KUBEBUILDER_ASSETS is not set");
  for (const assets of genuineAssets()) meetings(`genuine API server ${assets.name}`, () => genuine(assets));
}

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
