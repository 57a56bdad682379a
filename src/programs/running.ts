/**
 * What directors and workers have in common.
 *
 * @module
 */

import { causeText } from "../errors.ts";
import type { Clock, Cluster, Health, Log, Metrics } from "../ports.ts";
import type { RequestState } from "../request-state.ts";
import { tolerantLog, warningLog } from "../runtime/log/log.ts";

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
  /** Where it tells what it does. @default {Warnings and errors go to the console; see `createConsoleLog`} */
  readonly log?: Log;
  /** Where it counts what it does. @default {Nothing is counted} */
  readonly metrics?: Metrics;
  /** Where it says whether it is ready: its cache holds the first list, and the server is being followed. @default {Nowhere} */
  readonly health?: Health;
  /**
   * Called with each newer version of a request that it sees or writes, in order for each request; a worker is shown what
   * it wrote itself. Finished requests leave the watch of a serving director: an end that a worker wrote is not shown.
   * What it throws is logged and changes nothing.
   */
  readonly onChange?: (request: RequestState) => void;
}

/** Something that runs until it is told to end. */
export interface Running {
  /** What it is called in histories and claims: unique for each start. */
  readonly identity: string;
  /** Resolves when it has ended. */
  readonly finished: Promise<void>;
}

/** The callback, made safe to call: a mistake in it must not stop a flow. */
export function guarded(onChange: RunOptions["onChange"], log: Log): (request: RequestState) => void {
  const complain = (thrown: unknown) => log.error(`onChange has thrown: ${causeText(thrown)}`);
  return (request) => {
    try {
      const returned: unknown = onChange?.(request);
      // An async function fits the type, too; nobody waits for it, and its failure must not end the process.
      if (returned instanceof Promise) returned.catch(complain);
    } catch (error) {
      complain(error);
    }
  };
}

/** The log of a director or a worker: one that throws stops nothing, and without one what goes wrong is heard on the console. */
export const logOf = ({ log }: RunOptions): Log => tolerantLog(log ?? warningLog);
