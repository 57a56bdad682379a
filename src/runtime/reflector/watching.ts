/**
 * What a reflector does next: a pure step function over named states. The driver (reflector.ts) does what the phase says,
 * tells what came of it, and so on for ever (the shape is that of kube-rs, `kube-runtime/src/watcher.rs`; the rules are
 * client-go's, `tools/cache/reflector.go`, and what its users found missing).
 *
 * @module
 */
import { waitAfter } from "../time/backoff.ts";
import type { Failure, FailureReason } from "./failure.ts";
import { compareVersions } from "../store/version.ts";
import {
  CONNECT_FLOOR,
  type ListReason,
  type Moment,
  type Phase,
  type Step,
  type WatchEffect,
  type WatchInput,
  type WatchState,
} from "./watch-state.ts";

/** A watch that ends in less, in milliseconds, and shows nothing, might just as well have failed. */
const SHORT = 2_000;
/** No server may keep a reflector waiting for longer, in milliseconds. */
const LONGEST_WAIT = 30_000;
/** Waits between attempts that fail, in milliseconds, counted from the beginning of the last one. */
const BACKOFF = { initial: 200, max: 5_000 };
/** A list that many clients may have to make at the same time is spread over so many milliseconds. */
const SPREAD = 1_000;
/** Watches in a row that end in silence, after which everything is listed: the server may know nothing of the version. */
const SILENT_LIMIT = 2;
/** The same for watches that fail. */
const FAILED_LIMIT = 3;

/** What comes of what has happened. Pure. What a phase does not wait for changes nothing. */
export function step(state: WatchState, input: WatchInput, moment: Moment): Step {
  if (input.type === "aborted") return only({ ...state, phase: { name: "ended" } });
  switch (state.phase.name) {
    case "listing":
      if (input.type === "listed") return listed(state, input.version, moment);
      if (input.type === "failed") return listFailed(state, state.phase, input.failure, moment);
      break;
    case "opening":
      if (input.type === "opened") {
        const phase: Phase = { name: "watching", timeoutSeconds: state.phase.timeoutSeconds, bookmarked: false };
        // After watches that were accepted and broke, acceptance proves nothing: a line or a long life does.
        return state.breaks > 0 ? only({ ...state, phase }) : recovered({ ...state, phase }, moment);
      }
      if (input.type === "failed") return watchFailed(state, input.failure, 0, moment);
      break;
    case "watching":
      switch (input.type) {
        case "line": {
          const bookmarks = input.bookmark ? "come" : state.bookmarks;
          const phase = { ...state.phase, bookmarked: state.phase.bookmarked || input.bookmark };
          return recovered({ ...state, phase, bookmarks, breaks: 0, fruitless: 0 }, moment);
        }
        case "settled":
          return recovered({ ...state, breaks: 0 }, moment);
        case "closed":
          return closed({ ...state, version: input.version }, input.lines, moment);
        case "failed":
          return watchFailed({ ...state, version: input.version ?? state.version }, input.failure, input.lines ?? 0, moment);
      }
      break;
    case "waiting":
      if (input.type === "elapsed") return only(proceed(state, moment));
  }
  return only(state);
}

const only = (state: WatchState, ...effects: WatchEffect[]): Step => ({ state, effects });
const log = (level: "debug" | "info" | "warn", message: string): WatchEffect => ({ type: "log", level, message });
const restart = (reason: "ended" | "empty" | FailureReason): WatchEffect => ({ type: "count", what: "restart", reason });
const backoff = (state: WatchState, { random }: Moment) => state.failures > 0 ? waitAfter(state.failures, random, BACKOFF) : 0;

/** Begins with what is next. */
function proceed(state: WatchState, { at, random }: Moment): WatchState {
  if (state.list !== undefined) {
    const notOlderThan = state.afresh ? undefined : state.version;
    return { ...state, began: at, phase: { name: "listing", notOlderThan } };
  }
  // Random, so that many clients do not reconnect together; below the 240 s at which load balancers cut. The first watch
  // is a short one: until it is known whether bookmarks come, only its end tells a living server from a dead one.
  const timeoutSeconds = Math.round(state.bookmarks === "unknown" ? 50 + random * 20 : 180 + random * 50);
  return { ...state, began: at, connected: at, phase: { name: "opening", timeoutSeconds } };
}

/** Waits at least `ms` from now, and until the next connect may be made; goes on at once where that is over. */
function pause(state: WatchState, ms: number, moment: Moment): WatchState {
  const wait = Math.max(ms, CONNECT_FLOOR - (moment.at - state.connected));
  return wait > 0 ? { ...state, phase: { name: "waiting", ms: wait } } : proceed(state, moment);
}

/** As `pause`, and some time more: what makes one client list everything makes all of them do so, at the same moment. */
function spread(state: WatchState, ms: number, moment: Moment): WatchState {
  const least = Math.max(ms, CONNECT_FLOOR - (moment.at - state.connected));
  return pause(state, least + moment.random * SPREAD, moment);
}

function recovered(state: WatchState, { at }: Moment): Step {
  const { failing, ...well } = { ...state, failures: 0 };
  if (!failing) return only(well);
  return only(well, log("info", `Following ${state.resource} again after ${seconds(at - failing.since)}`));
}

const seconds = (ms: number): string => ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;

function listed(state: WatchState, version: string, moment: Moment): Step {
  const wentBack = compareVersions(version, state.version) < 0;
  const next = proceed({ ...state, version, list: undefined, afresh: false, doubted: false, fruitless: 0 }, moment);
  if (!wentBack) return only(next);
  const text =
    `${state.resource} went back from version ${state.version} to ${version}: the storage was put back to an older state`;
  return only(next, log("warn", text));
}

