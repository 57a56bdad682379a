import { isJobAborted, JobAbortedError } from "../flow/aborted.ts";
import { defineFlow } from "../flow/definition.ts";
import { hasHandler } from "../flow/handler.ts";
import type { InputGiven, Job, JobName, OutcomeOf, OutputGiven, WorkedJob } from "../flow/handler.ts";
import type { Performer } from "../flow/middleware.ts";
import { type Flow, isFlow } from "../flow/plan.ts";
import type { Result } from "../flow/report.ts";
import { INPUT_LIMIT } from "../flow/sizes.ts";
import { successorOf } from "../flow/steps.ts";
import { keptValue, storedValue } from "../flow/value.ts";
import { perform } from "../programs/handling.ts";
import { HeldJob } from "../programs/held-job.ts";
import { bringTogether, type PartialImplementation } from "../programs/implementations.ts";
import {
  ANYTHING,
  checkOptions,
  type Expectation,
  type Members,
  membersFault,
  OBJECT,
  refuse,
  TEXT,
  wholeFrom,
} from "../options.ts";
import { meantText } from "../text.ts";
import { API_VERSION, type Json, KIND, type RequestState } from "../request-state.ts";
import { createVirtualClock } from "../runtime/time/clock.ts";
import type { TestedFlow } from "./flow-test.ts";
import { setRealTimer } from "./real-time.ts";
import { createRecordedLog, type RecordedLog } from "./recorded-log.ts";

/** What a handler is told in a test; what is left out is as in the first attempt of a flow without input. */
export interface JobContext<F extends Flow = Flow, J extends JobName<F> = JobName<F>> {
  /** What the flow was started with, as it is given to `startFlow`. @default {Nothing} */
  readonly input?: InputGiven<F>;
  /** What the jobs before gave back. @default {Nothing} */
  readonly outputs?: { readonly [Other in JobName<F>]?: OutputGiven<F, Other> };
  /** Counts from 1. @default {1} */
  readonly attempt?: number;
  /** The uid of the request: the idempotency key begins with it. @default {"test"} */
  readonly uid?: string;
  /** Aborted by the test: the handler is told to stop, as when its flow is cancelled. @default {It never is} */
  readonly signal?: AbortSignal;
  /** How long the handler may take, in milliseconds of real time. @default {3_000} */
  readonly realTime?: number;
  /** The definition by which the result is judged, where a handler alone is given; `job` belongs to it. @default {Any outcome is good} */
  readonly flow?: F;
  /** The job that the handler does. @default {"job"} */
  readonly job?: J;
}

/** What has become of a handler, as its worker would report it. */
export interface JobRun<F extends Flow = Flow, J extends JobName<F> = JobName<F>> {
  /** `CANCELLED` where it has stopped because its signal was aborted. */
  readonly state: "COMPLETED" | "FAILED" | "CANCELLED";
  /** What it gave back. */
  readonly outcome?: OutcomeOf<F, J>;
  /** What it gave back, as it is stored: what JSON makes of it. */
  readonly output?: OutputGiven<F, J>;
  /** Why it has failed: what it threw, or why what it gave back is no result. */
  readonly error?: JobRunError;
  /** What it threw. */
  readonly thrown?: unknown;
  /** The job that comes next; undefined where the flow ends, where the job has not completed, and where no definition is known. */
  readonly next?: JobName<F>;
  /** What it has said. */
  readonly log: RecordedLog;
}

/** Why a handler has failed. */
export interface JobRunError {
  /** The name of the error; `InvalidInput`, `InvalidOutput` or `InvalidResult` where a value does not fit. */
  readonly type: string;
  /** At most 1 KiB. */
  readonly message: string;
  /** Whether another attempt may help: not after a `NeverRetryError`, nor where a value does not fit. */
  readonly retryable: boolean;
  /** When it asks to be tried again, in milliseconds: after a `RetryAfterError`. */
  readonly retryAfter?: number;
}

