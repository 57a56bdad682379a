import type { Clock, Log, Reader } from "../ports.ts";
import { nameOf, type RequestState } from "../request-state.ts";
import type { Cache } from "../runtime/controller/cache.ts";
import { labelsOf } from "../runtime/leases/lease.ts";
import { silenceText, timeText } from "../text.ts";
import { runLiveness } from "../runtime/leases/liveness.ts";
import type { Notices } from "./notices.ts";

/** Whose jobs are looked after, and how. */
export interface HoldersOptions {
  readonly cluster: Reader;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly notices: Notices;
  /** What is unfinished. */
  readonly store: Cache<RequestState>;
  /** Whether it matters to this director whether the holder of a request lives. */
  readonly watches: (request: RequestState) => boolean;
  /** Whether this director takes the job over from a holder that is lost. */
  readonly concerns: (request: RequestState) => boolean;
  /** Has a request looked at again. */
  readonly requeue: (key: string) => void;
  /** Whether this director leads: one that does not looks, so that it can go on from where the leader ends, and says nothing. */
  readonly leads: () => boolean;
}

/** Since when a worker has not renewed, by the word of its lease, and when it is taken for lost; milliseconds since the Unix epoch. */
interface Silence {
  readonly renewed: number | undefined;
  readonly lostAt: number;
}

/** The workers that hold jobs. */
export interface Holders {
  /** Whether the worker that holds the job lives, as far as is known; whoever names no claim does. */
  isAlive(request: RequestState): boolean;
  /** A server that does not take what is written about lost workers may not have taken their renewals: all have their whole time again. */
  doubt(): void;
  /** This director leads from now on: what is to be told and was not, is told. */
  lead(): void;
  /** Resolves after the signal. */
  readonly finished: Promise<void>;
}

/**
 * Watches over the workers that hold jobs. One that is silent is told of in the log and in an event of each of its requests, and
 * so is its return; the requests of one that is lost are looked at again.
 */
export function runHolders(options: HoldersOptions): Holders {
  const { cluster, namespace, clock, log, signal, notices, store, watches, concerns, requeue, leads } = options;
  const silences = new Map<string, Silence>(); // by the identity of the holder
  let held = new Map<string, RequestState[]>(); // by the identity of the holder
  const ofHolder = (identity: string) => held.get(identity) ?? [];

  /** @returns The claims of each. */
  const look = (): ReadonlyMap<string, ReadonlySet<string>> => {
    held = new Map();
    for (const key of store.keys()) {
      const request = store.get(key)!;
      const holder = holderOf(request);
      if (holder === undefined || !watches(request)) continue;
      const requests = held.get(holder);
      if (requests) requests.push(request);
      else held.set(holder, [request]);
    }
    for (const identity of silences.keys()) if (!held.has(identity)) silences.delete(identity);
    return new Map([...held].map(([holder, requests]) => [holder, new Set(requests.map(({ status }) => status!.claim!.id))]));
  };

  function tell(identity: string, { renewed, lostAt }: Silence): void {
    const requests = ofHolder(identity).filter(concerns);
    if (requests.length === 0) return;
    const text = silenceText(renewed);
    const then = `taken over at ${timeText(lostAt)} unless it does`;
    log.warn(`Worker ${identity} ${text}: ${jobs(requests.length)} ${requests.length === 1 ? "is" : "are"} ${then}`, {
      objects: requests.slice(0, 10).map(nameOf).join(", "),
    });
    for (const request of requests) {
      const message = `Worker ${identity}, which holds job ${request.spec.job}, ${text}: the job is ${then}`;
      notices.tell(request, [{ type: "Warning", reason: "WorkerSilent", message }]);
    }
  }

  const liveness = runLiveness({
    ...{ cluster, namespace, clock, log, signal, labels: labelsOf("worker"), wanted: look, writes: leads },
    onSilent(identity, renewed, lostAt) {
      const silence: Silence = { renewed, lostAt };
      silences.set(identity, silence);
      if (leads()) tell(identity, silence);
    },
    onReturn(identity) {
      silences.delete(identity);
      const { length } = ofHolder(identity).filter(concerns);
      if (length > 0 && leads()) log.info(`Worker ${identity} has renewed its lease: it keeps ${jobs(length)}`);
    },
    onLost(identity) {
      for (const request of ofHolder(identity)) requeue(nameOf(request));
    },
  });
  return {
    isAlive(request) {
      const holder = holderOf(request);
      return holder === undefined || !liveness.isLost(holder, request.status!.claim!.id);
    },
    doubt: liveness.doubt,
    lead() {
      // Of who is lost already the takeover tells.
      for (const [identity, silence] of silences) if (silence.lostAt > clock.now()) tell(identity, silence);
    },
    finished: liveness.finished,
  };
}

const holderOf = ({ spec, status }: RequestState): string | undefined =>
  spec.state === "STARTED" ? status?.claim?.holderIdentity : undefined;

const jobs = (count: number): string => count === 1 ? "1 job" : `${count} jobs`;
