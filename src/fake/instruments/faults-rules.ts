/**
 * Which request a fault hits.
 *
 * @module
 */
import { type Fault, type FaultPlan, type FaultRequest, planOf } from "./faults.ts";
import { isResource } from "./journal.ts";

/** The requests that a rule is about: all of its members must hold. */
export interface FaultMatch {
  /** The HTTP method. */
  readonly method?: string;
  /** The path, without the query. */
  readonly path?: string;
  /** In the words of authorization: `get`, `list`, `watch`, `create`, `update`, `patch`, ...; several: one of them. */
  readonly verb?: string | readonly string[];
  /** The plural, with or without `.group`. */
  readonly resource?: string;
  /** The namespace in the path. */
  readonly namespace?: string;
  /** The name in the path. A create has none: look into the `body` with `where`. */
  readonly name?: string;
  /** Such as `status`. */
  readonly subresource?: string;
  /** Anything else. */
  readonly where?: (request: FaultRequest) => boolean;
}

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
   * @throws {TypeError} When `fault` is none.
   * @throws {RangeError} When `nth` or `times` is no whole number of at least 1.
   */
  add(rule: FaultRule): FaultHandle;
  /** Takes all rules back. */
  clear(): void;
  /** Rules that have not hit as often as they were to: a test that ends with some did not test what it meant to. */
  readonly waiting: number;
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

const verbsOf: Partial<Record<FaultPlan["kind"], readonly string[]>> = {
  stream: ["watch"],
  streamError: ["watch"],
  stale: ["get", "list"],
};

/** Whether a rule is about a request. Pure, if its `where` is. */
export function isAbout({ match = {}, fault }: FaultRule, request: FaultRequest): boolean {
  const { verb, resource, where, ...equal } = match;
  if (verbsOf[planOf(fault).kind]?.includes(request.verb) === false) return false;
  if (verb !== undefined && !(typeof verb === "string" ? [verb] : verb).includes(request.verb)) return false;
  if (resource !== undefined && !isResource(resource, request.resource)) return false;
  for (const [key, value] of Object.entries(equal)) {
    if (value !== undefined && request[key as keyof FaultRequest] !== value) return false;
  }
  return where?.(request) ?? true;
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
}

const wholeFrom1 = (value: number) => value >= 1 && (Number.isInteger(value) || value === Infinity);

/** Makes a cluster's faults: none at first. */
export function createFaults(): FaultSource {
  let states: readonly RuleState[] = [];
  const last = new WeakMap<FaultRule, RuleState>();
  const isWaiting = ({ rule: { times = 1 }, hits }: RuleState) => times === Infinity ? hits === 0 : hits < times;
  const isActive = ({ rule: { times = 1 }, hits }: RuleState) => hits < times;
  const faults: Faults = {
    add(given) {
      const rule = { ...given };
      const { nth = 1, times = 1 } = rule;
      planOf(rule.fault);
      if (!wholeFrom1(nth) || nth === Infinity) throw new RangeError(`nth is ${nth}, expected a whole number from 1`);
      if (!wholeFrom1(times)) throw new RangeError(`times is ${times}, expected a whole number from 1, or Infinity`);
      const state = { rule, seen: 0, hits: 0 };
      states = [...states, state];
      last.set(rule, state);
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
  };
}
