/**
 * The states of a reflector, and what leads from one to the next. The step itself is in watching.ts.
 *
 * @module
 */
import type { Failure, FailureReason } from "./failure.ts";
import { compareVersions } from "../store/version.ts";

/** What is under way. */
export type Phase =
  /**
   * Everything is being listed. Left for `opening` by a list; for `waiting` when that failed; for `listing` without
   * `notOlderThan` when the server cannot serve that.
   */
  | { readonly name: "listing"; readonly notOlderThan?: string }
  /** A watch was asked for, and the server has not accepted it yet. Left for `watching`, or for `waiting` when it failed. */
  | { readonly name: "opening"; readonly timeoutSeconds: number }
  /** The stream is open. Left for `waiting` when it has ended or failed, or has been silent for too long. */
  | { readonly name: "watching"; readonly timeoutSeconds: number; readonly bookmarked: boolean }
  /** Nothing is under way for `ms` milliseconds. Left for `listing` where the next thing is a list, else for `opening`. */
  | { readonly name: "waiting"; readonly ms: number }
  /** The signal has ended it. Never left. */
  | { readonly name: "ended" };

/** Why everything is listed. */
export type ListReason = "initial" | "empty" | FailureReason;

/** Where a reflector stands, and what it remembers. Times are milliseconds of a monotonic clock. */
export interface WatchState {
  readonly phase: Phase;
  /** The plural, for messages. */
  readonly resource: string;
  /** The newest version that a list, an event or a bookmark has shown; `""` before the first list. */
  readonly version: string;
  /** Why a list comes first; undefined where a watch can go on from `version`. */
  readonly list?: ListReason;
  /** The next list asks for the newest state there is: the server may know nothing of `version`. */
  readonly afresh: boolean;
  /** The last list went back in time, and was not believed. The next one is. */
  readonly doubted: boolean;
  /** When the last list or watch was asked for. */
  readonly began: number;
  /** When the last watch was asked for. */
  readonly connected: number;
  /** Attempts in a row that failed: how long the next wait is. */
  readonly failures: number;
  /** Watches in a row that were accepted and broke at once. They look like success to whoever counts what was accepted. */
  readonly breaks: number;
  /** Watches in a row, since the last list, that showed nothing at all, however they ended. */
  readonly fruitless: number;
  /** Whether the server sends bookmarks, about one a minute. */
  readonly bookmarks: "unknown" | "come" | "none";
  /** What is wrong, since when, and of what kinds it was said. Undefined while all is well, and for what is daily business. */
  readonly failing?: { readonly since: number; readonly message: string; readonly told: readonly FailureReason[] };
}

/** What has happened. */
export type WatchInput =
  /** The list is complete. */
  | { readonly type: "listed"; readonly version: string }
  /** The server has accepted the watch. */
  | { readonly type: "opened" }
  /** The first line of a watch, or its first bookmark. Those that follow change nothing, so nobody need tell. */
  | { readonly type: "line"; readonly bookmark: boolean }
  /** The watch has lived for {@linkcode SETTLED}. */
  | { readonly type: "settled" }
  /** The server has ended the watch in good order. */
  | { readonly type: "closed"; readonly version: string; readonly lines: number }
  /** The list or the watch failed. Of a watch: the version that it had come to, and how many lines. */
  | { readonly type: "failed"; readonly failure: Failure; readonly version?: string; readonly lines?: number }
  /** The wait is over. */
  | { readonly type: "elapsed" }
  /** The signal was aborted. */
  | { readonly type: "aborted" };

/** What the driver has to do at once, beside what the phase says. */
export type WatchEffect =
  | { readonly type: "log"; readonly level: "debug" | "info" | "warn"; readonly message: string }
  /** To be counted: that following had to begin again, or that everything is listed again. */
  | { readonly type: "count"; readonly what: "restart"; readonly reason: "ended" | "empty" | FailureReason }
  | { readonly type: "count"; readonly what: "relist"; readonly reason: ListReason };

/** A state, and what comes with it. */
export interface Step {
  readonly state: WatchState;
  readonly effects: readonly WatchEffect[];
}

/** What the world gives to a step. */
export interface Moment {
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  /** Between 0 and 1. */
  readonly random: number;
}

/** Never more than one connect in this time, in milliseconds: a server that ends every watch at once is not flooded. */
export const CONNECT_FLOOR = 1_000;
/** A watch that lives so long is a good one, even if it shows nothing. Milliseconds. */
export const SETTLED = 10_000;
/** Silence after which a watch is taken for dead, in milliseconds, once bookmarks (one a minute) are known to come. */
export const IDLE_LIMIT = 75_000;
/** Where a reflector begins: with a list of the newest state there is. Pure. */
export function initialState(resource: string, at: number): WatchState {
  return {
    phase: { name: "listing" },
    resource,
    version: "",
    list: "initial",
    afresh: true,
    doubted: false,
    began: at,
    connected: -Infinity,
    failures: 0,
    breaks: 0,
    fruitless: 0,
    bookmarks: "unknown",
  };
}

/** How long an open watch may be silent, in milliseconds. Pure. */
export const idleLimit = ({ phase, bookmarks }: WatchState): number =>
  bookmarks === "come" || !("timeoutSeconds" in phase) ? IDLE_LIMIT : (phase.timeoutSeconds + 5) * 1_000;

/** Whether a list of this version is to be taken in, or another one asked for. Pure. */
export const isBelieved = (state: WatchState, version: string): boolean =>
  state.doubted || compareVersions(version, state.version) >= 0;
