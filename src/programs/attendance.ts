import { aboutOf } from "./about.ts";
import { absenceOf, absenceText, kindOf, missingText } from "../flow/attendance.ts";
import { versionOf } from "../flow/ownership.ts";
import type { Flow } from "../flow/plan.ts";
import { waitOf } from "../flow/standing.ts";
import type { Clock, Log, Reader } from "../ports.ts";
import { flowNameOf, nameOf, type RequestState } from "../request-state.ts";
import type { Cache } from "../runtime/controller/cache.ts";
import { sleep } from "../runtime/time/clock.ts";
import { labelsOf, type Lease, LEASES, selectorOf } from "../runtime/leases/lease.ts";
import { within } from "../runtime/time/limit.ts";
import { createLeaseObserver } from "../runtime/leases/observation.ts";
import { type Peer, peerOf, phaseOf } from "../runtime/leases/peer.ts";
import { createTrouble } from "../runtime/log/trouble.ts";
import type { Notices } from "./notices.ts";
import { isSamePlace, type Place, placeOf } from "./sightings.ts";

/** Whose jobs are looked after, and how. */
export interface AttendanceOptions {
  readonly cluster: Reader;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly notices: Notices;
  /** What is unfinished. */
  readonly store: Cache<RequestState>;
  /** What this director knows. */
  readonly flows: readonly Flow[];
  /** Whether a request is driven by this director. */
  readonly concerns: (request: RequestState) => boolean;
}

/** How often it is looked what waits for a worker, in milliseconds. */
const PERIOD = 10_000;

/** How long a job may wait for one before it is asked who is there, in milliseconds: workers are begun, and ended, by deployments. */
const PATIENCE = 30_000;

/** How long a read may take, in milliseconds. */
const LIMIT = 5_000;

/** Beyond its duration a lease is given this, in milliseconds, until its worker is taken for dead. */
const GRACE = 5_000;

/** Of so many requests with the same job people are told on the object. */
const TOLD = 100;

/** Jobs that are told of in the log at the most: the names of those of other versions are anybody's. */
const KINDS = 1_000;

/**
 * Looks whether there is a worker for each job that has waited for one for a while, by what workers say in their leases. Where there
 * is none, that is said once for each job of a flow in the log, until it has one again, and in an event of each request. Nothing is
 * asked of the server as long as nothing waits.
 *
 * @returns Resolves after the signal.
 */
export async function watchAttendance(options: AttendanceOptions): Promise<void> {
  const { cluster, namespace, clock, log, signal, notices, store, flows, concerns } = options;
  const observer = createLeaseObserver(clock);
  const told = new Set<string>(); // kinds of jobs
  let waiting = new Map<string, { readonly place: Place; readonly since: number }>(); // by uid, by the monotonic clock
  const trouble = createTrouble(log, {
    what: `see in leases of "${namespace}" which jobs have a worker`,
    rights: `list of leases in "${namespace}" to this user`,
  });

  /** The requests that wait for a worker for too long, by the kind of their job. */
  function overdue(): Map<string, RequestState[]> {
    const now = clock.monotonic();
    const found: typeof waiting = new Map();
    const late = new Map<string, RequestState[]>();
    for (const key of store.keys()) {
      const request = store.get(key)!;
      if (waitOf(request, clock.now())?.for !== "worker" || !concerns(request)) continue;
      // The request may have been made to hide it.
      if (versionOf(flows, request).flow?.plans[request.spec.job]?.waits) continue;
      const { uid } = request.metadata;
      const place = placeOf(request);
      const before = waiting.get(uid!);
      const entry = before && isSamePlace(before.place, place) ? before : { place, since: now };
      found.set(uid!, entry);
      if (now - entry.since < PATIENCE) continue;
      const kind = kindOf(request);
      const others = late.get(kind);
      if (others) others.push(request);
      else late.set(kind, [request]);
    }
    waiting = found;
    return late;
  }

  async function workers(): Promise<Peer[]> {
    const selection = { namespace, labelSelector: selectorOf(labelsOf("worker")) };
    const action = `Cannot list leases in "${namespace}"`;
    const { items } = await within(
      { clock, ms: LIMIT, action, signal },
      (signal) => cluster.list<Lease>(LEASES, { ...selection, signal }),
    );
    observer.seeAll(items);
    return items.filter((lease) => phaseOf(lease) !== "leaving" && !observer.isExpired(lease.metadata.name, GRACE)).map(peerOf);
  }

  function tell(kind: string, requests: readonly RequestState[], present: readonly Peer[]): void {
    const [first] = requests as readonly [RequestState];
    const absence = absenceOf(first, present);
    if (!absence) {
      if (told.delete(kind)) log.info(`There is ${missingText(first)} again`);
      return;
    }
    const why = absenceText(first, absence);
    if (!told.has(kind) && told.size < KINDS) {
      told.add(kind);
      const more = requests.length === 1 ? "waits" : `and ${requests.length - 1} more wait`;
      log.warn(
        `Nobody does job ${first.spec.job} of flow ${flowNameOf(first)}: requeststates "${nameOf(first)}" ${more} for a worker ` +
          `since ${PATIENCE / 1_000} s, and ${why}; run one that has a handler for it (said once, until there is one)`,
        aboutOf(first),
      );
    }
    const message = `It waits for ${missingText(first)}: ${why}; run one that has a handler for it`;
    for (const request of requests.slice(0, TOLD)) {
      notices.tellOnce(request, [{ type: "Warning", reason: "WorkerMissing", message }]);
    }
  }

  while (!signal.aborted) {
    await sleep(clock, PERIOD, signal).catch(() => {}); // ended: seen below
    if (signal.aborted) return;
    const late = overdue();
    if (late.size === 0) continue;
    try {
      const present = await workers();
      trouble.over();
      for (const [kind, requests] of late) tell(kind, requests, present);
    } catch (error) {
      if (signal.aborted) return;
      trouble.met(error);
      observer.restart();
    }
  }
}
