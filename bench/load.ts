/**
 * The load: requests in the form in which the reference creates them, a number of them in flight at any time. Their ends
 * are seen by a watch that the API server sends one event a flow, so that looking costs little.
 *
 * @module
 */
import { createWire, type Endpoint, METADATA, NOT_LYING, requestsPath, type Wire } from "./wire.ts";

/** Creates requests and sees them end. */
export interface Load {
  /**
   * Sees how long each job was requested until it was started, in milliseconds: both as a watch of ours tells them, whoever has
   * done it. Undefined: nobody looks.
   */
  onStarted: ((waited: number) => void) | undefined;
  /**
   * Has `count` flows done, `inFlight` of them at a time.
   *
   * @param onEnd Sees how many are over, after each.
   * @returns From create to end of each, in milliseconds.
   */
  run(count: number, inFlight: number, onEnd?: (over: number) => void): Promise<number[]>;
  /** Waits until `count` flows that somebody else creates are over. */
  follow(count: number, onEnd?: (over: number) => void): Promise<void>;
  close(): void;
}

/** Begins to follow a namespace. */
export async function createLoad(endpoint: Endpoint, namespace: string): Promise<Load> {
  const wire = createWire(endpoint, 16);
  const path = requestsPath(namespace);
  let onOver = (_name: string) => {};
  const { metadata } = JSON.parse(await wire.send({ method: "GET", path: `${path}?limit=1` }));
  // ADDED to what the selector takes: the flow is over.
  const ended = `${path}?fieldSelector=spec.job%3DJOB2,spec.state%3DCOMPLETED`;
  await wire.watch(
    ended,
    metadata.resourceVersion,
    ({ type, object }) => void (type === "ADDED" && onOver(object.metadata.name)),
  );

  // Of the others the same: ADDED when a job is requested, DELETED when it is started. Its names are all that is looked at.
  const requested = new Map<string, number>();
  await wire.watch(
    `${path}?fieldSelector=spec.state%3DREQUESTED`,
    metadata.resourceVersion,
    ({ type, object: { metadata: { name } } }) => {
      if (type === "ADDED") return void requested.set(name, performance.now());
      const at = requested.get(name);
      if (type !== "DELETED" || at === undefined) return;
      requested.delete(name);
      load.onStarted?.(performance.now() - at);
    },
    METADATA,
  );

  const load: Load = {
    onStarted: undefined,

    run: (count, inFlight, onEnd) =>
      new Promise((resolve, reject) => {
        const begun = new Map<string, number>();
        const stall = watchStall(wire, path, reject);
        const took: number[] = [];
        let created = 0;
        const create = () => {
          if (created++ >= count) return;
          const name = crypto.randomUUID();
          begun.set(name, performance.now());
          wire.send({ method: "POST", path, body: requestOf(namespace, name) }).catch(reject);
        };
        onOver = (name) => {
          const at = begun.get(name);
          if (at === undefined) return; // of others
          begun.delete(name);
          took.push(performance.now() - at);
          stall.progress();
          onEnd?.(took.length);
          if (took.length < count) return create();
          stall.stop();
          resolve(took);
        };
        for (let index = 0; index < inFlight; index++) create();
      }),

    follow: (count, onEnd) =>
      new Promise((resolve, reject) => {
        let over = 0;
        const stall = watchStall(wire, path, reject);
        onOver = () => {
          stall.progress();
          over++; // not in the call: it is not made where nobody listens
          onEnd?.(over);
          if (over < count) return;
          stall.stop();
          resolve();
        };
      }),

    close: () => wire.close(),
  };
  return load;
}

/** Rejects when nothing has gone on for a minute: somebody has lost a flow. */
function watchStall(wire: Wire, path: string, reject: (error: Error) => void) {
  let last = performance.now();
  const complain = async () => {
    const { items } = JSON.parse(await wire.send({ method: "GET", path: `${path}?${NOT_LYING}` })) as {
      items: { spec: { job: string; state: string } }[];
    };
    const states: Record<string, number> = {};
    for (const { spec: { job, state } } of items) states[`${job}/${state}`] = (states[`${job}/${state}`] ?? 0) + 1;
    throw new Error(`No flow has ended for 60 s, of those at ${path}: ${JSON.stringify(states)}`);
  };
  const timer = setInterval(() => {
    if (performance.now() - last < 60_000) return;
    clearInterval(timer);
    complain().catch(reject);
  }, 1_000);
  return { progress: () => void (last = performance.now()), stop: () => clearInterval(timer) };
}

/** A request as the reference creates it, without a status. */
export const requestOf = (namespace: string, name: string): string =>
  JSON.stringify({
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace },
    spec: { "request-uid": name, job: "JOB1", state: "REQUESTED" },
  });
