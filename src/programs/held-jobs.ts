import { isAbsent, isDenied, wholeText } from "../errors.ts";
import { JobAbortedError, LeaseLostError } from "../flow/aborted.ts";
import { isHeldBy } from "../flow/report.ts";
import type { Clock, Log, Reader } from "../ports.ts";
import { nameOf, REQUEST_STATES, type RequestState } from "../request-state.ts";
import { createBackoff } from "../runtime/time/backoff.ts";
import { sleep } from "../runtime/time/clock.ts";
import { elapsedSince, momentOf } from "../runtime/time/elapsed.ts";
import { compareVersions } from "../runtime/store/version.ts";
import { retryAfter } from "./commit.ts";
import { HeldJob } from "./held-job.ts";
import type { Implemented } from "./implementations.ts";
import { ChurnMap } from "../runtime/store/churn.ts";

/** The jobs that a worker has claimed and not yet reported. */
export interface HeldJobs {
  readonly size: number;
  /** How often the lease has run out. */
  readonly lapses: number;
  /** How many are of a flow, by its name. */
  sizeOf(flow: string): number;
  /** Whether it holds a request by this claim. */
  has(uid: string, claimId: string): boolean;
  /** Takes a job on. @param request As it was when the claim was confirmed. */
  hold(implemented: Implemented, request: RequestState, claim: HeldClaim): HeldJob;
  /** It is reported, or lost. */
  drop(job: HeldJob): void;
  /** Takes in what the watch shows. */
  follow(request: RequestState, isGone: boolean): void;
  /** The lease has run out: others may take the jobs. @param late How late that is noticed, in milliseconds. */
  lapsed(late: number): void;
  /** The lease was renewed after it had run out: each claim is looked up. */
  returned(): void;
  /**
   * Whether the claim stands, as far as can be known before a write that it fences: where this process was stalled, or cut off, for
   * longer than its lease, the server is asked.
   */
  stands(job: HeldJob): Promise<boolean> | true;
  /** Tells all handlers to stop. */
  stopAll(error: (job: HeldJob) => JobAbortedError): void;
  /** Waits for no handler any more. */
  giveUpAll(): void;
}

/** By what a job is held. */
export interface HeldClaim {
  readonly id: string;
  /** How often the lease had run out when it was sent. */
  readonly lapses: number;
}

/** What they are held with. */
export interface HeldJobsOptions {
  readonly cluster: Reader;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the lease has not run out. */
  readonly isFresh: () => boolean;
  /** All handlers are told to stop when the lease has run out, not only those whose flow asks for it. */
  readonly abortOnLapse: boolean;
  /** Ends all questions. */
  readonly signal: AbortSignal;
}

/** An answer that took longer shows what was, where the lease has run out, in milliseconds. */
const PROMPT = 5_000;

/** What is noticed so late was not merely waiting for its turn, in milliseconds. */
const STALL = 1_000;
const STALLS = "code that blocks the event loop, a stopped process, a machine asleep";

