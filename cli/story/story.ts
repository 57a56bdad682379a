import { type Clock, type Cluster, type Log, type RequestState, runDirector, signalFlow, startFlow } from "../../mod.ts";
import type { FakeCluster } from "../../src/fake/mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import { ORDER } from "./flow.ts";
import { createTelling, shortName, type Told } from "./telling.ts";

/** A worker that can be killed. */
export interface Hired {
  /** As in claims. */
  readonly identity: string;
  /** Rejects when it comes to an end that nobody wanted. */
  readonly failed: Promise<never>;
  /** It is gone from one moment to the next, whatever it is at: it tells nobody, and renews nothing. */
  kill(): Promise<void>;
  /** It is told to end. */
  end(): Promise<void>;
}

/** Where the story takes place, and who hears it. */
export interface StoryOptions {
  readonly fake: FakeCluster;
  /** Of the director and of the people. */
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Starts a worker for the flow, with a lease of {@linkcode LEASE}. */
  readonly hire: (name: string) => Promise<Hired>;
  /** Hears what happens, as it happens. */
  readonly tell: (told: Told) => void;
}

/** How long a worker's lease lasts, in milliseconds: so short that its loss is noticed while somebody looks on. */
export const LEASE = 2_000;

/** How long the person thinks about it, in milliseconds. */
const THINKS = 2_000;
/** How far the worker gets with `ship`, in milliseconds. */
const LIVES = 1_000;

/**
 * Plays the story once: an order is charged at the second attempt, a person approves it, the worker that ships it is killed, and
 * another one does it again. What is told is read off the object and its events, when it is there.
 *
 * @returns The request at its end.
 * @throws {unknown} The signal's reason, when that comes first; what a worker, or a call of a person, fails with.
 */
export async function playStory(options: StoryOptions): Promise<RequestState> {
  const { fake, cluster, namespace, clock, log, tell, hire } = options;
  const ending = new AbortController();
  const end = () => ending.abort(options.signal.reason);
  if (options.signal.aborted) end();
  options.signal.addEventListener("abort", end, { once: true });
  const { signal } = ending;
  const hired: Hired[] = [];
  const trouble = Promise.withResolvers<never>();
  trouble.promise.catch(() => {}); // it is raced with below
  const director = runDirector([ORDER], { cluster, namespace, clock, log, signal, identity: "director" });
  let last: RequestState | undefined; // as it was last seen
  const endEvents = fake.follow("events", ({ type, object }) => {
    if (type !== "ADDED" || (object as { readonly reason?: string }).reason !== "WorkerSilent") return;
    const text = `sees that ${shortName(holderOf(last))} has not renewed its lease; it has 5 s more`;
    tell({ who: "director", text, style: "yellow" });
  });

  const killHolder = async (request: RequestState) => {
    await sleep(clock, LIVES, signal);
    const holder = holderOf(request);
    const index = hired.findIndex(({ identity }) => identity === holder);
    if (index < 0) throw new Error(`${holder} has claimed ${request.spec.job}: nobody of that name was hired`);
    const [unlucky] = hired.splice(index, 1);
    await unlucky!.kill();
    tell({ who: shortName(holder), text: `is killed in the middle of ${request.spec.job}, and tells nobody`, style: "red" });
  };

  async function play(): Promise<RequestState> {
    for (const name of ["worker-a", "worker-b"]) {
      const worker = await hire(name);
      worker.failed.catch(trouble.reject);
      hired.push(worker);
    }
    const run = await startFlow(ORDER, { key: "order-42", input: { amount: 120 } }, {
      ...{ cluster, namespace, clock, log, signal },
      identity: "customer",
    });
    const approve = async () => {
      await sleep(clock, THINKS, signal);
      await signalFlow(run, "approve", "yes", undefined, { by: "maria" });
    };
    // What happens beside the flow, by where that stands: each once.
    const turns = new Map<string, (request: RequestState) => Promise<void>>([
      ["approve REQUESTED", approve],
      ["ship STARTED", killHolder],
    ]);
    const telling = createTelling(ORDER);
    last = run.request;
    for await (const request of run) {
      telling.newIn(last = request).forEach(tell);
      const moment = `${request.spec.job} ${request.spec.state}`;
      turns.get(moment)?.(request).catch((error) => signal.aborted || trouble.reject(error));
      turns.delete(moment);
    }
    return last;
  }

  try {
    return await Promise.race([play(), trouble.promise]);
  } finally {
    options.signal.removeEventListener("abort", end);
    endEvents();
    // There is nothing to be handed over: the cluster goes with them.
    await Promise.all(hired.map((worker) => options.signal.aborted ? worker.kill() : worker.end()));
    ending.abort();
    await director.finished;
  }
}

const holderOf = (request: RequestState | undefined): string => request?.status?.claim?.holderIdentity ?? "?";
