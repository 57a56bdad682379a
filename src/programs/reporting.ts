import { aboutOf } from "./about.ts";
import { isDenied, isStatus, NeverRetryError } from "../errors.ts";
import { endTooLarge, reportJob, type Result } from "../flow/report.ts";
import { resultOfThrown } from "../flow/result.ts";
import type { Transition } from "../flow/transition.ts";
import { type Write, writeOf } from "../flow/write.ts";
import type { RequestState } from "../request-state.ts";
import { type Backoff, createBackoff } from "../runtime/time/backoff.ts";
import { sleep } from "../runtime/time/clock.ts";
import { commit, type CommitOptions, type Committed, isTooLarge } from "./commit.ts";
import type { HeldJob } from "./held-job.ts";

/** What a worker writes with. */
export interface WriterOptions extends CommitOptions {
  /** Its identity. */
  readonly by: string;
}

/** The writes of a worker. */
export interface Writer {
  /** The write that makes a transition now. */
  written(request: RequestState, transition: Transition | undefined): Write | undefined;
  /**
   * As `commit`; where the server finds the request too large, its end is written instead, without outputs. Where even that is too
   * large, that is said, and nothing more is tried on this version: it would be refused for ever.
   *
   * @param claimId The claim that the write is fenced by; undefined for the claim itself.
   */
  commit(
    request: RequestState,
    plan: (request: RequestState) => Write | undefined,
    options?: { readonly claimId?: string; readonly conflict?: "throw"; readonly onUncertain?: () => void },
  ): Promise<Committed>;
  /** The request is gone. */
  forget(uid: string): void;
  /** Makes a result known. What the server will not take becomes a failure: the handler is not run again for it. */
  report(job: HeldJob, result: Result): Promise<Committed>;
}

/** What is recorded of a failure that the server would not take as it was. */
const UNREPORTABLE = { type: "Error", message: "The server refused the report of this failure", retryable: false };

/** Makes the writes of one worker. */
export function createWriter({ by, ...options }: WriterOptions): Writer {
  const { clock, log, signal } = options;

  const written: Writer["written"] = (request, transition) =>
    transition && writeOf(request, transition, { by, now: clock.now() });

  const hopeless = new Map<string, string>(); // by uid: the version that is too large even for its end

  const writer: Writer = {
    written,
    forget: (uid) => void hopeless.delete(uid),
    async commit(request, plan, { claimId, ...more } = {}) {
      const { uid, resourceVersion } = request.metadata;
      if (hopeless.get(uid!) === resourceVersion) return { written: false, request };
      try {
        return await commit(request, plan, { ...options, ...more });
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        const about = { ...aboutOf(request), job: request.spec.job };
        try {
          const ended = await commit(request, (newest) => written(newest, endTooLarge(newest, claimId)), options);
          if (ended.written) log.warn(`Ended the flow, it has become too large: ${error.message}`, about);
          return ended;
        } catch (again) {
          if (!isTooLarge(again)) throw again;
          log.error(`Cannot even end the flow, it is too large without its outputs, too; delete it: ${again.message}`, about);
          hopeless.set(uid!, resourceVersion!);
          return { written: false, request };
        }
      }
    },
    async report(job, result) {
      const { claimId, implemented: { flow } } = job;
      let backoff: Backoff | undefined;
      for (let failures = 1;; failures++) {
        const given = result;
        try {
          const plan = (newest: RequestState) => written(newest, reportJob(flow, newest, claimId, given, clock.now()));
          return await writer.commit(job.request, plan, { claimId });
        } catch (error) {
          if (!isStatus(error)) throw error;
          const denied: boolean = isDenied(error);
          if (!denied && given.state === "COMPLETED") {
            result = resultOfThrown(new NeverRetryError(error.message));
            log.error(`The result of job ${job.plan.name} was refused, it has failed by that: ${error.message}`, job.about);
          } else if (!denied && given.state === "FAILED" && given.error !== UNREPORTABLE) {
            result = { state: "FAILED", error: UNREPORTABLE };
          } else {
            // Rights may come back, and so may a rule that refuses what must be said.
            const wait = (backoff ??= createBackoff()).next();
            const level = (failures & failures - 1) === 0 ? "error" : "debug";
            log[level](`Cannot report job ${job.plan.name}, trying again in ${Math.round(wait)} ms: ${error.message}`, job.about);
            await sleep(clock, wait, signal);
          }
        }
      }
    },
  };
  return writer;
}