/** Makes a worker's hands, empty. Whatever befalls a job is said once in the log. */
export function createHeldJobs(options: HeldJobsOptions): HeldJobs {
  const { cluster, clock, log, isFresh, abortOnLapse, signal } = options;
  const held = new ChurnMap<string, HeldJob>(); // by uid
  const asking = new ChurnMap<HeldJob, Promise<boolean>>();
  let lapses = 0;

  const onStop = (job: HeldJob, error: JobAbortedError) => {
    const level = error.reason === "Draining" ? "debug" : error.reason === "LeaseLost" ? "warn" : "info";
    log[level](error.message, job.about);
  };

  /** Its claim does not stand any more. @param why Asked only where that is news: each job is seen to end once it is reported. */
  const lose = (job: HeldJob, why: () => JobAbortedError, request?: RequestState) => {
    if (job.isOver) return;
    const error = why();
    log.warn(`Job ${job.plan.name} is not this worker's any more: ${error.message}`, job.about);
    job.lose(error, request);
  };

  /** @returns Whether the claim stands in this version, which is the newest one. */
  const see = (job: HeldJob, request: RequestState): boolean => {
    const stands = isHeldBy(request, job.claimId);
    if (stands) job.see(request);
    else lose(job, () => reasonOf(request, job.lapses < lapses), request);
    return stands;
  };

  async function ask(job: HeldJob): Promise<boolean> {
    const { name, namespace, uid } = job.request.metadata;
    const backoff = createBackoff();
    for (let at = lapses; !job.lost; at = lapses) {
      const sent = momentOf(clock);
      try {
        const request = await cluster.get<RequestState>(REQUEST_STATES, { namespace, name }, { signal });
        if (request.metadata.uid !== uid) lose(job, () => gone(request));
        else see(job, isNewer(request, job.request) ? request : job.request);
        job.lapses = at;
        // This process may have stood still before it read the answer: who was taken for lost meanwhile is not shown by it.
        if (isFresh() || elapsedSince(clock, sent) <= PROMPT) break;
      } catch (error) {
        if (signal.aborted) throw error;
        if (isAbsent(error)) lose(job, () => gone(job.request));
        // Who may not ask may try: the write is conditional.
        else if (isDenied(error)) break;
        else {
          log.debug(`Cannot see whether the claim stands, trying on: ${wholeText(error)}`, job.about);
          await sleep(clock, retryAfter(error) ?? backoff.next(), signal);
        }
      }
    }
    return !job.lost;
  }

  /** Asks the server, once at a time. */
  const askOnce = (job: HeldJob): Promise<boolean> => {
    const under = asking.get(job) ?? ask(job).finally(() => asking.delete(job));
    asking.set(job, under);
    return under;
  };

  async function askAll(jobs: readonly HeldJob[]): Promise<void> {
    const stand = await Promise.all(jobs.map(askOnce));
    const kept = stand.filter((stands) => stands).length;
    log.info(`The lease is renewed again: of ${countOf(jobs.length)} under way ${kept} ${kept === 1 ? "goes" : "go"} on`);
  }

  return {
    get size() {
      return held.size;
    },
    sizeOf: (flow) => [...held.values()].filter(({ implemented }) => implemented.flow.name === flow).length,
    get lapses() {
      return lapses;
    },
    has: (uid, claimId) => held.get(uid)?.claimId === claimId,
    hold(implemented, request, { id: claimId, lapses }) {
      const job = new HeldJob({ implemented, claimId, lapses }, request, { clock, onStop });
      held.set(request.metadata.uid!, job);
      return job;
    },
    drop(job) {
      job.end();
      held.delete(job.request.metadata.uid!);
    },
    follow(request, isGone) {
      const job = held.get(request.metadata.uid!);
      if (!job) return;
      // A deletion that a list has shown comes with the last version that was seen, which may be the claim's own.
      if (isGone) lose(job, () => gone(request));
      else if (isNewer(request, job.request)) see(job, request);
    },
    lapsed(late) {
      lapses++;
      const why = late > STALL ? `, this process stood still for at least ${Math.floor(late / 1_000)} s (${STALLS})` : "";
      if (held.size > 0) log.warn(`The lease has run out${why}: ${countOf(held.size)} under way, nothing more is claimed`);
      for (const job of held.values()) {
        if (!abortOnLapse && job.implemented.flow.onLeaseLost !== "abort") continue;
        const what = `Job ${job.plan.name} of requeststates "${nameOf(job.request)}" has to stop`;
        job.stop(new LeaseLostError(`${what}: the worker could not renew its lease in time`));
      }
    },
    returned() {
      const jobs = [...held.values()].filter((job) => !job.isOver && job.lapses < lapses);
      if (jobs.length > 0) askAll(jobs).catch(() => {}); // the worker ends
    },
    stands: (job) => job.lapses === lapses && isFresh() ? true : askOnce(job),
    stopAll(error) {
      for (const job of held.values()) job.stop(error(job));
    },
    giveUpAll() {
      for (const job of held.values()) job.giveUp();
    },
  };
}

const countOf = (jobs: number): string => jobs === 1 ? "1 job" : `${jobs} jobs`;

const isNewer = (a: RequestState, b: RequestState): boolean =>
  compareVersions(a.metadata.resourceVersion!, b.metadata.resourceVersion!) > 0;

const gone = (request: RequestState) => new JobAbortedError("Deleted", `requeststates "${nameOf(request)}" was deleted or ended`);

/** Why a claim does not stand in this version. */
function reasonOf(request: RequestState, hasLapsed: boolean): JobAbortedError {
  const { spec, status } = request;
  const what = `requeststates "${nameOf(request)}"`;
  const last = status?.history?.at(-1);
  const isRecorded = last?.job === spec.job && last.state === spec.state;
  const by = !isRecorded ? " by somebody who has kept no record of it" : last.by === undefined ? "" : ` by ${last.by}`;
  if (spec.state === "STARTED" && !status?.claim) {
    return new JobAbortedError(
      "TakenOver",
      `the claim was taken out of ${what}: nobody goes on with it, cancel it or request the job anew`,
    );
  }
  if (spec.state === "CANCELLED") {
    const reason = last?.reason === "DeadlineExceeded" ? last.reason : "Cancelled";
    return new JobAbortedError(reason, `${what} was cancelled${by} (${reason})`);
  }
  if (last?.reason === "TimedOut") return new JobAbortedError("TimedOut", `${what} was taken over${by} (TimedOut)`);
  if (hasLapsed || last?.reason === "WorkerLost") {
    return new LeaseLostError(`${what} was taken over${by} after the lease of this worker had run out`);
  }
  const where = isRecorded ? "" : `: it is ${spec.job}/${spec.state} now`;
  return new JobAbortedError("TakenOver", `${what} was taken over${by}${where}`);
}
