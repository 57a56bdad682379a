/**
 * What callers are told of options that cannot be meant: in one sentence that names the option, its value and what is expected. Pure.
 *
 * @module
 */
import type { Clock, Health, Log, Metrics, Reader, Resource, Selection, Writer } from "./ports.ts";
import { didYouMean, nearest } from "./text.ts";

/** What a value has to be. */
export interface Expectation {
  /** Whether a value is so. */
  fits(value: unknown): boolean;
  /** In words, as the end of a sentence. */
  readonly expected: string;
  /** What may be meant by a value that does not fit. */
  meant?(value: unknown): string | undefined;
  /** Whether it is a number that has to lie somewhere: others are out of its range. @default {false} */
  readonly isNumber?: boolean;
  /** Whether it may be a secret: what is said of it is no more than what kind of value it is. @default {false} */
  readonly isSecret?: boolean;
}

/** A member of an options object. */
export interface Member extends Expectation {
  /** Whether it has to be there. @default {false} */
  readonly isRequired?: boolean;
}

/** All members of an options object: the compiler sees to it that none is missing here. */
export type Members<T> = { readonly [Name in keyof T]-?: Member };

/** What is wrong with something, as the end of a sentence. */
export interface OptionFault {
  readonly why: string;
  readonly isNumber: boolean;
}

const isComposite = (value: unknown): value is object => typeof value === "object" && value !== null;
const isRecord = (value: unknown): boolean => isComposite(value) && !Array.isArray(value);
const isFunction = (value: unknown): boolean => typeof value === "function";
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isFrom = (value: unknown, least: number) => typeof value === "number" && value >= least;
const isSimple = (value: unknown) => !isComposite(value) && !isFunction(value);

/** A value as messages show it: short, and without what somebody may have written into an object. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (!isComposite(value)) return String(value);
  if (isFunction((value as { then?: unknown }).then)) return "a promise (await it)";
  if (!Array.isArray(value)) return "an object";
  return value.length <= 8 && value.every(isSimple) ? `[${value.map(valueText).join(",")}]` : "a list";
}

/** The same of what nobody may read: no more than what kind of value it is. */
const kindText = (value: unknown): string =>
  typeof value === "string" ? "a text" : Array.isArray(value) ? "a list" : isFunction(value) ? "a function" : valueText(value);

/** Words, as in `a, b or c`. */
export const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** Something that is called. */
export const FUNCTION: Expectation = { expected: "a function", fits: isFunction };
/** A text that is not empty. */
export const TEXT: Expectation = { expected: "a text", fits: isText };
/** A text, be it empty. */
export const ANY_TEXT: Expectation = { expected: "a text", fits: (value) => typeof value === "string" };
/** A switch. */
export const TRUTH: Expectation = { expected: "true or false", fits: (value) => typeof value === "boolean" };
/** An object that is no list. */
export const OBJECT: Expectation = { expected: "an object", fits: isRecord };
/** Texts by name. */
export const TEXTS: Expectation = {
  expected: "texts by name",
  fits: (value) => isRecord(value) && Object.values(value as object).every((each) => typeof each === "string"),
};
/** Any number that is one. */
export const NUMBER: Expectation = { expected: "a number", fits: Number.isFinite, isNumber: true };
/** A time that passes. */
export const SPAN: Expectation = {
  expected: "milliseconds from 0",
  fits: (value) => isFrom(value, 0) && value !== Infinity,
  isNumber: true,
};
/** A time that passes, or never is over. */
export const LIMIT: Expectation = { ...SPAN, fits: (value) => isFrom(value, 0) };
/** What time is read of. */
export const CLOCK: Expectation = {
  expected: "a clock, as createVirtualClock() makes it",
  fits: (value) => hasFunctions<Clock>(value, ["now", "monotonic", "setTimer"]),
};
/** Where a program tells what it does. */
export const LOG: Expectation = {
  expected: "a log, with debug, info, warn and error",
  fits: (value) => hasFunctions<Log>(value, ["debug", "info", "warn", "error"]),
};
/** Where a program counts. */
export const METRICS: Expectation = {
  expected: "metrics, with counter, histogram and gauge",
  fits: (value) => hasFunctions<Metrics>(value, ["counter", "histogram", "gauge"]),
};
/** Where a program says whether it is ready. */
export const HEALTH: Expectation = {
  expected: "what createHealth() gives",
  fits: (value) => hasFunctions<Health>(value, ["check"]),
};
/** What ends a call or a program. Whichever realm or library it is of. */
export const SIGNAL: Expectation = {
  expected: "an AbortSignal",
  fits: (value) =>
    hasFunctions<AbortSignal>(value, ["addEventListener", "removeEventListener"]) && "aborted" in (value as object),
  meant: (value) => isComposite(value) && isFunction((value as Partial<AbortController>).abort) ? "controller.signal" : undefined,
};
/** The name of a namespace or of an object, as a step of a path: what names may be is up to the server. */
export const isName = (name: unknown): name is string => isText(name) && name !== "." && name !== ".." && !name.includes("/");
/** A namespace. */
export const NAMESPACE: Expectation = { expected: 'one such as "default"', fits: isName };
/** What a kind is called in the API. */
export const RESOURCE: Expectation = {
  expected: 'a resource, as { group: "apps", version: "v1", plural: "deployments" }',
  fits: (value) => {
    const { group, version, plural } = (value ?? {}) as Partial<Resource>;
    return typeof group === "string" && isText(version) && isText(plural);
  },
};
/** Which objects; with a namespace of `""` those of all. */
export const SELECTION: Members<Selection> = { namespace: ANY_TEXT, labelSelector: ANY_TEXT, fieldSelector: ANY_TEXT };
/** Whatever it is, it is looked at elsewhere. */
export const ANYTHING: Expectation = { expected: "anything", fits: () => true };