/**
 * Runs the handler of one job, alone: no cluster, no director. It is told what a worker would tell it, and what it gives back or
 * throws is judged as a worker would: schemas of input and outputs, outcomes, sizes.
 *
 * @param implementation The flow and its handlers; what is done around them (`use`) is done here, too.
 * @param job The job.
 * @throws {TypeError} When it has no handler, the input is nothing that JSON can say, something that it is told is unknown, or what it gives
 * back has a member beside `outcome` and `output`, which a worker drops.
 * @throws {RangeError} When the input is too large.
 * @throws {Error} When the handler has not ended within `realTime`.
 *
 * @example
 * ```ts
 * import { defineFlow, implementFlow, NeverRetryError, shape } from "crd-watcher";
 * import { runJob } from "crd-watcher/testing";
 *
 * const order = implementFlow(
 *   defineFlow("order", {
 *     start: "charge",
 *     input: shape<{ amount: number }>(),
 *     jobs: { charge: { on: { paid: "ship", declined: "notify" } }, ship: {}, notify: {} },
 *   }),
 *   {
 *     charge: async ({ input, log }) => {
 *       if (input.amount < 0) throw new NeverRetryError("a negative amount");
 *       log.info("charged");
 *       return { outcome: "paid" };
 *     },
 *     ship: async () => {},
 *     notify: async () => {},
 *   },
 * );
 *
 * const good = await runJob(order, "charge", { input: { amount: 12 } });
 * console.log(good.outcome, good.next, good.log.lines); // paid ship ["info charged"]
 * const bad = await runJob(order, "charge", { input: { amount: -1 } });
 * console.log(bad.state, bad.error?.retryable); // FAILED false
 * ```
 */
export function runJob<F extends Flow, J extends WorkedJob<F> & JobName<F>>(
  implementation: TestedFlow<F>,
  job: J,
  context?: Omit<JobContext<F, J>, "flow" | "job">,
): Promise<JobRun<F, J>>;
/**
 * The same for a function that is a handler; with `flow` and `job` in its context it is judged by that definition.
 *
 * @example
 * ```ts
 * import { RetryAfterError } from "crd-watcher";
 * import { runJob } from "crd-watcher/testing";
 *
 * const { state, error } = await runJob(async () => {
 *   throw new RetryAfterError(60_000, "not ready yet");
 * });
 * console.log(state, error?.retryAfter); // FAILED 60000
 * ```
 */
export function runJob<F extends Flow = Flow, J extends JobName<F> = JobName<F>>(
  handler: (job: Job<F, J>) => unknown,
  context?: JobContext<F, J>,
): Promise<JobRun<F, J>>;
export async function runJob(
  first: TestedFlow | ((job: Job) => unknown),
  second?: string | JobContext,
  third?: JobContext,
): Promise<JobRun> {
  const isAlone = typeof first === "function";
  const context = (isAlone ? second as JobContext : third) ?? {};
  const job = isAlone ? context.job ?? "job" : second as string;
  const heard: { thrown?: unknown } = {};
  const implementation = isAlone ? alone(first, job, context.flow) : first as PartialImplementation;
  if (!isFlow(implementation?.flow) || !implementation.handlers) {
    throw new TypeError(
      `Cannot run job "${job}": it is given no implementation, expected what implementFlow gives, or a function`,
    );
  }
  const { flow, handlers } = implementation;
  checkContext(flow, job, context, isAlone && !context.flow);
  if (!hasHandler(handlers, job)) {
    const known = Object.keys(handlers).join(", ") || "none";
    throw new TypeError(`Cannot run job "${job}" of flow "${flow.name}": it has no handler (handlers: ${known})`);
  }
  const spied = listening(handlers[job] as Performer, heard);
  const request = requestOf(flow, job, context);
  const implemented = bringTogether([{ ...implementation, handlers: { ...handlers, [job]: spied as never } }], []).of(request)!;
  const log = createRecordedLog();
  // It stands still: only the test tells the handler to stop.
  const clock = createVirtualClock();
  const held = new HeldJob({ implemented, claimId: CLAIM, lapses: 0 }, request, { clock, onStop: () => {} });
  let stray: string | undefined;
  const result = await inTime(held, perform(held, { clock, log, onStray: (text) => stray = text }), context);
  if (stray !== undefined) throw new TypeError(stray);
  const next = result.state === "COMPLETED" && !(isAlone && !context.flow) ? successorOf(flow, job, result.outcome) : undefined;
  return { ...reportOf(result), ...heard, ...next !== undefined && { next }, log } as JobRun;
}

const CLAIM = "claim-of-the-test";

