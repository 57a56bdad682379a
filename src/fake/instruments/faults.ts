/**
 * The faults that a fake cluster can be told to have: what they are called and what they say; those of watches are in
 * `faults-watch.ts`. What they do is in `faults-effect.ts`, when they do it in `faults-rules.ts`.
 *
 * @module
 */
import {
  ANY_TEXT,
  ANYTHING,
  checkOptions,
  checkValue,
  type Expectation,
  FUNCTION,
  type Members,
  OBJECT,
  oneOf,
  required,
  SPAN,
  TEXT,
  TEXTS,
  TRUTH,
  wholeFrom,
} from "../../options.ts";
import type { JournalEntry } from "./journal.ts";
import { encode, type JsonObject } from "../types/json.ts";
import type { WireForm } from "../output/wire.ts";
import type { Store } from "../store/store.ts";
import { continueTooOld, listTooOld } from "../verbs/list.ts";
import { expired as expiredRefusal, modified, plainError, Refusal } from "../types/status.ts";

/** A request as a fault sees it, before anything was done about it. */
export type FaultRequest = Omit<JournalEntry, "status" | "time" | "fault" | "effect"> & { readonly headers: Headers };

/** How a watch goes on no more. */
export type StreamEnd = "cut" | "end" | "silence";

/** What happens to the lines of a watch. */
export interface StreamPlan {
  /** What is done: to every line, or once, after so many events. */
  readonly act: StreamEnd | "delay" | "duplicate" | "reorder" | "say";
  /** Events that pass before; bookmarks pass uncounted. */
  readonly after: number;
  /** Milliseconds that each line is held; one that shall be overtaken, at the most. */
  readonly ms: number;
  /** What is said, and what comes then, if the stream does not go on. */
  readonly said?: { readonly bytes: Uint8Array; readonly type?: string; readonly then?: StreamEnd };
}

/** The versions that clients see, made of those of the server. */
export interface Numbering {
  readonly shown: (version: string) => string;
  /** The server's version, of one that a client names. */
  readonly meant: (version: string) => string;
}

/** A fault. Made by functions such as {@linkcode cut}, not by hand. */
export interface Fault {
  /** What the journal calls it. */
  readonly name: string;
}

/** A fault, and what is to be done. */
export type FaultPlan =
  & Fault
  & (
    | { readonly kind: "refuse"; readonly refusal: (request: FaultRequest) => Refused; readonly applied: boolean }
    | { readonly kind: "latency"; readonly ms: number; readonly applied: boolean }
    | { readonly kind: "cut" | "loseAnswer" }
    | { readonly kind: "late"; readonly ms: number }
    | { readonly kind: "stale"; readonly behind: Behind }
    | { readonly kind: "interfere"; readonly action: (request: FaultRequest) => unknown }
    | { readonly kind: "streamError"; readonly refusal: (request: FaultRequest) => Refused }
    | { readonly kind: "stream"; readonly plan: StreamPlan }
    | { readonly kind: "answer"; readonly answer: OwnAnswer; readonly applied: boolean }
    | { readonly kind: "gzip"; readonly form: WireForm; readonly always: boolean }
    | { readonly kind: "renumber"; readonly numbering: Numbering }
  );

/** What the server knows that answers. @param store What there is. @param name The collection that is asked for. */
export type Behind = (store: Store, name: string) => Store;

const kinds: Readonly<Record<FaultPlan["kind"], true>> = {
  ...{ refuse: true, latency: true, cut: true, loseAnswer: true, late: true, stale: true, interfere: true },
  ...{ streamError: true, stream: true, answer: true, gzip: true, renumber: true },
};

/** Whether something is a fault. */
export const isFault = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(kinds, (value as Partial<FaultPlan>).kind ?? "");

/** What is to be done. */
export const planOf = (fault: Fault): FaultPlan => fault as FaultPlan;

/** A refusal, with what its Status does not say. */
export interface Refused {
  /** The Status, or the text. */
  readonly refusal: Refusal;
  /** The `Retry-After` header. */
  readonly retryAfter?: number | string;
}

/** An answer that the server has no part in. */
export interface OwnAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Whether the request is carried out all the same. */
export interface Applied {
  /** Whether the request takes effect before the fault shows. @default {false} */
  readonly applied?: boolean;
}

/** A refusal of one's own. */
export interface RefuseOptions extends Applied {
  /** The HTTP status. */
  readonly code: number;
  /** CamelCase, for machines. @default {""} */
  readonly reason?: string;
  /** For people. @default {""} */
  readonly message?: string;
  /** The `details` of the Status. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds, for the `Retry-After` header and the Status; a text, such as a date, is for the header alone. */
  readonly retryAfter?: number | string;
  /** A body that is no Status: what a proxy on the way says. */
  readonly text?: string;
}

/** Looks at what a fault is made of. @throws {TypeError | RangeError} */
export function checkMaking(
  fault: string,
  values: Readonly<Record<string, readonly [value: unknown, expected: Expectation]>>,
): void {
  for (const [name, [value, expected]] of Object.entries(values)) {
    checkValue(`Cannot make the fault ${fault}`, name, value, expected);
  }
}

