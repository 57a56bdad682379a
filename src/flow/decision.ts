/**
 * What a director is told to do.
 *
 * @module
 */

import type { Notice, Transition } from "./transition.ts";

/** What a request waits for. */
export type Awaited =
  /** A worker that claims its job. */
  | "worker"
  /** The worker that does its job. */
  | "result"
  /** A member of `spec.signals`. */
  | "signal"
  /** A moment: a pause, or `spec.notBefore`. */
  | "time"
  /** The rest after a failure. */
  | "retry"
  /** `spec.desiredState` is Suspended. */
  | "resume"
  /** It is parked. */
  | "operator"
  /** Cancelled: the worker whose handler is under way. */
  | "abort"
  /** A director that knows its definition. */
  | "definition";

/** What a director should do about a request now. */
export type Decision =
  /** Write this, and then say what a person should see of it. */
  | { readonly action: "write"; readonly transition: Transition; readonly notices: readonly Notice[] }
  /** Nothing, until something changes. */
  | {
    readonly action: "wait";
    readonly for: Awaited;
    /** Milliseconds since the Unix epoch: then decide again, even if nothing has changed. */
    readonly until?: number;
    /** What a person should see, once: it will not change by itself. */
    readonly notices: readonly Notice[];
  }
  /** Delete it: it is over, and has been kept long enough. */
  | { readonly action: "delete"; readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string } }
  /** Nothing: the flow is over. With `until`, it is to be deleted then. */
  | { readonly action: "over"; readonly until?: number }
  /** Nothing: another flow, which this process does not know. */
  | { readonly action: "leave"; readonly because: string }
  /** Nothing, and nobody will: the content breaks the protocol. */
  | { readonly action: "report"; readonly fault: string };

/** What the request itself does not say. */
export interface Circumstances {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /**
   * Whether the worker that holds the job lives. False only when it is known to be lost: its lease ran out by the director's own
   * clock, the grace is over, and a fresh read has shown the lease unchanged.
   * @default {true}
   */
  readonly holderAlive?: boolean;
  /**
   * When it entered its present job, state and attempt, in terms of `now`: as the director has seen it happen. Where it was found
   * like that, leave this out: then the history says it, so that a restart keeps every timer.
   * @default {The time of the last history entry, if that is not in the future}
   */
  readonly since?: number;
  /** When it was first seen to be cancelled, in terms of `now`; after a restart the grace begins again. @default {now} */
  readonly cancelSeen?: number;
  /** When it was seen to be resumed, in terms of `now`: `startTimeout` begins again. @default {It was not seen} */
  readonly resumeSeen?: number;
  /** Milliseconds that a handler may go on after its flow was cancelled. @default {30_000} */
  readonly grace?: number;
  /** Milliseconds after which a job that was started without a claim, by a worker of the reference, is taken over. @default {Never} */
  readonly legacyTimeout?: number;
}

/** The circumstances with all that is left out. */
export interface Judged extends Circumstances {
  readonly holderAlive: boolean;
  readonly since: number;
  readonly grace: number;
}

/** A decision to wait. */
export const waitFor = (awaited: Awaited, until?: number): Decision => ({
  action: "wait",
  for: awaited,
  ...until !== undefined && { until },
  notices: [],
});

/** A decision to write. */
export const write = (transition: Transition, ...notices: readonly Notice[]): Decision => ({
  action: "write",
  transition,
  notices,
});
