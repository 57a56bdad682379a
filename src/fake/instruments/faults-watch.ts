/**
 * The faults of watches: what they are called and what they say.
 *
 * @module
 */
import { ANY_TEXT, type Expectation, type Members, OBJECT, oneOf, required, SPAN, TEXT, wholeFrom } from "../../options.ts";
import { checkMaking, checkMakingOf, type Fault, plan, type StreamPlan } from "./faults.ts";
import { encode } from "../types/json.ts";

/** How many events come before. */
const AFTER = wholeFrom(0);

/** @param maker What makes it. */
function streaming(maker: string, name: string, act: StreamPlan["act"], after: number, ms: number = 0): Fault {
  checkMaking(maker, { after: [after, AFTER], ms: [ms, SPAN] });
  return plan({ name, kind: "stream", plan: { act, after, ms } });
}

/** A watch breaks in the middle of a line. @param after Events that come before. @default {0} */
export const cutWatch = (after: number = 0): Fault => streaming("cutWatch", "watch cut", "cut", after);

/** A watch is ended in good order. @param after Events that come before. @default {0} */
export const endWatch = (after: number = 0): Fault => streaming("endWatch", "watch ended", "end", after);

/**
 * A watch goes silent: no event, no bookmark, no end, not even after its timeout, as behind a load balancer that has
 * forgotten the connection.
 *
 * @param after Events that come before. @default {0}
 */
export const silenceWatch = (after: number = 0): Fault => streaming("silenceWatch", "watch silent", "silence", after);

/** All lines of a watch come later. @param ms Milliseconds, by the cluster's clock. */
export function delayWatch(ms: number): Fault {
  checkMaking("delayWatch", { ms: [ms, SPAN] });
  return streaming("delayWatch", "watch delayed", "delay", 0, ms);
}

/** Every event of a watch comes twice. */
export const duplicateWatch = (): Fault => streaming("duplicateWatch", "watch duplicated", "duplicate", 0);

/**
 * Every second event of a watch overtakes the one before it. No API server does that; what stands in between may.
 *
 * @param ms Milliseconds, by the cluster's clock, for which an event waits to be overtaken; then, before a bookmark, and at
 * the end of the watch it comes as it is. @default {1_000}
 */
export const reorderWatch = (ms: number = 1_000): Fault => streaming("reorderWatch", "watch reordered", "reorder", 0, ms);

/** What a watch says that is not the server's. */
export interface AnswerWatchOptions {
  /** Events of the server's that come before. @default {0} */
  readonly after?: number;
  /** What comes then: the connection breaks, the stream ends, it falls silent, or it goes on. @default {"end"} */
  readonly then?: "cut" | "end" | "silence" | "continue";
  /** The content type of the answer. @default {The server's} */
  readonly type?: string;
}

const ANSWERS: Members<AnswerWatchOptions> = { after: AFTER, then: oneOf(["cut", "end", "silence", "continue"]), type: TEXT };
const CONTENT: Expectation = {
  expected: "a text, bytes or a list of lines",
  fits: (value) => typeof value === "string" || value instanceof Uint8Array || Array.isArray(value),
};

/**
 * A watch says something of one's own: an event of an unknown type, half a line, the page of a proxy.
 *
 * @param content A text or bytes are sent as they are. Of a list each member is a line: a text as it is, anything else as
 * JSON.
 * @throws {RangeError} When `after` is no whole number of at least 0.
 */
export function answerWatch(content: string | Uint8Array | readonly unknown[], options: AnswerWatchOptions = {}): Fault {
  checkMaking("answerWatch", { content: [content, CONTENT] });
  checkMakingOf("answerWatch", options, ANSWERS);
  const { after = 0, then = "end", type } = options;
  const line = (each: unknown) => `${typeof each === "string" ? each : encode(each)}\n`;
  const text = typeof content === "string" ? content : content instanceof Uint8Array ? undefined : content.map(line).join("");
  const bytes = text === undefined ? content as Uint8Array : new TextEncoder().encode(text);
  const said = { bytes, type, ...then !== "continue" && { then } };
  return plan({ name: "watch answered", kind: "stream", plan: { act: "say", after, ms: 0, said } });
}

/** An ERROR event. */
export interface ErrorWatchOptions {
  /** The code in the Status. */
  readonly code: number;
  /** CamelCase, for machines. @default {""} */
  readonly reason?: string;
  /** For people. @default {""} */
  readonly message?: string;
  /** The `details` of the Status. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Events of the server's that come before. @default {0} */
  readonly after?: number;
}

const ERROR: Members<ErrorWatchOptions> = {
  code: required(wholeFrom(100, 599)),
  reason: ANY_TEXT,
  message: ANY_TEXT,
  details: OBJECT,
  after: AFTER,
};

/** A watch ends with an ERROR event, of whatever kind. @throws {RangeError} When `code` or `after` is none that can be. */
export function errorWatch(options: ErrorWatchOptions): Fault {
  checkMakingOf("errorWatch", options, ERROR);
  const { code, reason, message = "", details, after } = options;
  const object = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code };
  return answerWatch([{ type: "ERROR", object }], { after });
}