/** The same for its options. */
export const checkMakingOf = <T>(fault: string, options: unknown, members: Members<T>): void =>
  checkOptions(`Cannot make the fault ${fault}`, options, members);

/** When a client is told to come back. */
const RETRY_AFTER: Expectation = {
  expected: "seconds from 0, or a text",
  fits: (value) => TEXT.fits(value) || SPAN.fits(value),
  isNumber: true,
};
const APPLIED: Members<Applied> = { applied: TRUTH };

/** A fault of that plan. */
export const plan = (fault: FaultPlan): Fault => fault;

const refusing = (name: string, refusal: (request: FaultRequest) => Refused, { applied = false }: Applied = {}): Fault =>
  plan({ name, kind: "refuse", refusal, applied });

/** One of those that take effect nevertheless where they are told so. @param maker What makes it. */
function refusingAs(maker: string, name: string, refusal: () => Refusal, options: Applied): Fault {
  checkMakingOf(maker, options, APPLIED);
  return refusing(name, () => ({ refusal: refusal() }), options);
}

const REFUSAL: Members<RefuseOptions> = {
  code: required(wholeFrom(400, 599)),
  reason: ANY_TEXT,
  message: ANY_TEXT,
  details: OBJECT,
  retryAfter: RETRY_AFTER,
  text: ANY_TEXT,
  ...APPLIED,
};

/**
 * Refuses with any Status or text.
 *
 * @throws {RangeError} When the code is none of an error.
 * @throws {TypeError} When something else cannot be; so do the others.
 */
export function refuse(options: RefuseOptions): Fault {
  checkMakingOf("refuse", options, REFUSAL);
  const { code, reason = "", message = "", retryAfter, text, applied } = options;
  const details = { ...options.details, ...typeof retryAfter === "number" && { retryAfterSeconds: retryAfter } } as JsonObject;
  const refusal = new Refusal(code, reason, message, { text, ...Object.keys(details).length > 0 && { details } });
  return refusing(`refuse ${code}`, () => ({ refusal, retryAfter }), { applied });
}

/** 409: somebody else wrote first, in the words of the genuine server. */
export const conflict = (): Fault =>
  refusing("conflict", ({ resource = "", name = "" }) => {
    const [plural = "", ...group] = resource.split(".");
    return { refusal: modified({ plural, group: group.join(".") }, name) };
  });

/**
 * 410: the version to go on from is forgotten. On a list, on a list with a continue token (then with a fresh token for
 * the rest) and on a watch in the words that belong there.
 *
 * @param options.inStream A watch begins well and ends with an ERROR line instead, as it does on a genuine server.
 */
export function expired(options: { readonly inStream?: boolean } = {}): Fault {
  checkMakingOf<typeof options>("expired", options, { inStream: TRUTH });
  const refusal = ({ verb, query }: FaultRequest): Refused => {
    if (verb === "watch") return { refusal: expiredRefusal(`too old resource version: ${query.resourceVersion ?? "0"} (0)`) };
    return { refusal: query.continue ? continueTooOld(query.continue) : listTooOld() };
  };
  return options.inStream ? plan({ name: "expired in stream", kind: "streamError", refusal }) : refusing("expired", refusal);
}

/**
 * 429 of priority and fairness: a text with `Retry-After`. For the Status of a storage that is not ready yet use
 * {@linkcode refuse}.
 *
 * @param retryAfter Seconds; a text, such as a date, is sent as it is. @default {1}
 */
export const tooManyRequests = (retryAfter: number | string = 1): Fault => {
  checkMaking("tooManyRequests", { retryAfter: [retryAfter, RETRY_AFTER] });
  const text = "Too many requests, please try again later.\n";
  return refusing("too many requests", () => ({ refusal: new Refusal(429, "", "", { text }), retryAfter }));
};

/** 500 as etcd's silence shows; `applied` for a write that took effect nevertheless. */
export const serverError = (options: Applied = {}): Fault =>
  refusingAs("serverError", "server error", () => plainError("etcdserver: request timed out"), options);

/** 503: the server shuts down, or has not come up. */
export const unavailable = (options: Applied = {}): Fault =>
  refusingAs(
    "unavailable",
    "unavailable",
    () => new Refusal(503, "ServiceUnavailable", "apiserver is shutting down", { details: {} }),
    options,
  );

/** 504: the server gave up waiting for itself; `applied` for a write that took effect nevertheless. */
export const timeout = (options: Applied = {}): Fault =>
  refusingAs(
    "timeout",
    "timeout",
    () => new Refusal(504, "Timeout", "Timeout: request did not complete within the allotted timeout", { details: {} }),
    options,
  );

/**
 * The answer takes its time, by the cluster's clock.
 *
 * @param ms Milliseconds.
 * @param options.applied Whether the time passes after the request took effect. @default {false}
 */
