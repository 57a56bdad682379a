/**
 * Which request a fault hits.
 *
 * @module
 */
import { ANYTHING, checkOptions, type Expectation, type Members, refuse, required, wholeFrom } from "../../options.ts";
import type { Registry } from "../store/registry.ts";
import { type Fault, type FaultRequest, isFault } from "./faults.ts";
import { type FaultMatch, isAbout, matchFault, matchText } from "./faults-match.ts";
import { absence } from "./resource-names.ts";

/** A fault and when it happens. */
export interface FaultRule {
  /** Which requests. @default {All} */
  readonly match?: FaultMatch;
  /** The first request that is hit, of those that match; counted from 1. @default {1} */
  readonly nth?: number;
  /** How many are hit; `Infinity`: all from there on. @default {1} */
  readonly times?: number;
  /** What happens to them. A fault of a watch hits watches only, a stale answer gets and lists only. */
  readonly fault: Fault;
}

/** A rule that was added. */
export interface FaultHandle {
  /** How many requests it has hit so far. */
  readonly hits: number;
  /** Takes the rule back. Streams that it has hit already stay as they are. */
  remove(): void;
}

/** The faults of a fake cluster. */
export interface Faults {
  /**
   * Adds a rule. Of several that are due the oldest acts, one on a request; the others stay due.
   *
   * @throws {TypeError} When it can never hit: `fault` is none, a verb or a member is unknown, a resource is called by its kind instead of its
   * plural, no request can be all of what it says. A resource that nobody serves is taken, since its CRD may come later: see `unspent`.
   * @throws {RangeError} When `nth` or `times` is no whole number of at least 1.
   */
  add(rule: FaultRule): FaultHandle;
  /** Takes all rules back. */
  clear(): void;
  /** Rules that have not hit as often as they were to: a test that ends with some did not test what it meant to. */
  readonly waiting: number;
  /**
   * The same in words, to be held against `[]`: each with what it is about, how often it has hit, and what is not there of what it is about:
   * `"latency" of resource "widgts" has hit 0 of 1: no resource "widgts" is served; did you mean "widgets"?`.
   */
  readonly unspent: readonly string[];
  /** Rules that may still hit. */
  readonly active: number;
}

/** A rule and what became of it so far. */
export interface RuleState {
  readonly rule: FaultRule;
  /** Requests that matched. */
  readonly seen: number;
  readonly hits: number;
}

/** What is decided about one request. */
export interface FaultDecision {
  /** The rules as they stand afterwards. */
  readonly states: readonly RuleState[];
  /** What happens to the request. */
  readonly fault: Fault | undefined;
}

/** Decides what happens to a request. Pure. */
export function decideFault(states: readonly RuleState[], request: FaultRequest): FaultDecision {
  let fault: Fault | undefined;
  const next = states.map((state) => {
    const { rule, seen, hits } = state;
    if (!isAbout(rule, request)) return state;
    const due = fault === undefined && seen + 1 >= (rule.nth ?? 1) && hits < (rule.times ?? 1);
    if (due) fault = rule.fault;
    return { rule, seen: seen + 1, hits: hits + Number(due) };
  });
  return { states: next, fault };
}

/** The faults, and the way to ask for the one that hits a request. */
export interface FaultSource {
  readonly faults: Faults;
  next(request: FaultRequest): Fault | undefined;
  /**
   * Takes all rules back.
   *
   * @throws {TypeError} When one could never hit: it names a resource that was never there, one slip away from one that is.
   */
  end(): void;
}

/** How often rules are due. */
export const TIMES: Expectation = {
  expected: "a whole number from 1, or Infinity",
  fits: (value) => value === Infinity || wholeFrom(1).fits(value),
  isNumber: true,
};

const RULE: Members<FaultRule> = {
  match: ANYTHING, // it is looked at by itself
  nth: wholeFrom(1),
  times: TIMES,
  fault: required({ expected: "what a function such as cut() makes", fits: isFault }),
};

const isWaiting = ({ rule: { times = 1 }, hits }: RuleState) => times === Infinity ? hits === 0 : hits < times;
const isActive = ({ rule: { times = 1 }, hits }: RuleState) => hits < times;

const stateText = ({ rule: { match, fault, times = 1 }, hits }: RuleState): string =>
  `"${fault.name}" of ${matchText(match)} has hit ${times === Infinity ? "nothing" : `${hits} of ${times}`}`;

/** Makes a cluster's faults: none at first. @param registry What is served. @default {It is not known} */
export function createFaults(registry?: Registry): FaultSource {
  let states: readonly RuleState[] = [];
  const last = new WeakMap<FaultRule, RuleState>();
  /** Rules about what was not there when they were added. */
  const early = new WeakSet<FaultRule>();
  const absent = ({ match = {} }: FaultRule, slips?: number) => registry && absence(registry, match, slips);
  const faults: Faults = {
    add(given) {
      const action = "Cannot add a fault";
      checkOptions(action, given, RULE);
      const rule = { ...given };
      refuse(action, matchFault(rule, registry));
      const state = { rule, seen: 0, hits: 0 };
      states = [...states, state];
      last.set(rule, state);
      if (absent(rule)) early.add(rule);
      return {
        get hits() {
          return last.get(rule)!.hits;
        },
        remove: () => void (states = states.filter((each) => each.rule !== rule)),
      };
    },
    clear: () => void (states = []),
    get active() {
      return states.length;
    },
    get waiting() {
      return states.filter(isWaiting).length;
    },
    get unspent() {
      return states.filter(isWaiting).map((state) => [stateText(state), absent(state.rule)?.why].filter(Boolean).join(": "));
    },
  };
  return {
    faults,
    next(request) {
      if (states.length === 0) return undefined;
      const decision = decideFault(states, request);
      for (const state of decision.states) last.set(state.rule, state);
      // What has hit as often as it was to is let go, with all that its `where` holds.
      states = decision.states.filter(isActive);
      return decision.fault;
    },
    end() {
      const lost = states.filter(({ rule, hits }) => hits === 0 && early.has(rule) && absent(rule, 1)?.meant !== undefined);
      const [told] = lost.map((state) => `${stateText(state)}: ${absent(state.rule, 1)!.why}`);
      states = [];
      if (told !== undefined) throw new TypeError(`A fault could never act: ${told}`);
    },
  };
}
