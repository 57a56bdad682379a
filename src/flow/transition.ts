/**
 * One legal step of a request, as a value. `write.ts` turns it into a write.
 *
 * @module
 */

import type { Claim, Json, LastError, State } from "../request-state.ts";

/** The end of a flow. */
export interface End {
  /** Whether every job completed. */
  readonly succeeded: boolean;
  /** CamelCase. */
  readonly reason: string;
  /** For people; becomes the message of the conditions. */
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
  /** False: the state stays, only its end is recorded. */
  readonly entered: boolean;
  /** CamelCase; why, where it is not the ordinary course. */
  readonly reason?: string;
  /** Set by the claim; every other transition to REQUESTED clears it. */
  readonly claim?: Omit<Claim, "acquireTime">;
  /** What the handler gave back. */
  readonly output?: Json;
  /** What the handler threw. */
  readonly error?: LastError;
  /** Set where the flow is over with this transition. */
  readonly end?: End;
}