export function latency(ms: number, options: Applied = {}): Fault {
  checkMaking("latency", { ms: [ms, SPAN] });
  checkMakingOf("latency", options, APPLIED);
  return plan({ name: "latency", kind: "latency", ms, applied: options.applied ?? false });
}

/** The connection breaks before the server has seen the request: nothing happens. */
export const cut = (): Fault => plan({ name: "cut", kind: "cut" });

/** The request takes effect, then the connection breaks: the client cannot know. */
export const loseAnswer = (): Fault => plan({ name: "answer lost", kind: "loseAnswer" });

/**
 * The connection breaks at once, and the request takes effect later: a packet that was held up on its way.
 *
 * @param ms Milliseconds, by the cluster's clock.
 */
export function late(ms: number): Fault {
  checkMaking("late", { ms: [ms, SPAN] });
  return plan({ name: "late", kind: "late", ms });
}

/**
 * A get or a list is answered as the cluster was some writes ago, as an API server does that lags behind. Versions that
 * it has not seen yet are waited for in vain (504).
 *
 * @param revisions How many writes, to any resource; at the most as far back as the history reaches. @default {1}
 */
export function stale(revisions: number = 1): Fault {
  checkMaking("stale", { revisions: [revisions, wholeFrom(1)] });
  return plan({ name: "stale", kind: "stale", behind: (store, name) => store.before(revisions, name) });
}

/**
 * A get or a list is answered as the cluster was when this fault hit for the first time, as an API server does whose cache
 * stands still: of every resource, however much is written meanwhile and however long ago that is, after a `restore`, too. Otherwise as
 * {@linkcode stale}. Each rule needs one of its own.
 */
export function frozen(): Fault {
  let then: Store | undefined;
  return plan({ name: "frozen", kind: "stale", behind: (store) => then ??= store.copy() });
}

/** Somebody does something just before the request is carried out. @param action It is waited for. */
export function interfere(action: (request: FaultRequest) => unknown): Fault {
  checkMaking("interfere", { action: [action, FUNCTION] });
  return plan({ name: "interference", kind: "interfere", action });
}

/** An answer of one's own, be it good. */
export interface AnswerOptions extends Applied {
  /** The HTTP status. @default {200} */
  readonly code?: number;
  /** What is sent: a text or bytes as they are, anything else as JSON. @default {""} */
  readonly body?: unknown;
  /** The headers. @default {The content type: `application/json` where the body is sent as JSON, else `text/html`} */
  readonly headers?: Readonly<Record<string, string>>;
}

const ANSWER: Members<AnswerOptions> = { code: wholeFrom(200, 599), body: ANYTHING, headers: TEXTS, ...APPLIED };

/**
 * Something on the way answers instead of the server: a proxy's page with 200, a redirect, half a document.
 *
 * @throws {RangeError} When the code is none that a response can have.
 */
export function answer(options: AnswerOptions = {}): Fault {
  checkMakingOf("answer", options, ANSWER);
  const { code = 200, body = "", headers = {}, applied = false } = options;
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const own: OwnAnswer = {
    code,
    headers: { "content-type": raw ? "text/html" : "application/json", ...headers },
    body: raw ? body as OwnAnswer["body"] : `${encode(body)}\n`,
  };
  return plan({ name: `answer ${code}`, kind: "answer", answer: own, applied });
}

/** How compressed answers are sent. */
export interface GzipOptions {
  /**
   * Each event of a watch is a gzip stream of its own (`member`), as kube-apiserver sends those of
   * `sendInitialEvents=true` from 1.37 on, or a part of one stream that is flushed at once (`flush`), as proxies do it.
   * @default {"member"}
   */
  readonly each?: "member" | "flush";
  /** Whether it is done for clients, too, that do not accept gzip. @default {false} */
  readonly always?: boolean;
}

/**
 * The answer is compressed, however short it is. It is so on the wire only: a program that was handed the function
 * `fetch` of the cluster gets it as `fetch` gives what it got, without.
 */
export function gzip(options: GzipOptions = {}): Fault {
  checkMakingOf("gzip", options, GZIP);
  const { each = "member", always = false } = options;
  return plan({ name: "gzip", kind: "gzip", form: { each }, always });
}

const GZIP: Members<GzipOptions> = { each: oneOf(["member", "flush"]), always: TRUTH };

/**
 * The resourceVersions in an answer are shown as others: of an object, of a list and its items, of the events and
 * bookmarks of a watch. A list whose version goes back: `renumber((version) => String(Number(version) - 5))`.
 *
 * @param shown Makes the version that is shown of the server's.
 * @param meant Makes the server's version of one that a client names, in a query, an object, a patch or a precondition.
 * With it, and all requests hit, the whole cluster counts in another way: beyond 2^53, or not in decimals.
 * @default {As the client names it}
 */
export function renumber(
  shown: (version: string) => string,
  meant: (version: string) => string = (version) => version,
): Fault {
  checkMaking("renumber", { shown: [shown, FUNCTION], meant: [meant, FUNCTION] });
  return plan({ name: "renumbered", kind: "renumber", numbering: { shown, meant } });
}