/** What a timer of the platform can hold, in milliseconds: a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;
const REAL_TIME: Expectation = {
  expected: `milliseconds from 0, at most ${LONGEST}`,
  fits: (value) => typeof value === "number" && value >= 0 && value <= LONGEST,
  isNumber: true,
};
const CONTEXT: Members<JobContext> = {
  input: ANYTHING,
  outputs: OBJECT,
  attempt: wholeFrom(1),
  uid: TEXT,
  signal: { expected: "an AbortSignal", fits: (value) => value instanceof AbortSignal },
  realTime: REAL_TIME,
  flow: { expected: "what defineFlow gives", fits: isFlow },
  job: TEXT,
};

/** @param isAny Whether the handler is of no flow: jobs may be called anything. @throws {TypeError | RangeError} */
function checkContext(flow: Flow, job: string, context: JobContext, isAny: boolean): void {
  const action = `Cannot run job "${job}" of flow "${flow.name}"`;
  checkOptions(action, context, CONTEXT);
  if (isAny) return;
  if (!flow.plans[job]) {
    throw new TypeError(`${action}: there is no such job (${flow.jobs.join(", ")})${meantText(job, flow.jobs)}`);
  }
  refuse(action, membersFault(context.outputs ?? {}, flow.jobs, "outputs"));
}

/** A handler without a flow: whatever it gives as its outcome is one that there is. */
function alone(handler: (job: Job) => unknown, job: string, flow: Flow | undefined): PartialImplementation {
  if (flow) return { flow, handlers: { [job]: handler as never } };
  const outcomes: string[] = [];
  const { plans, ...rest } = defineFlow("test", [job]) as Flow;
  const performer: Performer = async (told) => {
    const given = await handler(told);
    const { outcome } = (given ?? {}) as { readonly outcome?: unknown };
    if (typeof outcome === "string") outcomes.push(outcome);
    return given;
  };
  return {
    flow: { ...rest, plans: { [job]: { ...plans[job]!, outcomes } } },
    handlers: { [job]: performer as never },
  };
}

/** Takes down what a handler throws. */
const listening = (handler: Performer, heard: { thrown?: unknown }): Performer => async (told) => {
  try {
    return await handler(told);
  } catch (error) {
    heard.thrown = error;
    throw error;
  }
};

/** A request whose job has just been claimed. */
function requestOf(flow: Flow, job: string, { input, outputs, attempt = 1, uid = "test" }: JobContext): RequestState {
  const action = `Cannot run job "${job}" of flow "${flow.name}"`;
  const stored = storedValue(input, action, "input", INPUT_LIMIT);
  const before = keptValue(outputs ?? {}, "outputs");
  if (before.fault !== undefined) throw new TypeError(`${action}: what the jobs before gave back: ${before.fault}`);
  const timestamp = "2026-01-01T00:00:00.000Z";
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: uid, namespace: "default", uid, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: {
      ...{ "request-uid": uid, flow: flow.name, flowDigest: flow.digest, job, state: "STARTED", attempt },
      ...stored !== undefined && { input: stored },
    },
    status: {
      history: ["REQUESTED", "STARTED"].map((state, index) => ({ job, state, timestamp, seq: index + 1, attempt })),
      claim: { id: CLAIM, holderIdentity: "worker-of-the-test", job, attempt, acquireTime: timestamp },
      outputs: before.value as Record<string, Json>,
    },
  };
}

/** Waits for a handler, tells it to stop when the test says so, and does not wait for ever. */
async function inTime(
  held: HeldJob,
  performing: Promise<Result | undefined>,
  { signal, realTime = 3_000 }: JobContext,
): Promise<Result> {
  const stop = () => {
    const { reason } = signal!;
    held.stop(
      isJobAborted(reason) ? reason : new JobAbortedError("Cancelled", `Job ${held.plan.name} has to stop: the test says so`),
    );
  };
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    const remedy = "mock what it waits for, abort its signal, or give it more with realTime";
    const text = `The handler of job ${held.plan.name} has not ended within ${realTime / 1_000} s of real time: ${remedy}`;
    cancel = setRealTimer(realTime, () => reject(new Error(text)));
  });
  try {
    return (await Promise.race([performing, late]))!;
  } finally {
    cancel();
    signal?.removeEventListener("abort", stop);
    held.end();
  }
}

function reportOf(result: Result): Omit<JobRun, "log"> {
  switch (result.state) {
    case "COMPLETED":
      return result as Omit<JobRun, "log">;
    case "FAILED": {
      const { type, message, retryable, retryAfterSeconds } = result.error;
      const retryAfter = retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds * 1_000 };
      return { state: "FAILED", error: { type, message, retryable, ...retryAfter } };
    }
    default:
      return { state: "CANCELLED" };
  }
}
