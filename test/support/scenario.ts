import { createVirtualClock, type RequestState, type Running, type VirtualClock } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster, type FakeCluster, type Snapshot, until } from "../../src/fake/mod.ts";
import type { Cluster } from "../../src/ports.ts";
import { requestStateCrd as crd } from "../../src/request-state-crd.ts";

export { crd };

/** Where RequestStates of the default namespace are. */
export const REQUESTS = "/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates";

/** A story on a fake cluster: no socket, no real time. */
export interface Scenario {
  readonly fake: FakeCluster;
  readonly clock: VirtualClock;
  /** A connection of its own. */
  readonly connect: () => Cluster;
  /** Lets time pass until the condition holds. Fails after `limit` milliseconds of virtual time. */
  readonly until: (condition: () => unknown, limit?: number) => Promise<void>;
  /** Lets time pass until these have ended. */
  readonly end: (running: readonly Pick<Running, "finished">[]) => Promise<void>;
  /** The requests as they stand on the server. */
  readonly requests: () => Promise<RequestState[]>;
  /** The writes of RequestStates that took effect, as `verb name`. */
  readonly writes: () => string[];
  /** Sends one request to the server, as some other client. */
  readonly send: (method: string, path: string, body?: unknown, contentType?: string) => Promise<Response>;
}

/** A cluster that has the CRD already, for those who begin by the thousand. */
let established: Snapshot | undefined;

/**
 * Begins a story.
 *
 * @param options.quick Its CRD was there before it, with a uid of its own: what costs the most is done once for all stories. @default {false}
 */
export function createScenario({ quick = false }: { readonly quick?: boolean } = {}): Scenario {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: quick ? [] : [crd], clock });
  if (quick) {
    established ??= createFakeCluster({ crds: [crd], clock: createVirtualClock(), seed: 1 }).snapshot();
    fake.restore(established);
  }
  const send = (method: string, path: string, body?: unknown, contentType = "application/json") =>
    fake.fetch(
      new Request(`http://cluster.invalid${path}`, {
        method,
        ...body !== undefined && { body: JSON.stringify(body), headers: { "content-type": contentType } },
      }),
    );
  const story: Scenario = {
    fake,
    clock,
    connect: () => createFetchCluster(fake.fetch, { clock }),
    until: async (condition, limit) => void await until(condition, { clock, limit }),
    async end(running) {
      let over = false;
      const all = Promise.all(running.map(({ finished }) => finished)).finally(() => over = true);
      all.catch(() => {}); // it is awaited below
      await story.until(() => over);
      await all;
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left behind`);
    },
    requests: async () => (await (await send("GET", REQUESTS)).json() as { items: RequestState[] }).items,
    writes: () =>
      fake.requests.writes({ resource: "requeststates" })
        .map(({ verb, name, body }) => `${verb} ${name ?? (body as RequestState).metadata.name}`),
    send,
  };
  return story;
}

/** `JOB1 REQUESTED`, ... of a request. */
export const historyOf = (request: RequestState): string[] =>
  (request.status?.history ?? []).map(({ job, state }) => `${job} ${state}`);

/** The history of a sample flow that went well. */
export const SIX: readonly string[] = [
  "JOB1 REQUESTED",
  "JOB1 STARTED",
  "JOB1 COMPLETED",
  "JOB2 REQUESTED",
  "JOB2 STARTED",
  "JOB2 COMPLETED",
];
