/**
 * The faults that a fake cluster can be told to have: what they are called and what they say; those of watches are in
 * `faults-watch.ts`. What they do is in `faults-effect.ts`, when they do it in `faults-rules.ts`.
 *
 * @module
 */
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

/** What is to be done. @throws {TypeError} When it is no fault. */
export function planOf(fault: Fault): FaultPlan {
  if (typeof fault === "object" && fault !== null && "kind" in fault) return fault as FaultPlan;
  throw new TypeError(`fault is ${JSON.stringify(fault)}, expected what a function such as cut() makes`);
}

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

/** @throws {RangeError} */
export function atLeast(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new RangeError(`${name} is ${value}, expected a number of at least ${least}`);
}

/** A fault of that plan. */
export const plan = (fault: FaultPlan): Fault => fault;

const refusing = (name: string, refusal: (request: FaultRequest) => Refused, { applied = false }: Applied = {}): Fault =>
  plan({ name, kind: "refuse", refusal, applied });

/** Refuses with any Status or text. @throws {RangeError} When the code is none of an error. */
export function refuse(options: RefuseOptions): Fault {
  const { code, reason = "", message = "", retryAfter, text, applied } = options;
  if (!(Number.isInteger(code) && code >= 400 && code <= 599)) throw new RangeError(`code is ${code}, expected 400 to 599`);
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
  if (typeof retryAfter === "number") atLeast("retryAfter", retryAfter, 0);
  const text = "Too many requests, please try again later.\n";
  return refusing("too many requests", () => ({ refusal: new Refusal(429, "", "", { text }), retryAfter }));
};

/** 500 as etcd's silence shows; `applied` for a write that took effect nevertheless. */
export const serverError = (options: Applied = {}): Fault =>
  refusing("server error", () => ({ refusal: plainError("etcdserver: request timed out") }), options);

/** 503: the server shuts down, or has not come up. */
export const unavailable = (options: Applied = {}): Fault =>
  refusing(
    "unavailable",
    () => ({ refusal: new Refusal(503, "ServiceUnavailable", "apiserver is shutting down", { details: {} }) }),
    options,
  );

/** 504: the server gave up waiting for itself; `applied` for a write that took effect nevertheless. */
export const timeout = (options: Applied = {}): Fault =>
  refusing("timeout", () => ({
    refusal: new Refusal(504, "Timeout", "Timeout: request did not complete within the allotted timeout", { details: {} }),
  }), options);

/**
 * The answer takes its time, by the cluster's clock.
 *
 * @param ms Milliseconds.
 * @param options.applied Whether the time passes after the request took effect. @default {false}
 */
export const latency = (ms: number, { applied = false }: Applied = {}): Fault =>
  plan({ name: "latency", kind: "latency", ms: atLeast("ms", ms, 0), applied });

/** The connection breaks before the server has seen the request: nothing happens. */
export const cut = (): Fault => plan({ name: "cut", kind: "cut" });

/** The request takes effect, then the connection breaks: the client cannot know. */
export const loseAnswer = (): Fault => plan({ name: "answer lost", kind: "loseAnswer" });

/**
 * The connection breaks at once, and the request takes effect later: a packet that was held up on its way.
 *
 * @param ms Milliseconds, by the cluster's clock.
 */
export const late = (ms: number): Fault => plan({ name: "late", kind: "late", ms: atLeast("ms", ms, 0) });

/**
 * A get or a list is answered as the cluster was some writes ago, as an API server does that lags behind. Versions that
 * it has not seen yet are waited for in vain (504).
 *
 * @param revisions How many writes, to any resource; at the most as far back as the history reaches. @default {1}
 */
export function stale(revisions: number = 1): Fault {
  atLeast("revisions", revisions, 1);
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
export const interfere = (action: (request: FaultRequest) => unknown): Fault =>
  plan({ name: "interference", kind: "interfere", action });

/** An answer of one's own, be it good. */
export interface AnswerOptions extends Applied {
  /** The HTTP status. @default {200} */
  readonly code?: number;
  /** What is sent: a text or bytes as they are, anything else as JSON. @default {""} */
  readonly body?: unknown;
  /** The headers. @default {The content type: `application/json` where the body is sent as JSON, else `text/html`} */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Something on the way answers instead of the server: a proxy's page with 200, a redirect, half a document.
 *
 * @throws {RangeError} When the code is none that a response can have.
 */
export function answer(options: AnswerOptions = {}): Fault {
  const { code = 200, body = "", headers = {}, applied = false } = options;
  if (!(Number.isInteger(code) && code >= 200 && code <= 599)) throw new RangeError(`code is ${code}, expected 200 to 599`);
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
export const gzip = ({ each = "member", always = false }: GzipOptions = {}): Fault =>
  plan({ name: "gzip", kind: "gzip", form: { each }, always });

/**
 * The resourceVersions in an answer are shown as others: of an object, of a list and its items, of the events and
 * bookmarks of a watch. A list whose version goes back: `renumber((version) => String(Number(version) - 5))`.
 *
 * @param shown Makes the version that is shown of the server's.
 * @param meant Makes the server's version of one that a client names, in a query, an object, a patch or a precondition.
 * With it, and all requests hit, the whole cluster counts in another way: beyond 2^53, or not in decimals.
 * @default {As the client names it}
 */
export const renumber = (
  shown: (version: string) => string,
  meant: (version: string) => string = (version) => version,
): Fault => plan({ name: "renumbered", kind: "renumber", numbering: { shown, meant } });
