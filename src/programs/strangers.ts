import { aboutOf } from "./about.ts";
import { digestFor } from "../flow/ownership.ts";
import { statusOf } from "../flow/standing.ts";
import type { Clock, Log } from "../ports.ts";
import { conditionOf, flowNameOf, nameOf, type RequestState } from "../request-state.ts";
import { isSamePlace, placeOf } from "./sightings.ts";

/** Requests that a process cannot do anything about, and nobody else seems to. */
export interface Strangers {
  /** A request has been seen that is not over. */
  see(request: RequestState): void;
  /** No more is told. */
  close(): void;
}

/** Who looks at them. */
export interface StrangersOptions {
  /** As in a sentence: `this director`. */
  readonly who: string;
  /** Why it cannot do anything about a request, as the end of a sentence; undefined where it can. */
  readonly why: (request: RequestState) => string | undefined;
  /** A request as it was last seen, by its key. */
  readonly seen: (key: string) => RequestState | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long such a request may stand still before somebody is told, in milliseconds. */
const PATIENCE = 10_000;

/** Definitions that are told of at the most: their names are anybody's. */
const LIMIT = 100;

/**
 * Warns once for each definition of which a request stands still that this process cannot do anything about: in a cluster whose
 * other directors and workers do that, none does.
 */
export function createStrangers({ who, why, seen, clock, log }: StrangersOptions): Strangers {
  const told = new Set<string>(); // definitions
  const pending = new Map<string, () => void>(); // by definition: how to forget it

  function look(definition: string, key: string, before: RequestState): void {
    pending.delete(definition);
    const request = seen(key);
    if (!request || request.metadata.uid !== before.metadata.uid) return;
    const because = why(request);
    if (because === undefined) return;
    if (!isSamePlace(placeOf(request), placeOf(before))) return strangers.see(request);
    told.add(definition);
    log.warn(
      `Nobody goes on with requeststates "${key}" since ${
        PATIENCE / 1_000
      } s, and ${who} cannot: ${because}; deploy what knows ` +
        `that, or cancel it (said once for all of its kind)`,
      aboutOf(request),
    );
  }

  const strangers: Strangers = {
    see(request) {
      if (!standsStill(request, clock.now())) return;
      const definition = definitionOf(request);
      if (told.has(definition) || told.size >= LIMIT || pending.has(definition) || pending.size >= LIMIT) return;
      if (why(request) === undefined) return;
      const key = nameOf(request);
      pending.set(definition, clock.setTimer(PATIENCE, () => look(definition, key, request)));
    },
    close() {
      for (const forget of pending.values()) forget();
      pending.clear();
    },
  };
  return strangers;
}

/** Whether it is somebody's turn, and nobody is at it. */
const standsStill = (request: RequestState, now: number): boolean =>
  request.spec.state !== "STARTED" &&
  (statusOf(request, now) === "running" || conditionOf(request, "Finished")?.reason === "DefinitionMissing");

const definitionOf = (request: RequestState): string => `${flowNameOf(request)} ${digestFor(request)}`;
