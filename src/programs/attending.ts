import { cancellationOf } from "../flow/cancelling.ts";
import { faultOf } from "../flow/ownership.ts";
import { isHeldBy, reportJob, type Result } from "../flow/report.ts";
import type { Clock, Log } from "../ports.ts";
import { attemptOf, isOver, nameOf, type RequestState } from "../request-state.ts";
import { aboutOf } from "./about.ts";
import type { Claims } from "./claiming.ts";
import type { FlowMetrics, JobEnd } from "./flow-metrics.ts";
import { perform, RELEASED } from "./handling.ts";
import type { HeldJob } from "./held-job.ts";
import type { HeldClaim, HeldJobs } from "./held-jobs.ts";
import type { Implementations, Implemented } from "./implementations.ts";
import type { Writer } from "./reporting.ts";

/** Does what a worker has to do about a request: claims it, runs its handler, reports. */
export interface Attendant {
  /**
   * @param saw Hears of the claim once it is confirmed.
   * @returns The newest version that is known; undefined where that is nothing new, or may be older than what is to come.
   */
  attend(request: RequestState, saw: (request: RequestState) => void): Promise<RequestState | undefined>;
  /** The request is gone. */
  forget(uid: string): void;
}

/** What it is done with. */
export interface AttendantOptions {
  readonly implementations: Implementations;
  readonly claims: Claims;
  readonly jobs: HeldJobs;
  readonly writer: Writer;
  readonly metrics: FlowMetrics;
  readonly onChange: (request: RequestState) => void;
  /** Whether the lease has not run out. */
  readonly isFresh: () => boolean;
  /** A request as the watch has last shown it. */
  readonly seen: (request: RequestState) => RequestState | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** No more handlers are begun. */
  readonly signal: AbortSignal;
}

/** What is said once is remembered: so many texts. */
const STRAYS = 100;

/** Makes the one of a worker. */
export function createAttendant(options: AttendantOptions): Attendant {
  const { implementations, claims, jobs, writer, metrics, onChange, isFresh, clock, log, signal } = options;
  const told = new Map<string, string>(); // by uid: the fault that was last reported
  const strays = new Set<string>(); // what was said of results that hold too much

  async function attend(request: RequestState, saw: (request: RequestState) => void): Promise<RequestState | undefined> {
    const implemented = implementations.of(request);
    if (!implemented || isOver(request)) return undefined;
    const fault = faultOf(implemented.flow, request);
    if (fault !== undefined) {
      const uid = request.metadata.uid!;
      if (told.get(uid) !== fault) {
        log.warn(`Cannot work on requeststates "${nameOf(request)}": ${fault}`, aboutOf(request));
      }
      told.set(uid, fault);
      return undefined;
    }
    if (request.spec.state === "STARTED") return await recover(implemented, request);
    const { claim, request: claimed } = await claims.claim(implemented, request);
    if (!claim) return claimed;
    saw(claimed!); // while its handler runs, a restore of the storage may undo the claim: the request is looked at again then
    return await work(implemented, claimed!, claim);
  }

  /** A claim of this worker that it is not at work by: nobody else will go on with it while this worker lives. */
  async function recover(implemented: Implemented, request: RequestState): Promise<RequestState | undefined> {
    const { flow, handles } = implemented;
    const { id = "", job } = request.status?.claim ?? {};
    if (!claims.isMine(id) || jobs.has(request.metadata.uid!, id)) return undefined;
    const about = { ...aboutOf(request), job, claim: id };
    const isUsable = isHeldBy(request, id) && handles(request.spec.job) && !cancellationOf(request, clock.now()) && isFresh();
    const sent = claims.landedLate(request);
    if (sent && isUsable && !signal.aborted) {
      log.info(`A claim of job ${job} has landed after it was given up: its handler is run by it`, about);
      return await work(implemented, request, { id, ...sent });
    }
    const release = (newest: RequestState) => writer.written(newest, reportJob(flow, newest, id, RELEASED, clock.now()));
    const released = await writer.commit(request, release, { claimId: id });
    if (released.written) log.info(`Gave job ${job} back: it was claimed, and nobody is at work on it`, about);
    return released.request;
  }

  /**
   * Does a job that was claimed, and reports it.
   *
   * @returns The newest version that is known, also where the request is gone: the cache may be older than that.
   */
  async function work(implemented: Implemented, request: RequestState, claim: HeldClaim): Promise<RequestState> {
    onChange(request);
    const job = jobs.hold(implemented, request, claim);
    try {
      // The lease may have run out since the claim was sent, and the claim was taken away then.
      const stood = jobs.stands(job);
      if (stood !== true && !await stood) return job.request;
      // It may have moved on between the answer and now.
      const seen = options.seen(request);
      if (seen) jobs.follow(seen, false);
      const begun = clock.monotonic();
      // Told to end while the claim was being written: no handler is begun.
      const result = signal.aborted ? RELEASED : await perform(job, { clock, log, onStray: (text) => warnOnce(text, job) });
      metrics.worked(implemented.flow.name, job.plan.name, endOf(result), clock.monotonic() - begun);
      if (!result) return job.request;
      const stands = jobs.stands(job);
      if (stands !== true && !await stands) return job.request;
      job.end();
      if (result.state === "FAILED") {
        const { message, retryAfterSeconds } = result.error;
        // Who asks to be called again has not failed.
        const level = retryAfterSeconds === undefined ? "warn" : "debug";
        log[level](`Job ${job.plan.name} has failed (attempt ${attemptOf(job.request)}): ${message}`, job.about);
      }
      const reported = await writer.report(job, result);
      if (reported.written) onChange(reported.request);
      else if (!reported.request || !isHeldBy(reported.request, claim.id)) {
        log.warn(`Dropped the result of job ${job.plan.name}: its claim does not stand any more`, job.about);
      }
      return reported.request ?? job.request;
    } finally {
      jobs.drop(job);
    }
  }

  /** Whoever gives back too much does it each time. */
  function warnOnce(text: string, job: HeldJob): void {
    const kind = `${job.implemented.flow.name} ${text}`;
    if (strays.has(kind) || strays.size >= STRAYS) return;
    strays.add(kind);
    log.warn(`${text} (said once)`, job.about);
  }

  return { attend, forget: (uid) => void told.delete(uid) };
}

const ENDS = { COMPLETED: "completed", FAILED: "failed", REQUESTED: "released", CANCELLED: "cancelled" } as const;

/** How a job has ended for this worker; without a result somebody has taken its claim away. */
const endOf = (result: Result | undefined): JobEnd => result ? ENDS[result.state] : "lost";
