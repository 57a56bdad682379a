import type { Circumstances } from "../flow/decision.ts";
import { attemptOf, type RequestState } from "../request-state.ts";
import type { Clock } from "../ports.ts";
import type { StoreEvent } from "../runtime/store/store.ts";
import { ChurnMap } from "../runtime/store/churn.ts";

/** What a director has seen happen to requests, and when, by its own clock. */
export interface Sightings {
  /** Takes in a change. @param live Whether it was seen to happen, rather than found in the first list. */
  see(event: StoreEvent<RequestState>, live: boolean): void;
  /** What is known of a request beside what it says itself. */
  of(request: RequestState, now: number): Pick<Circumstances, "since" | "cancelSeen" | "resumeSeen">;
}

/** What was seen of one request; moments in milliseconds by the monotonic clock. */
interface Sighting {
  readonly place: Place;
  readonly since?: number;
  readonly cancelled?: number;
  readonly resumed?: number;
}

/**
 * Makes a memory that has seen nothing. What was found, not seen to happen, is left to the request's own record: so a restart
 * keeps its timers, and one clock that is wrong cannot delay what was seen live.
 */
export function createSightings(clock: Clock): Sightings {
  const seen = new ChurnMap<string, Sighting>(); // by uid
  return {
    see(event, live) {
      const { object } = event;
      const uid = object.metadata.uid!;
      if (event.type === "DELETED") return void seen.delete(uid);
      const now = clock.monotonic();
      const before = seen.get(uid);
      const place = placeOf(object);
      const isCancelled = object.spec.desiredState === "Cancelled";
      const wasSuspended = event.type === "MODIFIED" && event.previous.spec.desiredState === "Suspended";
      const since = before && isSamePlace(before.place, place) ? before.since : live ? now : undefined;
      const cancelled = isCancelled ? before?.cancelled ?? now : undefined;
      const resumed = wasSuspended && object.spec.desiredState !== "Suspended" ? now : before?.resumed;
      seen.set(uid, { place, since, cancelled, resumed });
    },
    of(request, now) {
      const sighting = seen.get(request.metadata.uid!);
      if (!sighting) return {};
      const monotonic = clock.monotonic();
      const at = (moment: number | undefined) => moment === undefined ? undefined : now - (monotonic - moment);
      const since = isSamePlace(sighting.place, placeOf(request)) ? at(sighting.since) : undefined;
      return { since, cancelSeen: at(sighting.cancelled), resumeSeen: at(sighting.resumed) };
    },
  };
}

/**
 * Where a request stands, and since when by its own record: as long as it is there, nobody has gone on with it. After a restore of the
 * storage it may come to the same place once more, unseen.
 */
export interface Place {
  readonly job: string;
  readonly state: string;
  readonly attempt: number;
  readonly entered: string | undefined;
}

/** Where a request stands now. */
export function placeOf(request: RequestState): Place {
  const { spec: { state, job }, status } = request;
  return { job, state, attempt: attemptOf(request), entered: status?.history?.at(-1)?.timestamp };
}

/** Whether two of one request are one. */
export const isSamePlace = (a: Place, b: Place): boolean =>
  a.entered === b.entered && a.state === b.state && a.job === b.job && a.attempt === b.attempt;
