/**
 * One legal step of a request, as a value. `write.ts` turns it into a write.
 *
 * @module
 */

import {
  attemptOf,
  type Claim,
  type Failures,
  type Json,
  type LastError,
  type RequestState,
  type State,
} from "../request-state.ts";

/** The end of a flow. */
export interface End {
  /** Whether it has ended well. */
  readonly succeeded: boolean;
  /** CamelCase. */
  readonly reason: string;
  /** For people; becomes the message of the conditions. */
  readonly message: string;
}

/** Something that is said about a flow that is not over; becomes the condition `Finished`. */
export interface Standstill {
  /** Unknown: nobody here can tell. */
  readonly status: "False" | "Unknown";
  /** CamelCase. */
  readonly reason: "Parked" | "DefinitionMissing";
  /** For people. */
  readonly message: string;
}

/** One legal step of a request, to be made by one conditional write. */
export interface Transition {
  /** The job afterwards. */
  readonly job: string;
  /** The state afterwards. */
  readonly state: State;
  /** The attempt afterwards. */
  readonly attempt: number;
  /** False: the state stays, only its end or a condition is recorded. */
  readonly entered: boolean;
  /** CamelCase; why, where it is not the ordinary course. */
  readonly reason?: string;
  /** What chose the next job. */
  readonly outcome?: string;
  /** Set by the claim; every transition to REQUESTED clears it. */
  readonly claim?: Omit<Claim, "acquireTime">;
  /** What the handler gave back, or the data of the signal. */
  readonly output?: Json;
  /** Outputs are dropped: the object would be too large. */
  readonly withoutOutputs?: true;
  /** What went wrong. */
  readonly error?: LastError;
  /** How often it went wrong so far; null: it is a new job, or a new start of it. */
  readonly failures?: Failures | null;
  /** A signal that the director gives itself: its outcome. */
  readonly signal?: string;
  /** For the eyes of an operator, where no worker comes next. Every other transition clears it. */
  readonly waitingFor?: string;
  /** Set where the flow stands still; null: it does not any more. Every transition that enters a state clears it. */
  readonly standstill?: Standstill | null;
  /** Set where the flow is over with this transition. */
  readonly end?: End;
}

/** Something that a person should see: a Kubernetes Event of the request. */
export interface Notice {
  /** As in `Event.type`. */
  readonly type: "Normal" | "Warning";
  /** CamelCase, as in `Event.reason`. */
  readonly reason: string;
  /** A whole sentence without a full stop. */
  readonly message: string;
}

/** The request as it is, but for what is said about it. */
export const stay = (request: RequestState): Pick<Transition, "job" | "state" | "attempt" | "entered"> => ({
  job: request.spec.job,
  state: request.spec.state as Transition["state"],
  attempt: attemptOf(request),
  entered: false,
});
