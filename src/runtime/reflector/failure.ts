import { causeText, isDenied, isExpired, isNoAnswer, isNotFound, isStatus } from "../../errors.ts";

/**
 * Why a list or a watch came to an end before its time:
 *
 * | reason | what happened |
 * | --- | --- |
 * | `expired` | the version to go on from is too old (410) |
 * | `ahead` | the version asked for is newer than the server's newest (504, "Too large resource version") |
 * | `behind` | a list is older than what was seen before |
 * | `throttled` | the server asks to come back later (429) |
 * | `unauthorized`, `forbidden`, `missing` | 401, 403, 404 |
 * | `refused` | any other Status |
 * | `broken` | the connection failed, or what came is nothing that an API server sends |
 * | `malformed` | an event or a list without what every object has |
 * | `idle` | nothing came for longer than a living watch is silent |
 * | `setup` | anything else: something about this program has to be put right |
 */
export type FailureReason =
  | "expired"
  | "ahead"
  | "behind"
  | "throttled"
  | "unauthorized"
  | "forbidden"
  | "missing"
  | "refused"
  | "broken"
  | "malformed"
  | "idle"
  | "setup";

/** A list or a watch that failed. */
export interface Failure {
  readonly reason: FailureReason;
  /** For people. */
  readonly message: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter?: number;
}

/** What a reflector itself finds wrong with what came. */
export class ReflectorError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What an error that ended a list or a watch means. Pure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ReflectorError) return { reason: error.reason, message: error.message };
  const message = causeText(error);
  return isStatus(error)
    ? { reason: reasonOf(error), message, retryAfter: error.status.retryAfter }
    : { reason: isNoAnswer(error) ? "broken" : "setup", message };
}

function reasonOf(error: unknown): FailureReason {
  if (!isStatus(error)) return "broken";
  const { code, message } = error.status;
  if (isExpired(error)) return "expired";
  // The cause ResourceVersionTooLarge in its details came with 1.18.6; the words are those of all versions.
  if (message.includes("Too large resource version")) return "ahead";
  if (code === 429) return "throttled";
  if (isNotFound(error)) return "missing";
  return isDenied(error) ? code === 401 ? "unauthorized" : "forbidden" : "refused";
}
