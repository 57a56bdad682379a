/**
 * A job that is asked for: the first attempt of the next one, or another attempt of the same. Pure.
 *
 * @module
 */

import { attemptOf, type Failures, type RequestState } from "../request-state.ts";
import type { Flow } from "./plan.ts";
import type { Transition } from "./transition.ts";
import { waitText } from "./waiting.ts";

/** Asks for another job. @param now Milliseconds since the Unix epoch. */
export function requestNext(flow: Flow, of: RequestState, job: string, now: number, reason?: string): Transition {
  const waitingFor = waitText(flow.plans[job]!, now, of);
  return {
    job,
    state: "REQUESTED",
    attempt: 1,
    entered: true,
    failures: null,
    ...reason !== undefined && { reason },
    ...waitingFor !== undefined && { waitingFor },
  };
}

/** Asks for the current job once more. @param failures Undefined: it is not counted. */
export const requestAgain = (of: RequestState, reason: string, failures?: Failures | null): Transition => ({
  job: of.spec.job,
  state: "REQUESTED",
  attempt: attemptOf(of) + 1,
  entered: true,
  reason,
  ...failures !== undefined && { failures },
});
