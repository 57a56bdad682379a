/**
 * How long a client waits for its answer: `?timeout=`.
 *
 * @module
 */
import { readDuration } from "../types/go-duration.ts";
import { encode } from "../types/json.ts";
import { badRequest, Refusal } from "../types/status.ts";

const nanosAMillisecond = 1_000_000;

/**
 * The time that a request asks for, in milliseconds. Pure.
 *
 * @returns Nothing where it asks for none, or for none that is any.
 * @throws {Refusal} 400 where it cannot be read: that is found out before it is known who asks.
 */
export function timeoutOf(query: URLSearchParams): number | undefined {
  const text = query.get("timeout") ?? "";
  if (text === "") return undefined;
  const read = readDuration(text);
  if ("fault" in read) throw badRequest(`invalid timeout specified in the request URL - ${read.fault}`);
  return read.nanos > 0n ? Number(read.nanos) / nanosAMillisecond : undefined;
}

/** Milliseconds: less than any server needs to answer anything. */
const noTime = 0.05;

/** Refuses what is to be answered in no time: nothing is done. @throws {Refusal} 400, 504 */
export function checkTimeout(query: URLSearchParams): void {
  if ((timeoutOf(query) ?? noTime) < noTime) throw outOfTime();
}

/** 504: the time that was asked for is over. It is said by what stands before all handlers, which knows of no form. */
export const outOfTime = (): Refusal => {
  const message = "Timeout: request did not complete within the allotted timeout";
  const status = { metadata: {}, status: "Failure", message, reason: "Timeout", details: {}, code: 504 };
  return new Refusal(504, "Timeout", message, { text: `${encode(status)}\n` });
};
