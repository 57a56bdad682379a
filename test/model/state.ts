import type { Content, MessageId } from "./contents.ts";

/** A write of a process that it does not know the outcome of yet. */
export interface Call {
  readonly message: MessageId;
  /** On its way; carried out or refused, and the answer on its way back; or nothing was heard of it. */
  readonly phase: "sent" | "landed" | "refused" | "unsure";
  /** An earlier try of it may have landed. */
  readonly again: boolean;
}

/** A job whose handler runs. */
export interface Held {
  readonly claim: string;
  /** The version that showed the claim last. */
  readonly place: number;
}

export interface Worker {
  readonly alive: boolean;
  /** Its lease has not run out. */
  readonly fresh: boolean;
  /** Its lease ran out after it made the claim that stands, or none stands. */
  readonly lapsed: boolean;
  /** Its lease ran out at any time. */
  readonly everLapsed: boolean;
  /** It has seen everything up to this version. */
  readonly seen: number;
  readonly call: Call | undefined;
  readonly held: Held | undefined;
  /** How many claims it has made up. */
  readonly claims: number;
}

export interface Director {
  readonly seen: number;
  readonly call: Call | undefined;
  /** By worker: the claim that it held when it was found lost. */
  readonly lost: readonly (string | undefined)[];
}

/** What may still go wrong. */
export interface Budget {
  readonly crashes: number;
  /** Of the lease of a worker that lives. */
  readonly lapses: number;
  /** Answers, and requests. */
  readonly losses: number;
  /** Requests that are carried out after nobody waits for them any more. */
  readonly late: number;
  readonly failures: number;
  readonly cancels: number;
  /** Claims that are no longer waited for. */
  readonly givenUp: number;
}

/** The whole world. */
export interface State {
  /** What each version looked like. */
  readonly versions: readonly Content[];
  readonly workers: readonly Worker[];
  readonly directors: readonly Director[];
  /** Writes that may still land. */
  readonly floating: readonly MessageId[];
  /** The attempts whose handlers were begun, as `job/attempt`. */
  readonly begun: readonly string[];
  readonly budget: Budget;
}

export const last = (state: State): number => state.versions.length - 1;

/** States that are the same have the same one. */
export function keyOf({ versions, workers, directors, floating, begun, budget }: State): string {
  const call = (call: Call | undefined) => call ? `${call.message}${call.phase[0]}${call.phase[1]}${call.again ? "+" : ""}` : "";
  const oldest = Math.min(
    ...workers.map(({ alive, seen, held }) => alive ? Math.min(seen, held?.place ?? seen) : Infinity),
    ...directors.map(({ seen }) => seen),
  );
  // What nobody will look at any more makes no difference.
  const kept = `${versions.length}:${versions.slice(oldest).join()}`;
  const ones = workers.map((w) =>
    w.alive || w.fresh || !w.lapsed
      ? `${w.alive ? 1 : 0}${w.fresh ? 1 : 0}${w.lapsed ? 1 : 0}${w.everLapsed ? 1 : 0},${w.alive ? w.seen : ""},${
        call(w.call)
      },${w.held ? `${w.held.claim}@${w.held.place}` : ""},${w.claims}`
      : "dead"
  );
  const others = directors.map((d) => `${d.seen},${call(d.call)},${d.lost.join("!")}`);
  return `${kept}|${ones.join("|")}|${others.join("|")}|${floating.join()}|${begun.join()}|${Object.values(budget).join()}`;
}
