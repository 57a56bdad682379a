/**
 * A request as its creator writes it. Pure, but for the random uid of one without a key.
 *
 * @module
 */

import type { NewObject, ObjectKey } from "../ports.ts";
import { ANYTHING, type Members, TEXTS } from "../options.ts";
import { API_VERSION, flowNameOf, type ForkedFrom, type Json, KIND, nameOf, type RequestState } from "../request-state.ts";
import { differenceIn } from "./difference.ts";
import type { Flow } from "./plan.ts";
import { INPUT_LIMIT } from "./sizes.ts";
import { checkValue } from "./standard-schema.ts";
import { keptValue, storedValue } from "./value.ts";
import { cutText } from "../text.ts";
import { waitText } from "./waiting.ts";

/** What a flow is started with. */
export interface Wanted {
  /**
   * Names the request in the caller's terms: starting a flow twice with one key makes one request.
   * @default {None: every start makes a request}
   */
  readonly key?: string;
  /** What the handlers get; at most 64 KiB as JSON. */
  readonly input?: unknown;
  /** What selectors select by, beside `app.kubernetes.io/name` (the flow) and `app.kubernetes.io/managed-by` (`crd-watcher`). */
  readonly labels?: Readonly<Record<string, string>>;
  /** What tools note down. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** When the first job may begin; a number is milliseconds since the Unix epoch. */
  readonly notBefore?: Date | number;
}

/** The same, as it is looked at; the key, the input and the time by themselves. */
export const WANTED: Members<Wanted> = {
  key: ANYTHING,
  input: ANYTHING,
  labels: TEXTS,
  annotations: TEXTS,
  notBefore: ANYTHING,
};

/** Who creates it, where and when. */
export interface Creator {
  readonly namespace: string;
  /** The writer's identity. */
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** A request on its way to the server. */
export type NamedRequest = NewObject & Pick<RequestState, "spec" | "status"> & { readonly metadata: ObjectKey };

/**
 * The request that starts a flow.
 *
 * @throws {TypeError} When the input is nothing that JSON can say, or does not fit its schema.
 * @throws {RangeError} When the input is larger than 64 KiB as JSON, or `notBefore` is no time.
 */
export async function startRequest(flow: Flow, wanted: Wanted, creator: Creator): Promise<NamedRequest> {
  const action = `Cannot start flow "${flow.name}"`;
  const input = storedValue(wanted.input, action, "input", INPUT_LIMIT);
  await checkInput(flow, input, action);
  return newRequest(flow, {
    ...wanted,
    uid: await uidOf(flow, wanted.key),
    input,
    notBefore: notBeforeText(wanted.notBefore, action),
  }, creator);
}

/** @throws {TypeError} When an input does not fit the schema of its flow. @param action As in `Cannot start flow "order"`. */
export async function checkInput(flow: Flow, input: Json | undefined, action: string): Promise<void> {
  const { fault } = await checkValue(flow.input, input);
  if (fault !== undefined) throw new TypeError(`${action}: its input does not fit its schema: ${fault}`);
}

/** RFC 3339, as `spec.notBefore` is. */
export function notBeforeText(notBefore: Date | number | undefined, action: string): string | undefined {
  if (notBefore === undefined) return undefined;
  const date = new Date(notBefore ?? NaN); // null is 1970 otherwise
  if (Number.isNaN(date.getTime()) || date.getTime() < 0 || date.getUTCFullYear() > 9999) {
    throw new RangeError(`${action}: notBefore is ${String(notBefore)}, expected a Date or milliseconds since 1970`);
  }
  return date.toISOString();
}

/** What makes up a request. */
export interface RequestParts extends Pick<Wanted, "labels" | "annotations" | "key"> {
  readonly uid: string;
  /** As the server will keep it. */
  readonly input?: Json;
  /** RFC 3339. */
  readonly notBefore?: string;
  /** Where it goes on from; it begins with that job. */
  readonly forkedFrom?: ForkedFrom;
  /** Of jobs that were done before. */
  readonly outputs?: { readonly [job: string]: Json };
}

/** The annotation that shows to people the key of which the name was made. */
const KEY = "crd-watcher/key";

/** The labels by which people select the requests of a flow. Those that are asked for go before. */
const labelsOf = (name: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/managed-by": "crd-watcher",
});

