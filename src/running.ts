/**
 * What directors and workers have in common.
 *
 * @module
 */

import type { Clock, Cluster, Log } from "./ports.ts";
import type { RequestState } from "./request-state.ts";

/** How a director or a worker is run. */
export interface RunOptions {
  /** The cluster that it works on. */
  readonly cluster: Cluster;
  /** The namespace whose requests it handles. @default {"default"} */
  readonly namespace?: string;
  /** Ends it: nothing new is begun, what was begun is brought to a safe end. */
  readonly signal?: AbortSignal;
  /** The identity in the history, unique for each start of a process. @default {`director-` or `worker-` and 8 random digits} */
  readonly identity?: string;
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Where it tells what it does. @default {Nothing is logged} */
  readonly log?: Log;
  /** Called with each newer version of a request that it sees or writes, in order for each request. */
  readonly onChange?: (request: RequestState) => void;
}

/** Something that runs until it is told to end. */
export interface Running {
  /** Resolves when it has ended. */
  readonly finished: Promise<void>;
}