/** A list. @param what What its items are called. */
export const listOf = (what: string, fits: (item: unknown) => boolean = () => true): Expectation => ({
  expected: `a list of ${what}`,
  fits: (value) => Array.isArray(value) && value.every(fits),
});

/** A number from one on, be it infinite. */
export const numberFrom = (least: number, expected = `a number from ${least}`): Expectation => ({
  expected,
  fits: (value) => isFrom(value, least),
  isNumber: true,
});

/** A whole number. @param most The greatest. @default {There is none} */
export const wholeFrom = (least: number, most: number = Number.MAX_SAFE_INTEGER): Expectation => ({
  expected: `a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}`,
  fits: (value) => Number.isSafeInteger(value) && isFrom(value, least) && (value as number) <= most,
  isNumber: true,
});

/** The one of some words that is meant by a mistyped one: of a list by the first that is none. */
export const meantOf = (words: readonly string[]) => (value: unknown): string | undefined => {
  const word = Array.isArray(value) ? value.find((each) => !words.includes(each)) : value;
  return isText(word) ? nearest(word, words) : undefined;
};

/** One of some words. */
export const oneOf = (words: readonly string[]): Expectation => ({
  expected: either(words.map((word) => JSON.stringify(word))),
  fits: (value) => words.includes(value as string),
  meant: meantOf(words),
});

/** Whether something has these methods. */
export const hasFunctions = <T>(value: unknown, names: readonly (keyof T & string)[]): boolean =>
  isComposite(value) && names.every((name) => isFunction((value as Record<string, unknown>)[name]));

/** Makes a member one that has to be there. */
export const required = (expectation: Expectation): Member => ({ ...expectation, isRequired: true });

/** What is wrong with one value; undefined where nothing is. @param name As in `match.verb`. */
export function valueFault(name: string, value: unknown, expectation: Expectation): OptionFault | undefined {
  if (expectation.fits(value)) return undefined;
  const { expected, isNumber = false, isSecret = false } = expectation;
  return {
    why: `${name} is ${isSecret ? kindText(value) : valueText(value)}, expected ${expected}${
      didYouMean(expectation.meant?.(value))
    }`,
    isNumber,
  };
}

/**
 * What is wrong with an object by the names of its members; undefined where nothing is.
 *
 * @param others Names that may stand there and mean nothing: one object is given to several functions.
 */
export function membersFault(
  given: unknown,
  known: readonly string[],
  subject = "it",
  others: readonly string[] = [],
): OptionFault | undefined {
  const list = known.join(", ");
  if (!isRecord(given) || isFunction((given as { then?: unknown }).then)) {
    return { why: `${subject} is ${valueText(given)}, expected an object with ${list}`, isNumber: false };
  }
  const stray = Object.keys(given as object).find((name) => !known.includes(name) && !others.includes(name));
  if (stray === undefined) return undefined;
  return {
    why: `${subject} has a member ${valueText(stray)}, expected ${list}${didYouMean(nearest(stray, known))}`,
    isNumber: false,
  };
}

/**
 * What is wrong with an options object: a member that is unknown, or is not what it has to be. What is undefined counts as absent.
 *
 * @param subject What it is called, as in `match`. @default {It is what the sentence is about: "it"}
 * @param others Names that may stand there and mean nothing.
 */
export function optionsFault<T>(
  given: unknown,
  members: Members<T>,
  subject?: string,
  others?: readonly string[],
): OptionFault | undefined {
  const stray = membersFault(given, Object.keys(members), subject, others);
  if (stray) return stray;
  for (const [name, member] of Object.entries(members as Readonly<Record<string, Member>>)) {
    const value = (given as Record<string, unknown>)[name];
    if (value === undefined && !member.isRequired) continue;
    const fault = valueFault(subject === undefined ? name : `${subject}.${name}`, value, member);
    if (fault) return fault;
  }
  return undefined;
}

/** @throws {TypeError | RangeError} Where there is a fault. @param action As in `Cannot add a fault`. */
export function refuse(action: string, fault: OptionFault | undefined): void {
  if (!fault) return;
  throw new (fault.isNumber ? RangeError : TypeError)(`${action}: ${fault.why}`);
}

/**
 * Looks at an options object: see {@linkcode optionsFault}.
 *
 * @param action As in `Cannot add a fault`.
 * @throws {TypeError} When it is none, has a member that is unknown, or one that is not what it has to be.
 * @throws {RangeError} When a number is none that can be.
 */
export function checkOptions<T>(
  action: string,
  given: unknown,
  members: Members<T>,
  subject?: string,
  others?: readonly string[],
): void {
  refuse(action, optionsFault(given, members, subject, others));
}

/** Looks at one value: an argument. @throws {TypeError | RangeError} When it is not what it has to be. */
export function checkValue(action: string, name: string, value: unknown, expectation: Expectation): void {
  refuse(action, valueFault(name, value, expectation));
}

/**
 * Where JavaScript, or a cast, has let by what is no cluster.
 *
 * @param action As in `Cannot start flow "order"`.
 * @throws {TypeError} When there is none, or the `await` before `connect()` was forgotten.
 */
export function checkCluster(action: string, cluster: Reader | Writer): void {
  const given: unknown = cluster;
  if (hasFunctions<Reader>(given, ["list"]) || hasFunctions<Writer>(given, ["create"])) return;
  const isPromise = typeof (given as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
  const what = isPromise
    ? "a promise, expected what it resolves to: await connect()"
    : `${valueText(given)}, expected what connect() gives`;
  throw new TypeError(`${action}: options.cluster is ${what}`);
}