/** The labels that a request was given by whoever started it: all but those that every request of its flow has. */
export function ownLabelsOf(request: RequestState): Readonly<Record<string, string>> {
  const common = labelsOf(flowNameOf(request));
  return Object.fromEntries(Object.entries(request.metadata.labels ?? {}).filter(([name, value]) => common[name] !== value));
}

/** Of a key that is shown, in UTF-8 bytes. */
const LONGEST_KEY = 1_024;

/** A key as it is shown; a long one is cut. */
const shownKey = (key: string): string => cutText(key.toWellFormed(), LONGEST_KEY);

/** A key that is shown, and more behind it, which is not cut. */
export const extendedKey = (key: string, more: string): string =>
  cutText(key, LONGEST_KEY - new TextEncoder().encode(more).length) + more;

/** The key that a request was started with, as it is shown, or whose retry it is; undefined where it has neither. */
export const flowKeyOf = ({ metadata }: RequestState): string | undefined => metadata.annotations?.[KEY];

/** Whether a request is the one that was started with a key: anybody may write an annotation, but the name is made of the key. */
export const hasKey = async (request: RequestState, key: string): Promise<boolean> =>
  request.metadata.name === await uidOf({ name: flowNameOf(request) }, key);

/** The request of a flow: its first job is requested. */
export function newRequest(flow: Flow, parts: RequestParts, { namespace, by, now }: Creator): NamedRequest {
  const { uid, key, input, labels, notBefore, forkedFrom, outputs } = parts;
  const annotations = key === undefined ? parts.annotations : { ...parts.annotations, [KEY]: shownKey(key) };
  const job = forkedFrom?.job ?? flow.start;
  const waitingFor = waitText(flow.plans[job]!, Math.max(now, Date.parse(notBefore ?? "") || now));
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: uid, namespace, labels: { ...labelsOf(flow.name), ...labels }, ...annotations && { annotations } },
    spec: {
      "request-uid": uid,
      job,
      state: "REQUESTED",
      attempt: 1,
      flow: flow.name,
      flowDigest: flow.digest,
      ...input !== undefined && { input },
      ...notBefore !== undefined && { notBefore },
      ...forkedFrom && { forkedFrom },
      ...flow.deadline !== undefined && { activeDeadlineSeconds: Math.ceil(flow.deadline / 1_000) },
      ttlSecondsAfterFinished: Math.ceil(flow.ttl / 1_000),
    },
    status: {
      history: [{ job, state: "REQUESTED", timestamp: new Date(now).toISOString(), seq: 1, attempt: 1, by }],
      ...outputs && Object.keys(outputs).length > 0 && { outputs },
      ...waitingFor !== undefined && { waitingFor },
    },
  };
}

/** A random UUID or, with a key, always the same one (version 8, RFC 9562), from the SHA-256 of flow and key. */
export async function uidOf(flow: Pick<Flow, "name">, key: string | undefined): Promise<string> {
  if (key === undefined) return crypto.randomUUID();
  if (typeof key !== "string") throw new TypeError(`The key of a flow is ${String(key)}, expected a text`);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify([flow.name, key]))))
    .subarray(0, 16);
  bytes[6] = bytes[6]! & 0x0f | 0x80;
  bytes[8] = bytes[8]! & 0x3f | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Why a request that was found under the key of another cannot be taken for it, as a whole sentence; undefined where it can: the
 * flow and the input are equal.
 */
export function keyConflict(found: RequestState, wanted: NamedRequest, key: string | undefined): string | undefined {
  const [a, b] = [flowNameOf(found), wanted.spec.flow!];
  const fork = (spec: RequestState["spec"]) => spec.forkedFrom && { uid: spec.forkedFrom.uid, job: spec.forkedFrom.job };
  const [what, difference] = a !== b ? ["flow", `spec.flow is "${a}", not "${b}"`] : [
    "input",
    differenceIn("spec.input", keptValue(found.spec.input, "input").value ?? undefined, wanted.spec.input) ??
      differenceIn("spec.forkedFrom", fork(found.spec), fork(wanted.spec)),
  ];
  if (difference === undefined) return undefined;
  const [named, taken] = key === undefined ? ["", "name"] : [` with key "${key}"`, "key"];
  return `Cannot start flow "${b}"${named}: requeststates "${
    nameOf(found)
  }" has that ${taken} and another ${what}: ${difference}; ` +
    "choose another key or delete it";
}