function listFailed(state: WatchState, phase: Phase & { name: "listing" }, failure: Failure, moment: Moment): Step {
  const { reason, message } = failure;
  const count = restart(reason);
  if (phase.notOlderThan !== undefined && /^(expired|ahead|refused)$/.test(reason)) {
    const text = `Cannot list ${state.resource} from version ${state.version} on, asking for the newest: ${message}`;
    return only(proceed({ ...state, afresh: true }, moment), count, log("debug", text));
  }
  const doubted = reason === "behind";
  const failed = noted({ ...state, afresh: state.afresh || doubted, doubted, failures: state.failures + 1 }, failure, moment);
  return waited(failed, failure, moment, count);
}

function closed(state: WatchState, lines: number, moment: Moment): Step {
  const lasted = moment.at - state.connected;
  const bookmarks = state.bookmarks === "unknown" && lasted >= 45_000 ? "none" : state.bookmarks;
  if (lines > 0) return only(pause({ ...state, bookmarks }, 0, moment), restart("ended"));
  const fruitless = state.fruitless + 1;
  const next = { ...state, bookmarks, fruitless };
  if (lasted >= SHORT) {
    if (fruitless < SILENT_LIMIT) return only(pause(next, 0, moment), restart("ended"));
    const [after, relist] = relisting(next, "empty", true);
    return only(spread(after, 0, moment), restart("ended"), relist);
  }
  const failure: Failure = { reason: "broken", message: "the server ends the watch at once" };
  return broken({ ...next, breaks: state.breaks + 1 }, failure, fruitless >= SILENT_LIMIT && "empty", moment, restart("empty"));
}

function watchFailed(state: WatchState, failure: Failure, lines: number, moment: Moment): Step {
  const { reason, message } = failure;
  const opened = state.phase.name === "watching";
  const count = restart(reason);
  // Nobody was reached: what the server knows is as it was.
  const fruitless = lines > 0 ? 0 : state.fruitless + Number(opened || !/^(broken|setup|throttled)$/.test(reason));
  const next: WatchState = { ...state, fruitless, breaks: lines > 0 ? 0 : state.breaks + Number(opened) };
  if (reason === "idle") return silent(next, message, moment, count);
  if (reason === "expired" || reason === "ahead") {
    const [after, relist] = relisting({ ...next, failures: next.failures + 1 }, reason, reason === "ahead");
    const wait = after.failures > 1 ? backoff(after, moment) : 0;
    const text = `The version to follow ${state.resource} from is too ${reason === "ahead" ? "new" : "old"}: listing again`;
    return only(spread(after, wait, moment), count, relist, log("debug", text));
  }
  return broken(next, failure, fruitless >= FAILED_LIMIT && reason, moment, count);
}

/** A watch has shown no sign of life. That it did so is no failure of the next one, so the waits do not grow. */
function silent(state: WatchState, message: string, moment: Moment, count: WatchEffect): Step {
  // It has bookmarks to thank for the short limit, and has shown none: it may be another server's, that sends none.
  const shown = state.phase.name === "watching" && state.phase.bookmarked;
  const next: WatchState = { ...state, breaks: 0, bookmarks: shown ? state.bookmarks : "unknown" };
  const text = log("info", `The watch of ${state.resource} is dead, opening another: ${message}`);
  // A living server that is asked for a version that is still to come is silent as well.
  if (state.fruitless < SILENT_LIMIT) return only(pause(next, 0, moment), count, text);
  const [after, relist] = relisting(next, "idle", true);
  return only(spread(after, 0, moment), count, relist, text);
}

/** A watch broke. Where it had shown something that is daily business; where it breaks again and again somebody must know. */
function broken(
  state: WatchState,
  failure: Failure,
  relist: ListReason | false,
  moment: Moment,
  count: WatchEffect,
): Step {
  const opened = state.phase.name === "watching";
  const daily = opened && state.breaks < 2;
  const failed = { ...state, failures: state.failures + 1 };
  const next = daily ? failed : noted(failed, failure, moment);
  const [after, ...effects] = relist ? relisting(next, relist, true) : [next];
  return waited(after, failure, moment, count, ...effects);
}

function relisting(state: WatchState, list: ListReason, afresh: boolean): [WatchState, WatchEffect] {
  return [{ ...state, list, afresh }, { type: "count", what: "relist", reason: list }];
}

/** Waits after a failure, and says so: once for each kind of failure where it is noted, else for developers. */
function waited(state: WatchState, failure: Failure, moment: Moment, ...effects: WatchEffect[]): Step {
  // What an attempt in vain has taken counts as waited: after one that took long there is no need to wait once more.
  const took = state.phase.name === "watching" ? 0 : moment.at - state.began;
  const wait = Math.max(backoff(state, moment) - took, Math.min(failure.retryAfter ?? 0, LONGEST_WAIT), 0);
  const next = pause(state, wait, moment);
  const when = next.phase.name === "waiting" ? `in ${Math.round(next.phase.ms)} ms` : "at once";
  const text = `Cannot follow ${state.resource}, trying again ${when}: ${failure.message}`;
  if (!next.failing || next.failing.told.includes(failure.reason)) return only(next, ...effects, log("debug", text));
  const failing = { ...next.failing, told: [...next.failing.told, failure.reason] };
  return only({ ...next, failing }, ...effects, log("warn", text));
}

function noted(state: WatchState, { message }: Failure, { at }: Moment): WatchState {
  return { ...state, failing: { since: at, told: [], ...state.failing, message } };
}
