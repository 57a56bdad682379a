/**
 * What bodies and lines say.
 *
 * @module
 */
import { parse } from "yaml";

/** A body as a value where it is JSON or YAML, else as it is. Pure. */
export function parsed(text: string, type: string): unknown {
  try {
    // The index of OpenAPI documents is JSON that calls itself text.
    if (/^application\/json/.test(type) || text.startsWith("{")) return JSON.parse(text);
    if (/^application\/yaml/.test(type)) return parse(text, { schema: "core" });
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
