import { attemptOf, conditionOf, isOver, isParked, type RequestState } from "../request-state.ts";
import { notBeforeOf } from "./moments.ts";

/**
 * What a flow waits for, in words for an operator: `a worker for job charge`. From the object alone, so that it can be said where
 * the definition is not at hand. Undefined where it is over. Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function whatItWaitsFor(request: RequestState, now: number): string | undefined {
  if (isOver(request)) return undefined;
  const { spec, status } = request;
  const { job, state, desiredState } = spec;
  const attempt = attemptOf(request) > 1 ? ` (attempt ${attemptOf(request)})` : "";
  const holder = status?.claim?.holderIdentity ?? "a worker that names no claim";
  if (isParked(request)) return `somebody to retry job ${job} or to cancel the flow`;
  if (desiredState === "Cancelled") return state === "STARTED" ? `${holder} to stop job ${job}` : "its director to cancel it";
  if (conditionOf(request, "Finished")?.reason === "DefinitionMissing") return "a director that knows its definition";
  if (state === "STARTED") return `${holder} to do job ${job}${attempt}`;
  if (desiredState === "Suspended") return "somebody to resume it";
  const notBefore = notBeforeOf(request);
  switch (state) {
    case "REQUESTED":
      if (notBefore !== undefined && now < notBefore) return `its time, ${spec.notBefore}`;
      return status?.waitingFor === undefined ? `a worker for job ${job}${attempt}` : `job ${job}: ${status.waitingFor}`;
    case "FAILED":
      return `its director, after job ${job} failed${attempt}`;
    case "COMPLETED":
      return `its director, after job ${job} completed`;
    default:
      return "its director";
  }
}
