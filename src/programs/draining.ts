import { JobAbortedError } from "../flow/aborted.ts";
import type { Clock, Log } from "../ports.ts";
import { nameOf } from "../request-state.ts";
import { sleep } from "../runtime/time/clock.ts";
import type { HeldJobs } from "./held-jobs.ts";

/** How a worker ends. */
export interface DrainOptions {
  readonly jobs: HeldJobs;
  /** How long jobs may go on, in milliseconds. */
  readonly grace: number;
  /** Resolves when all that was begun is done. */
  readonly working: Promise<void>;
  /** How many claims are being written. */
  readonly claiming: () => number;
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long giving jobs back may take when the server does not answer, in milliseconds. */
const RELEASE_LIMIT = 5_000;

/** How long a handler may take to stop once it was told to, in milliseconds; its job is given back then whether it has or not. */
const HEED_LIMIT = 1_000;

/**
 * After the signal: waits for the jobs under way, then tells their handlers to stop and gives the jobs back, then gives up.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { jobs, grace, working, claiming, identity, clock, log } = options;
  let over = false;
  const waiting = new AbortController();
  const finished = working.then(() => {
    over = true;
    waiting.abort();
  });
  finished.catch(() => {});
  const atMost = async (ms: number) => over || await sleep(clock, ms, waiting.signal).catch(() => {});
  const count = jobs.size === 1 ? "1 job is" : `${jobs.size} jobs are`;
  if (jobs.size > 0) log.info(`Ending: ${count} under way, for ${grace / 1_000} s at the most`);
  await atMost(grace);
  const text = `the worker has to end, and ${grace / 1_000} s were not enough`;
  jobs.stopAll((job) =>
    new JobAbortedError("Draining", `Job ${job.plan.name} of requeststates "${nameOf(job.request)}" has to stop: ${text}`)
  );
  await atMost(HEED_LIMIT);
  jobs.giveUpAll();
  await atMost(RELEASE_LIMIT - HEED_LIMIT);
  if (!over) {
    const more = claiming() > 0 ? `, ${claiming()} more may be` : "";
    log.warn(`Gave up after ${RELEASE_LIMIT / 1_000} s without an answer: ${jobs.size} jobs stay claimed by ${identity}${more}`);
  }
}
