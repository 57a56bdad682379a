/**
 * The cells of events.
 *
 * @module
 */
import { age } from "../../output/age.ts";
import type { JsonObject } from "../../types/json.ts";
import { type Cells, number, read, text } from "./reading.ts";

const since = (time: string, now: number) => age(time || undefined, now) ?? "<unknown>";

function about(event: JsonObject): string {
  const [kind, name] = [text(event, "involvedObject", "kind"), text(event, "involvedObject", "name")];
  return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function source(event: JsonObject): string {
  const component = text(event, "source", "component") || text(event, "reportingComponent");
  const host = text(event, "source", "host") || text(event, "reportingInstance");
  return host === "" ? component : `${component}, ${host}`;
}

/** The cells of events, as `v1` has them. */
export const eventCells: Cells = {
  "Last Seen": (event, now) =>
    since(text(event, "series", "lastObservedTime") || text(event, "lastTimestamp") || text(event, "eventTime"), now),
  Type: read("type"),
  Reason: read("reason"),
  Object: about,
  Subobject: read("involvedObject.fieldPath"),
  Source: source,
  Message: (event) => text(event, "message").trim(),
  "First Seen": (event, now) => since(text(event, "firstTimestamp") || text(event, "eventTime"), now),
  Count: (event) => number(event, "series", "count") || number(event, "count") || 1,
};
