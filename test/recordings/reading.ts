/**
 * What bodies and lines say.
 *
 * @module
 */
import { parse } from "yaml";

/** A number with the digits that it was written with, where JavaScript would write others: `number 9007199254740993`. */
const digits = (_key: string, value: unknown, { source }: { readonly source?: string } = {}): unknown =>
  typeof value === "number" && source !== undefined && source !== String(value) ? `number ${source}` : value;

/** The same of YAML, whose whole numbers come as bigints. */
const wholeOf = (_key: unknown, value: unknown): unknown =>
  typeof value !== "bigint" ? value : String(Number(value)) === String(value) ? Number(value) : `number ${value}`;

/** Parses JSON; no digit is lost. */
const parseExactly = (text: string): unknown => (JSON.parse as (text: string, reviver: typeof digits) => unknown)(text, digits);

/** A body as a value where it is JSON or YAML, else as it is. Pure. */
export function parsed(text: string, type: string): unknown {
  try {
    // The index of OpenAPI documents is JSON that calls itself text.
    if (/^application\/json/.test(type) || text.startsWith("{")) return parseExactly(text);
    if (/^application\/yaml/.test(type)) return parse(text, wholeOf, { schema: "core", intAsBigInt: true });
  } catch {
    // Then it is kept as it is.
  }
  return text;
}

/** A line as a value. Pure. */
export const jsonOf = (line: string): unknown => parsed(line, "application/json");

/** Whether a line is a bookmark that only tells progress: those come when they like. */
export const isProgress = (line: string): boolean =>
  line.startsWith(`{"type":"BOOKMARK"`) && !line.includes("k8s.io/initial-events-end");
