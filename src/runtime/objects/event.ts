/**
 * Events, as `kubectl describe` and `kubectl events` show them (`core/v1 Event`): what they are made of. All of it is pure.
 *
 * @module
 */
import type { KubernetesObject, NewObject, ObjectKey, PatchOperation, Resource } from "../../ports.ts";
import { timeText } from "../../text.ts";

/** Where events are. */
export const EVENTS: Resource = { group: "", version: "v1", plural: "events" };

/** What a person should know of an object. */
export interface NewEvent {
  /** Whether all is well. @default {"Normal"} */
  readonly type?: "Normal" | "Warning";
  /** What has happened, for machines: short, in CamelCase, one of few. */
  readonly reason: string;
  /** What has happened, for people. What is longer than 1,024 bytes is cut. */
  readonly message: string;
  /** What was done or tried, for machines: in CamelCase. @default {It does not say} */
  readonly action?: string;
}

/** Which object an event is about (`core/v1 ObjectReference`). */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** An event as it stands, or shall stand, on the server. */
export interface EventRecord {
  readonly key: ObjectKey;
  readonly about: ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly action: string | undefined;
  /** The last one. */
  message: string;
  /** How often it has happened. */
  count: number;
  /** When it happened first, and last, in milliseconds since the Unix epoch. */
  readonly first: number;
  last: number;
  /** Whether the server has it, as far as is known. */
  stored: boolean;
}

/** The limit that `events.k8s.io/v1` sets to a note, in bytes. */
export const LONGEST_MESSAGE = 1_024;
/** Its limit to reasons and actions. */
const LONGEST_WORD = 128;
const LONGEST_NAME = 253;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const CAMEL_CASE = /^[A-Z][A-Za-z0-9]*$/;

/** What is wrong with an event, as the end of a sentence; undefined where nothing is. */
export function faultOf({ type = "Normal", reason, action }: NewEvent): string | undefined {
  const isWord = (word: string) => CAMEL_CASE.test(word) && word.length <= LONGEST_WORD;
  if (type !== "Normal" && type !== "Warning") return `type is ${JSON.stringify(type)}, expected Normal or Warning`;
  if (!isWord(reason)) return `reason is ${JSON.stringify(reason)}, expected a word in CamelCase`;
  if (action !== undefined && !isWord(action)) return `action is ${JSON.stringify(action)}, expected a word in CamelCase`;
}

/** Refers to an object at the version that it has; undefined where it does not say what it is. */
export function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference | undefined {
  const { namespace, name, uid, resourceVersion } = metadata;
  return apiVersion && kind && name ? { apiVersion, kind, namespace, name, uid, resourceVersion } : undefined;
}

/**
 * Where an event about an object is: beside it, or in the namespace `default` where it is in none. A name that no event can
 * have, as that of a ClusterRole can be, is left out.
 *
 * @param random Between 0 and 1: two processes may tell of one object in one millisecond.
 */
export function eventKey({ namespace = "default", name }: ObjectReference, now: number, random: number): ObjectKey {
  const unique = (BigInt(Math.floor(now)) * 1_000_000n + BigInt(Math.floor(random * 1_000_000))).toString(16);
  const full = `${name}.${unique}`;
  return { namespace, name: full.length <= LONGEST_NAME && SUBDOMAIN.test(full) ? full : `event.${unique}` };
}

/** An event as the server is to make it. @param reporter Who tells of it. */
export function eventObject(
  { key, about, type, reason, action, message, count, first, last }: EventRecord,
  reporter: { readonly component: string; readonly instance: string },
): NewObject {
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: key,
    involvedObject: about,
    type,
    reason,
    ...action !== undefined && { action },
    message,
    count,
    firstTimestamp: timeText(first),
    lastTimestamp: timeText(last),
    source: { component: reporter.component },
    reportingComponent: reporter.component,
    reportingInstance: reporter.instance,
  };
  return event;
}

/** What makes the event that the server has into this one. */
export const eventPatch = ({ message, count, last }: EventRecord): PatchOperation[] => [
  { op: "add", path: "/count", value: count },
  { op: "add", path: "/lastTimestamp", value: timeText(last) },
  { op: "add", path: "/message", value: message },
];
