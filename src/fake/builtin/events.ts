/**
 * Events: `v1`, in which they are stored, and `events.k8s.io/v1`, which shows the same objects under other names and
 * asks for more.
 *
 * @module
 */
import { type FieldError, immutable, invalid, required } from "../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { qualifiedNameFaults } from "../types/names.ts";
import { type Rules, selectable, textAt } from "./selectable.ts";

/** What `events.k8s.io/v1` calls the members of a `v1` event; all others have the same name in both. */
const renamed: Readonly<Record<string, string>> = {
  involvedObject: "regarding",
  message: "note",
  reportingComponent: "reportingController",
  source: "deprecatedSource",
  firstTimestamp: "deprecatedFirstTimestamp",
  lastTimestamp: "deprecatedLastTimestamp",
  count: "deprecatedCount",
};
const original = Object.fromEntries(Object.entries(renamed).map(([core, own]) => [own, core]));

const under = (object: JsonObject, names: Readonly<Record<string, string>>, apiVersion: string): JsonObject => ({
  ...Object.fromEntries(Object.entries(object).map(([name, member]) => [names[name] ?? name, member])),
  apiVersion,
});

/** A stored event as `events.k8s.io/v1` shows it. Pure. */
export const fromCore = (event: JsonObject): JsonObject => under(event, renamed, "events.k8s.io/v1");
/** An event of `events.k8s.io/v1` as it is stored. Pure. */
export const toCore = (event: JsonObject): JsonObject => under(event, original, "v1");

const size = (text: string) => new TextEncoder().encode(text).length;

function tooLong(field: string, text: string, limit: number): FieldError[] {
  return size(text) > limit ? [invalid(field, "", `can have at most ${limit} characters`)] : [];
}

/** Checks what an event with an `eventTime` must have. @param controller What the version calls its reporter. */
function reporterErrors(event: JsonObject, controller: string): FieldError[] {
  const text = (name: string) => textAt(name)(event);
  const needed = (field: string, name: string = field) => text(name) === "" ? [required(field)] : [];
  return [
    ...needed(controller, "reportingComponent"),
    ...qualifiedNameFaults(text("reportingComponent")).map((fault) => invalid(controller, text("reportingComponent"), fault)),
    ...needed("reportingInstance"),
    ...tooLong("reportingInstance", text("reportingInstance"), 128),
    ...needed("action"),
    ...tooLong("action", text("action"), 128),
    ...needed("reason"),
    ...tooLong("reason", text("reason"), 128),
    ...tooLong("message", text("message"), 1024),
  ];
}

const mismatch = (about: string) => [invalid("involvedObject.namespace", about, "does not match event.namespace")];

/** Checks an event as both versions do. */
function commonErrors(event: JsonObject, controller: string): FieldError[] {
  const about = textAt("involvedObject.namespace")(event);
  const own = metaOf(event).namespace ?? "";
  if (isSet(event.eventTime)) {
    const misplaced = about === "" && own !== "default" && own !== "kube-system";
    return [...misplaced ? mismatch(about) : [], ...reporterErrors(event, controller)];
  }
  return about === own || (about === "" && own === "default") ? [] : mismatch(about);
}

const isSet = (value: Json | undefined) => value !== undefined && value !== null && value !== "";

function seriesErrors({ series }: JsonObject): FieldError[] {
  if (!isObject(series)) return [];
  const errors: FieldError[] = [];
  if (Number(series.count ?? 0) < 2) errors.push(invalid("series.count", "", "should be at least 2"));
  if (!isSet(series.lastObservedTime)) errors.push(required("series.lastObservedTime"));
  return errors;
}

/** Members that a new event of `events.k8s.io/v1` has in other words, or not at all. */
const outdated = ["firstTimestamp", "lastTimestamp", "count", "source"];

function newErrors(event: JsonObject): FieldError[] {
  const type = textAt("type")(event);
  const given = (value: Json | undefined) => isObject(value) ? Object.keys(value).length > 0 : isSet(value) && value !== 0;
  return [
    ...seriesErrors(event),
    ...isSet(event.eventTime) ? [] : [required("eventTime")],
    ...["Normal", "Warning"].includes(type) ? [] : [invalid("type", "", `has invalid value: ${type}`)],
    ...outdated.filter((name) => given(event[name])).map((name) => invalid(name, "", "needs to be unset")),
  ];
}

/** How Go prints the members of its own types. */
const inGo: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  involvedObject: [
    ["kind", "Kind"],
    ["namespace", "Namespace"],
    ["name", "Name"],
    ["uid", "UID"],
    ["apiVersion", "APIVersion"],
    ["resourceVersion", "ResourceVersion"],
    ["fieldPath", "FieldPath"],
  ],
  source: [["component", "Component"], ["host", "Host"]],
};

function goValue(name: string, value: Json | undefined): Json {
  const members = inGo[name === "related" ? "involvedObject" : name];
  if (members && isObject(value)) return Object.fromEntries(members.map(([own, go]) => [go, value[own] ?? ""]));
  return value ?? (name === "count" ? 0 : ["firstTimestamp", "lastTimestamp", "eventTime", "related"].includes(name) ? null : "");
}

/** Members of an event that stay as they are, by the names that the server checks them under, in its order. */
const lasting = [
  "involvedObject",
  "reason",
  "message",
  "source",
  "firstTimestamp",
  "lastTimestamp",
  "count",
  "reason",
  "type",
  "eventTime",
  "action",
  "related",
  "reportingController",
  "reportingInstance",
];

function changeErrors(event: JsonObject, old: JsonObject): FieldError[] {
  const changed = equal(event.series ?? null, old.series ?? null) ? [] : seriesErrors(event);
  const fixed = lasting.filter((field) => {
    const name = original[field] ?? field;
    return !equal(event[name] ?? null, old[name] ?? null);
  });
  return [
    ...changed,
    ...fixed.map((field) => immutable(field, goValue(field, event[original[field] ?? field]))),
  ];
}

const labelNotSupported = (field: string) => `field label not supported: ${field}`;

const about = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

/** The component, in whichever member it stands. */
const reporter = (first: string, second: string) => (object: JsonObject) => textAt(first)(object) || textAt(second)(object);

/** `v1`. */
export const coreEvent: Rules = {
  metadataLast: true,
  selectable: {
    ...selectable(...about.map((name) => `involvedObject.${name}`), "reason", "type"),
    reportingComponent: reporter("reportingComponent", "source.component"),
    source: reporter("source.component", "reportingComponent"),
  },
  unknownField: labelNotSupported,
  validate: (object) => commonErrors(object, "reportingComponent"),
};

/** `events.k8s.io/v1`. */
export const groupEvent: Rules = {
  selectable: {
    ...selectable(...about.map((name) => `regarding.${name}`), "reason", "type"),
    reportingController: reporter("reportingController", "deprecatedSource.component"),
  },
  unknownField: labelNotSupported,
  validate(object, old) {
    const event = toCore(object);
    return [...commonErrors(event, "reportingController"), ...old ? changeErrors(event, toCore(old)) : newErrors(event)];
  },
};
