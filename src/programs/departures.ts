import { isDenied, isNotFound, wholeText } from "../errors.ts";
import { cancellationOf, untoldCancellation } from "../flow/cancelling.ts";
import type { Clock, Log, Reader } from "../ports.ts";
import { isOver, REQUEST_STATES, type RequestState } from "../request-state.ts";
import type { Notices } from "./notices.ts";

/** Whose ends are told of. */
export interface DeparturesOptions {
  readonly cluster: Reader;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Tells of cancelled flows that their workers have ended: workers have no right to write events. */
export interface Departures {
  /** A version of a request was seen. */
  seen(request: RequestState): void;
  /** A request has left the watch of what is unfinished. @param request As it was before. */
  left(request: RequestState): void;
  /** Resolves when all is told that was heard of. */
  settled(): Promise<void>;
}

/** By how much the clock of a worker may be ahead of this one, in milliseconds. */
const SKEW = 5_000;

/** Makes one that has seen nothing. What leaves is read only where it was to be cancelled in the middle of a job. */
export function createDepartures({ cluster, notices, clock, log, signal }: DeparturesOptions): Departures {
  const reading = new Set<Promise<void>>();
  let isDenialTold = false;

  const tell = (request: RequestState) => {
    const notice = untoldCancellation(request);
    if (notice) notices.tell(request, [notice]);
  };

  async function look({ metadata: { namespace, name, uid } }: RequestState): Promise<void> {
    try {
      const request = await cluster.get<RequestState>(REQUEST_STATES, { namespace, name }, { signal });
      if (request.metadata.uid === uid) tell(request);
    } catch (error) {
      // Nobody decides by events: one may be lost.
      if (!isNotFound(error) && !signal.aborted) {
        const isNew = isDenied(error) && !isDenialTold;
        isDenialTold ||= isNew;
        log[isNew ? "warn" : "debug"](`Cannot see how "${namespace}/${name}" has ended: ${wholeText(error)}`);
      }
    }
  }

  return {
    seen(request) {
      if (isOver(request)) tell(request);
    },
    left(request) {
      if (request.spec.state !== "STARTED" || !cancellationOf(request, clock.now() + SKEW)) return;
      const promise = look(request).finally(() => reading.delete(promise));
      reading.add(promise);
    },
    settled: async () => void await Promise.all(reading),
  };
}
