/**
 * What became of a handler, as a result that can be reported. Pure.
 *
 * @module
 */

import { causesOf, isNeverRetry, retryAfterOf, wholeText } from "../errors.ts";
import type { RequestState } from "../request-state.ts";
import { spanText } from "./moments.ts";
import type { JobPlan } from "./plan.ts";
import type { Result } from "./report.ts";
import { outputFault } from "./sizes.ts";
import { checkValue } from "./standard-schema.ts";
import { isPlain, keptValue, nameOf } from "./value.ts";
import { valueText } from "../options.ts";
import { cutText, didYouMean, nearest } from "../text.ts";

/** The result of a job that could not be done as given. Another attempt would end in the same way. */
const unfit = (type: string, message: string, reason?: "InvalidInput"): Result => ({
  state: "FAILED",
  error: { type, message: cutText(message, 1_024), retryable: false },
  ...reason && { reason },
});

/**
 * The result of a job whose handler gave something back: completed, or failed for good where that is not what the definition
 * asks for, nothing that JSON can say, or too large to be kept.
 *
 * @param given Whatever the handler has returned.
 */
export async function resultOfHandler(plan: JobPlan, given: unknown, request: RequestState): Promise<Result> {
  const wrong = (what: string) => unfit("InvalidResult", `The handler of job ${plan.name} gave back ${what}`);
  const other = otherThanResult(given);
  if (other !== undefined) return wrong(`${other}, expected { outcome, output } or nothing`);
  const { outcome, output } = (given ?? {}) as { readonly outcome?: unknown; readonly output?: unknown };
  const expected = plan.outcomes.length > 0 ? `one of ${plan.outcomes.join(", ")}` : "none";
  if (plan.outcomes.length > 0 ? !plan.outcomes.includes(outcome as string) : outcome !== undefined) {
    return wrong(
      `${
        outcome === undefined
          ? "no outcome"
          : typeof outcome === "string"
          ? `outcome "${outcome}"`
          : `a ${typeof outcome} as outcome`
      }, expected ${expected}`,
    );
  }
  const { value: stored, fault: odd } = keptValue(output, "output");
  if (odd !== undefined) return unfit("InvalidResult", `The output ${odd}`);
  const checked = await checkValue(plan.output, stored);
  if (checked.fault !== undefined) return unfit("InvalidResult", `The output does not fit its schema: ${checked.fault}`);
  const fault = stored === undefined ? undefined : outputFault(plan.name, stored, request);
  if (fault !== undefined) return unfit("InvalidResult", `The output ${fault}`);
  return {
    state: "COMPLETED",
    ...outcome !== undefined && { outcome: outcome as string },
    ...stored !== undefined && { output: stored },
  };
}

/**
 * What is to be said of a result that holds more than a result has: what stands beside `outcome` and `output` is dropped, and may be one of
 * them, mistyped. The work is done, so that the job does not fail for it. Undefined where there is nothing.
 *
 * @param given Whatever the handler has returned.
 */
export function strayText(job: string, given: unknown): string | undefined {
  let stray: string | undefined;
  try {
    const members = given as { readonly [name: string]: unknown } | null | undefined;
    if (members && !("outcome" in members) && !("output" in members)) return undefined; // it is no result at all
    stray = Object.keys(members ?? {}).find((name) => !MEMBERS.includes(name) && members![name] !== undefined);
  } catch {
    // A getter, or a Proxy: what could be read is reported.
  }
  if (stray === undefined) return undefined;
  const meant = didYouMean(nearest(stray, MEMBERS));
  return `The handler of job ${job} gave back a member ${
    valueText(stray)
  }, which is dropped: expected outcome and output${meant}`;
}

const MEMBERS: readonly string[] = ["outcome", "output"];

/** What a handler has given back that is no result, in words: whatever it meant would be lost in silence. */
function otherThanResult(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (given === null) return "null";
  if (typeof given !== "object") return `a ${typeof given}`;
  if (Array.isArray(given)) return "a list";
  if (given instanceof Error) return "an error";
  if (given instanceof Map || given instanceof Set || given instanceof Date) return `a ${given.constructor.name}`;
  if ("outcome" in given || "output" in given) return undefined;
  const members = Object.keys(given);
  if (members.length > 0) return `an object with ${members.join(", ")}`;
  return isPlain(given) ? undefined : nameOf(given); // the body of a generator has not even been begun
}

/** The result of a job whose handler threw. */
export function resultOfThrown(thrown: unknown): Result {
  const type = causesOf(thrown)[0]?.name ?? "Error";
  const wait = retryAfterOf(thrown);
  return {
    state: "FAILED",
    error: {
      type: cutText(type, 250),
      message: cutText(wholeText(thrown), 1_024), // "fetch failed" alone says nothing
      retryable: !isNeverRetry(thrown),
      ...wait !== undefined && { retryAfterSeconds: wait / 1_000 },
    },
  };
}

/** The result of a job whose flow was given an input that its definition does not take: no handler is run. */
export const invalidInput = (fault: string): Result =>
  unfit("InvalidInput", `The input of the flow does not fit its schema: ${fault}`, "InvalidInput");

/** The result of a job that would be given outputs which their schema does not take any more. */
export const invalidOutput = (job: string, fault: string): Result =>
  unfit("InvalidOutput", `The output of job ${job} does not fit its schema: ${fault}`);

/**
 * The result of an attempt that took too long, where no director has said so: as any failure, it may be tried again.
 *
 * @param ms Milliseconds that it was given.
 */
export const timedOut = (job: string, ms: number): Result => ({
  state: "FAILED",
  error: { type: "TimedOut", message: `Job ${job} was not done within ${spanText(ms)}`, retryable: true },
  reason: "TimedOut",
});
