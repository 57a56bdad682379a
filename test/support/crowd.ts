/**
 * Many directors and workers in one namespace, with finished requests of others lying around.
 *
 * @module
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Clock,
  type Cluster,
  hasSucceeded,
  isConflict,
  type Job,
  type Log,
  REQUEST_STATES,
  type RequestState,
  type Resource,
  runDirector,
  runWorker,
  SAMPLE,
  startFlow,
} from "../../mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { historyOf, SIX } from "./scenario.ts";

/** How many directors a crowd has. */
export const DIRECTORS = 20;
/** How many workers. */
export const WORKERS = 4;
const OLD = 10;

/**
 * The share of its 120 writes that a crowd may lose to 409 where time is the machine's, from the first second on: in these few
 * writes a slow moment counts much. Without turns it is 40 to 50 %.
 */
const CROWD_LIMIT = 0.15;

/** Where a crowd meets. */
export interface Place {
  readonly clock: Clock;
  /** A connection of its own. */
  readonly connect: () => Promise<Cluster>;
  /** Waits for something, letting time pass where that is not the machine's. */
  readonly end: <T>(work: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Who comes, and when. */
export interface Crowd {
  readonly directors: number;
  readonly workers: number;
  readonly concurrency: number;
  /** How long a job takes, and how long after one another requests come. Milliseconds. */
  readonly work: number;
  readonly gap: number;
}

/** Lets a crowd finish its flows. @returns The share of its writes that were lost. */
export async function meet(place: Place, { directors, workers, concurrency, work, gap }: Crowd): Promise<number> {
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
  const count = async <T>(resource: Resource, write: Promise<T>): Promise<T> => {
    if (resource !== REQUEST_STATES) return await write;
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
    create: (resource, ...args) => count(resource, cluster.create(resource, ...args)),
    patch: (resource, ...args) => count(resource, cluster.patch(resource, ...args)),
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

/** The tests of a crowd at one place. */
export function meetings(name: string, begin: () => Promise<Place>): void {
  const crowd = suite(`a crowd on ${name}: twenty directors, four workers, old finished requests`);
  let place: Place;
  crowd.before(async () => {
    place = await begin();
  });
  crowd.after(() => place.close());

  crowd("every director ends with its own request, at most 15 % of the writes are lost", async () => {
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
