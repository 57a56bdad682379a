import { commit, type Committed } from "./commit.ts";
import { CrdWatcherError, isConflict, isDenied, isStatus, NeverRetryError, RequestStateError } from "../errors.ts";
import { createFlowMetrics, type JobEnd } from "./flow-metrics.ts";
import { claimJob } from "../flow/claim.ts";
import { type Handler, handlerFaults, type Handlers, type Job } from "../flow/handler.ts";
import { notBeforeOf } from "../flow/moments.ts";
import { faultOf, whyNotOurs } from "../flow/ownership.ts";
import type { Flow } from "../flow/plan.ts";
import { reportJob, type Result } from "../flow/report.ts";
import { resultOfHandler, resultOfThrown } from "../flow/result.ts";
import type { Transition } from "../flow/transition.ts";
import { writeOf } from "../flow/write.ts";
import {
  attemptOf,
  isOver,
  nameOf,
  REQUEST_STATES,
  type RequestState,
  type RequestStateSpec,
  type State,
  UNFINISHED,
} from "../request-state.ts";
import { createBackoff } from "../runtime/backoff.ts";
import { sleep, systemClock } from "../runtime/clock.ts";
import { runController } from "../runtime/controller.ts";
import { uniqueIdentity } from "../runtime/identity.ts";
import { silentLog } from "../runtime/log.ts";
import { runPresence } from "../runtime/presence.ts";
import type { StoreEvent } from "../runtime/store.ts";
import { createTurns } from "../runtime/turns.ts";
import { compareVersions } from "../runtime/version.ts";
import { checkConcurrency, createClaimIds, guarded, type Running, type RunOptions } from "./running.ts";

/** How a worker is run. */
export interface WorkerOptions extends RunOptions {
  /**
   * The first part of its identity in claims and in the history. 8 random digits are always added, so that two workers that
   * were given one name do not take each other's claims for their own. @default {"worker"}
   */
  readonly identity?: string;
  /** Jobs done at once. @default {1} */
  readonly concurrency?: number;
  /** How long jobs under way may go on after `signal`, in milliseconds; they are given back then. @default {30_000} */
  readonly grace?: number;
}

/** A job that this worker has claimed and not yet reported. */
interface Held {
  readonly claimId: string;
  /** The version at which the claim was confirmed: what is older says nothing about it. */
  readonly since: string;
  readonly stop: AbortController;
}

/** The worker has to end and gives the job back. */
class DrainError extends CrdWatcherError {
  constructor() {
    super("setup", "The worker has to end");
  }
}

/**
 * Runs a worker: claims requested jobs, runs their handlers, reports how they ended.
 *
 * **Guarantees**: a handler starts only after the write of its claim was confirmed; its result is written only while
 * that claim stands. Effects outside the cluster are at-least-once: use `idempotencyKey`.
 *
 * @returns `finished` resolves after the signal, when the jobs under way have ended or were given back.
 * @throws {TypeError} When a handler has no job, or is of a job that waits.
 *
 * @throws {RangeError} When `concurrency` is not a positive whole number, or `grace` is negative.
 */
