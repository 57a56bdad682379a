import { aboutOf } from "./about.ts";
import { decide } from "../flow.ts";
import { deadlineOf } from "../flow/moments.ts";
import type { Circumstances } from "../flow/decision.ts";
import type { Flow } from "../flow/plan.ts";
import type { Notice } from "../flow/transition.ts";
import { type Write, writeOf } from "../flow/write.ts";
import type { Clock, Log } from "../ports.ts";
import { nameOf, type RequestState } from "../request-state.ts";
import { commit } from "./commit.ts";
import type { Duty } from "./duty.ts";
import type { FlowMetrics } from "./flow-metrics.ts";
import type { Notices } from "./notices.ts";
import { ChurnMap, ChurnSet } from "../runtime/store/churn.ts";

/** Does what is to be done about a request now. */
export interface Driver {
  /**
   * Makes the write that is due.
   *
   * @returns Nothing where none is. Else resolves with the newest version that is known; with undefined where it is gone.
   */
  drive(request: RequestState, duty: Duty): Promise<RequestState | undefined> | undefined;
  /** The request with this uid is gone. */
  forget(uid: string): void;
  /** Whether a write is under way. */
  readonly isWriting: boolean;
  /** Resolves when what is being written now has been answered. */
  settled(): Promise<unknown>;
}

/** What it is done with. */
export interface DriverOptions {
  readonly flows: readonly Flow[];
  readonly by: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: FlowMetrics;
  readonly notices: Notices;
  readonly cancelGrace: number | undefined;
  readonly legacyTimeout: number | undefined;
  /** What this director has seen of a request. */
  readonly circumstances: (request: RequestState, now: number) => Partial<Circumstances>;
  /** Looks at a request again after so many milliseconds. */
  readonly requeueAfter: (key: string, ms: number) => void;
  /** Hears that a request cannot be driven. @default {It is logged, once} */
  readonly onStandstill?: (text: string) => void;
  /** Sees each version that is known after a write, or instead of one. */
  readonly onWritten: (request: RequestState) => void;
}

/** A write that is due. */
interface Planned {
  readonly write: Write;
  /** What people should hear of it once it took effect. */
  readonly notices: readonly Notice[];
  /** It is due because a worker is lost. */
  readonly isVerdict: boolean;
  /** What is not to be said again. */
  readonly says?: typeof MISSING;
}

/** The reason of the condition that is said once of each request. */
const MISSING = "DefinitionMissing";

/** Makes the driver of a director. */
export function createDriver(options: DriverOptions): Driver {
  const { flows, by, clock, log, metrics, notices, cancelGrace, legacyTimeout, onStandstill } = options;
  const told = new ChurnMap<string, string>(); // by uid: what was said of it, so that it is said once
  const writing = new ChurnSet<Promise<unknown>>();

  function leaveAlone(request: RequestState, why: string, isFault: boolean): undefined {
    const text = `Cannot drive requeststates "${nameOf(request)}": ${why}`;
    if (onStandstill) onStandstill(text);
    else if (told.get(request.metadata.uid!) !== text) log[isFault ? "warn" : "debug"](text, aboutOf(request));
    told.set(request.metadata.uid!, text);
    if (isFault) notices.tellOnce(request, [{ type: "Warning", reason: "Invalid", message: `It cannot be driven: ${why}` }]);
  }

  function plan(request: RequestState, duty: Duty): Planned | undefined {
    const now = clock.now();
    const holderAlive = duty.holders.isAlive(request);
    const decision = decide(flows, request, {
      ...options.circumstances(request, now),
      now,
      holderAlive,
      grace: cancelGrace,
      legacyTimeout,
    });
    switch (decision.action) {
      case "leave":
        return leaveAlone(request, decision.because, false);
      case "report":
        return leaveAlone(request, decision.fault, true);
      case "wait":
        if (decision.until !== undefined) options.requeueAfter(nameOf(request), decision.until - now);
        return void notices.tellOnce(request, decision.notices);
      case "write": {
        const { transition, notices } = decision;
        const isMissing = transition.standstill?.reason === MISSING;
        if (isMissing && told.get(request.metadata.uid!) === MISSING) {
          // A director that knows the definition has taken it back. It sees to the deadline, too; but who knows how long.
          const deadline = deadlineOf(request);
          if (deadline !== undefined) options.requeueAfter(nameOf(request), deadline - now);
          return undefined;
        }
        const write = writeOf(request, transition, { by, now });
        return { write, notices, isVerdict: !holderAlive, ...isMissing && { says: MISSING } };
      }
    }
  }

  async function make(request: RequestState, first: Planned, duty: Duty): Promise<RequestState | undefined> {
    let planned: Planned | undefined = first;
    const committing = commit(request, (newest) => (planned = newest === request ? first : plan(newest, duty))?.write, {
      ...{ clock, log, metrics, cluster: duty.cluster, signal: duty.leadership.signal },
      conflict: "throw",
      again() {
        if (planned!.isVerdict) duty.holders.doubt();
        return !planned!.isVerdict;
      },
    });
    writing.add(committing);
    try {
      const { request: newest, written } = await committing;
      if (written) notices.tell(newest, planned!.notices);
      if (written && planned!.says) told.set(newest.metadata.uid!, planned!.says);
      if (newest) options.onWritten(newest);
      return newest;
    } finally {
      writing.delete(committing);
    }
  }

  return {
    drive(request, duty) {
      const planned = plan(request, duty);
      if (planned) return make(request, planned, duty);
      // So it is with most that is seen. It may have been read, where the watch has fallen silent.
      options.onWritten(request);
      return undefined;
    },
    forget: (uid) => void told.delete(uid),
    get isWriting() {
      return writing.size > 0;
    },
    settled: () => Promise.allSettled(writing),
  };
}