export function runWorker<F extends Flow>(flow: F, handlers: Partial<Handlers<F>>, options: WorkerOptions): Running {
  const { cluster, namespace = "default", clock = systemClock, log = silentLog, concurrency = 1, grace = 30_000 } = options;
  const { metrics, health } = options;
  const onChange = guarded(options.onChange, log);
  const by = uniqueIdentity(options.identity ?? "worker");
  const faults = handlerFaults(flow, handlers);
  if (faults.length > 0) throw new TypeError(`Cannot implement flow "${flow.name}": ${faults.join("; ")}`);
  const handles = (job: string) => handlers[job as keyof typeof handlers] !== undefined;
  checkConcurrency("worker", concurrency);
  if (!(grace >= 0)) throw new RangeError(`Cannot run a worker: grace is ${grace}, expected milliseconds from 0`);

  const signal = options.signal ?? new AbortController().signal;
  const claims = createClaimIds();
  const held = new Map<string, Held>(); // by uid
  let claiming = 0; // claims that are being written
  const counts = createFlowMetrics(metrics, { flow, running: () => held.size });
  const told = new Map<string, string>(); // by uid: the fault that was last reported
  // It is seen to live until the last of its jobs is reported or given back.
  const living = new AbortController();
  const presence = runPresence({
    cluster,
    namespace,
    identity: by,
    component: "worker",
    capacity: concurrency,
    takes: [`${flow.name}/${flow.digest}`],
    clock,
    log,
    signal: living.signal,
  });
  // Until then it does not know whom to leave jobs to: those who start together hear of each other in this time.
  const acquainted = presence.ready.then(() => sleep(clock, ACQUAINTANCE, signal)).catch(() => {});
  const endCheck = health?.check(
    "lease",
    () => presence.isFresh() ? undefined : "it could not be renewed in time: nothing is claimed",
  );
  const turns = createTurns({ self: by, clock, peers: presence.peers }); // by uid
  // Writes go on through the drain; this ends them when even the report of an ended job finds no server.
  const lastCall = new AbortController();
  const write = { cluster, clock, log, metrics: counts, signal: lastCall.signal };
  const written = (request: RequestState, transition: Transition | undefined) =>
    transition && writeOf(request, transition, { by, now: clock.now() });
  const report = (claimId: string, result: Result) => (request: RequestState) =>
    written(request, reportJob(flow, request, claimId, result, clock.now()));

  async function reconcile(request: RequestState): Promise<RequestState | undefined> {
    const fault = isOurs(request) ? faultOf(flow, request) : undefined;
    if (fault !== undefined && told.get(request.metadata.uid!) !== fault) {
      log.warn(`Cannot work on requeststates "${nameOf(request)}": ${fault}`);
      told.set(request.metadata.uid!, fault);
    }
    const claim = request.status?.claim;
    if (request.spec.state === "STARTED" && claim && claims.isMine(claim.id) && isOurs(request)) {
      // A claim of ours that landed after we had stopped waiting for it: nobody else will take it while we live.
      return (await commit(request, report(claim.id, { state: "REQUESTED", reason: "Released" }), write))
        .request;
    }
    return await claimAndWork(request);
  }

  async function claimAndWork(request: RequestState): Promise<RequestState | undefined> {
    const { uid } = request.metadata;
    const id = claims.next();
    const claim = (request: RequestState) =>
      signal.aborted ? undefined : claimJob(flow, request, { id, holderIdentity: by, now: clock.now(), handles });
    const early = (notBeforeOf(request) ?? 0) - clock.now();
    if (early > 0) return void controller.requeueAfter(nameOf(request), early);
    if (!claim(request)) return request;
    await acquainted;
    const wait = presence.isFresh() ? turns.wait(uid!) : STALE_WAIT;
    if (wait > 0) return void controller.requeueAfter(nameOf(request), wait);
    claiming++;
    // A lost race needs no reading: the watch brings who has won it.
    const claimed = await commit(request, (newest) => written(newest, claim(newest)), { ...write, conflict: "throw" })
      .catch((error: unknown) => {
        if (isConflict(error)) counts.claimed("lost");
        throw error;
      })
      .finally(() => claiming--);
    counts.claimed(claimed.written ? "won" : "lost");
    // Where the answer was lost, somebody may have gone on from our claim meanwhile.
    if (claimed.written && claimed.request.spec.state === "STARTED") {
      turns.taken(uid!, by);
      return await work(claimed.request, id);
    }
    return claimed.request;
  }

  const isOurs = (request: RequestState) => whyNotOurs(flow, request) === undefined && !isOver(request);

  async function work(request: RequestState, claimId: string): Promise<RequestState | undefined> {
    onChange(request);
    const { uid, resourceVersion } = request.metadata;
    const stop = new AbortController();
    held.set(uid!, { claimId, since: resourceVersion!, stop });
    try {
      const begun = clock.monotonic();
      const result = await perform(request, stop.signal);
      counts.worked(request.spec.job, endOf(result), clock.monotonic() - begun);
      // Undefined, not the request: what is known of it may be older than what took it away.
      if (!result) return undefined;
      const reported = await reportOn(request, claimId, result);
      if (reported.written) onChange(reported.request);
      else log.warn(`Dropped the result of ${request.spec.job}: its claim does not stand any more`, { object: nameOf(request) });
      return reported.request;
    } finally {
      held.delete(uid!);
    }
  }

  /** Makes the result known. What the server will not take becomes a failure: the handler is not run again for it. */
  async function reportOn(request: RequestState, claimId: string, result: Result): Promise<Committed> {
    const backoff = createBackoff();
    for (;;) {
      try {
        return await commit(request, report(claimId, result), write);
      } catch (error) {
        if (isDenied(error)) {
          const wait = backoff.next();
          log.error(`Trying again in ${Math.round(wait)} ms: ${error.message}`, { object: nameOf(request) });
          await sleep(clock, wait, write.signal);
        } else if (isStatus(error) && result.state === "COMPLETED") {
          result = resultOfThrown(new NeverRetryError(error.message));
        } else if (isStatus(error) && result.state === "FAILED" && result.error !== UNREPORTABLE) {
          result = { state: "FAILED", error: UNREPORTABLE };
        } else throw error;
      }
    }
  }

  /** Runs the handler. Undefined: its claim is lost, there is nothing to report. */
  async function perform(request: RequestState, stop: AbortSignal): Promise<Result | undefined> {
    if (signal.aborted) return { state: "REQUESTED", reason: "Released" }; // told to end while the claim was being written
    const { job } = request.spec;
    try {
      const stopped = new Promise<never>((_, reject) =>
        stop.addEventListener("abort", () => reject(stop.reason), { once: true })
      );
      stopped.catch(() => {}); // the handler may throw before anybody waits for it
      const handler = handlers[job as keyof typeof handlers] as unknown as Handler;
      const told: Job = {
        job,
        input: request.spec.input,
        outputs: request.status?.outputs ?? {},
        attempt: attemptOf(request),
        fencingToken: attemptOf(request),
        idempotencyKey: `${request.metadata.uid}/${job}`,
        signal: stop,
        request,
        log,
      };
      return await resultOfHandler(flow.plans[job]!, await Promise.race([handler(told), stopped]), request);
    } catch (error) {
      if (stop.aborted) return stop.reason instanceof DrainError ? { state: "REQUESTED", reason: "Released" } : undefined;
      return resultOfThrown(error);
    }
  }

  const controller = runController<RequestState>({
    name: "worker",
    cluster,
    resource: REQUEST_STATES,
    namespace,
    fieldSelector: UNFINISHED,
    clock,
    log,
    metrics,
    health,
    concurrency,
    signal,
    grace: Infinity, // what is under way ends by the grace below
    async reconcile(_, { object: request, saw }) {
      const newest = request && await reconcile(request);
      if (newest) saw(newest);
    },
    predicate: ({ type, object }) => type !== "DELETED" && concerns(object),
    onEvent(event) {
      const { type, object } = event;
      const { uid, resourceVersion } = object.metadata;
      if (type === "DELETED") told.delete(uid!);
      follow(event);
      const mine = held.get(uid!);
      if (!mine) return;
      // A deletion that a list has shown comes with the last version that was seen, which may be the claim's own.
      if (type === "DELETED") mine.stop.abort(new RequestStateError(`requeststates "${nameOf(object)}" was deleted or ended`));
      else if (compareVersions(resourceVersion!, mine.since) <= 0) return;
      else if (object.spec.state !== "STARTED" || object.status?.claim?.id !== mine.claimId) {
        mine.stop.abort(new RequestStateError(`requeststates "${nameOf(object)}" was taken over`));
      }
    },
  });

  /** What somebody else is at is none of its business, nor what is done. */
  const concerns = ({ metadata, spec, status }: RequestState): boolean => {
    if (spec.state !== "STARTED") return !DONE.has(spec.state);
    const id = status?.claim?.id;
    return id !== undefined && claims.isMine(id) && held.get(metadata.uid!)?.claimId !== id;
  };

  /** Notes for the turns what can be had, and who holds what. */
  function follow(event: StoreEvent<RequestState>): void {
    const { metadata, spec, status } = event.object;
    const holder = status?.claim?.holderIdentity;
    if (event.type === "DELETED") turns.gone(metadata.uid!);
    else if (spec.state === "STARTED" && holder) turns.taken(metadata.uid!, holder);
    else if (spec.state !== "REQUESTED") turns.gone(metadata.uid!);
    else if (event.type === "ADDED" || !isSameJob(event.previous.spec, spec)) turns.free(metadata.uid!);
  }

  /** After the signal: waits for the jobs under way, then gives them back, then gives up. */
  async function drain(): Promise<void> {
    let over = false;
    const finished = controller.finished.then(() => void (over = true));
    const waiting = new AbortController();
    finished.finally(() => waiting.abort());
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    presence.leave();
    if (held.size > 0) log.info(`Ending: ${held.size} jobs are under way, for ${grace / 1_000} s at the most`);
    await sleep(clock, grace, waiting.signal).catch(() => {});
    for (const { stop } of held.values()) stop.abort(new DrainError());
    if (!over) await sleep(clock, RELEASE_LIMIT, waiting.signal).catch(() => {});
    if (!over) {
      const more = claiming > 0 ? `, ${claiming} more may be` : "";
      log.warn(`Gave up after ${RELEASE_LIMIT / 1_000} s without an answer: ${held.size} jobs stay claimed by ${by}${more}`);
    }
    lastCall.abort(new DrainError());
    await finished;
    living.abort();
    await presence.finished;
    counts.close();
    endCheck?.();
  }
  return { identity: by, finished: drain() };
}

const ENDS = { COMPLETED: "completed", FAILED: "failed", REQUESTED: "released", CANCELLED: "cancelled" } as const;

/** How a job has ended for this worker; without a result somebody has taken its claim away. */
const endOf = (result: Result | undefined): JobEnd => result ? ENDS[result.state] : "lost";

/** Nothing is left to a worker here. What is unknown is not among them: somebody has to hear of it. */
const DONE: ReadonlySet<string> = new Set<State>(["COMPLETED", "FAILED", "CANCELLED"]);

const isSameJob = (a: RequestStateSpec, b: RequestStateSpec) => a.state === b.state && a.job === b.job && a.attempt === b.attempt;

/** What is recorded of a failure that the server would not take as it was. */
const UNREPORTABLE = { type: "Error", message: "The server refused the report of this failure", retryable: false };

/** How long after it is present a worker claims nothing yet, in milliseconds. */
const ACQUAINTANCE = 250;

/** Who could not renew its lease claims nothing, and looks again after this, in milliseconds. */
const STALE_WAIT = 1_000;

/** How long giving jobs back may take when the server does not answer, in milliseconds. */
const RELEASE_LIMIT = 5_000;
