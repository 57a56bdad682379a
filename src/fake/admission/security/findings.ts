/**
 * What checks of pod security see of a pod, and the words that they share.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { byBytes } from "../../types/order.ts";
import { metaOf } from "../../types/meta.ts";
import { quote } from "../../types/quote.ts";

/** The pod that is judged: one that is written, or what a template makes. */
export interface Judged {
  readonly spec: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
  /** In the order in which they are named. */
  readonly containers: readonly JsonObject[];
  readonly isWindows: boolean;
  /** Whether its users are none of the node's. */
  readonly hasOwnUsers: boolean;
}

/** What is wrong: in two words, and in full. */
export interface Finding {
  readonly reason: string;
  readonly detail: string;
}

/** The object that a member is, or an empty one. Pure. */
export const inside = (object: JsonObject, name: string): JsonObject => {
  const value = object[name];
  return isObject(value) ? value : {};
};

/** The objects of a list. Pure. */
export const listed = (object: JsonObject, name: string): readonly JsonObject[] => {
  const value = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

/** What may be said of a pod and of a container alike. Pure. */
export const contextOf = (object: JsonObject): JsonObject => inside(object, "securityContext");

/** A pod, or a template of pods, as it is judged. Pure. */
export function judgedOf(pod: JsonObject): Judged {
  const spec = inside(pod, "spec");
  return {
    spec,
    annotations: (isObject(pod.metadata) ? metaOf(pod).annotations : undefined) ?? {},
    containers: ["initContainers", "containers", "ephemeralContainers"].flatMap((name) => listed(spec, name)),
    isWindows: inside(spec, "os").name === "windows",
    hasOwnUsers: spec.hostUsers === false,
  };
}

/** Texts in quotes, each once and in order. Pure. */
export const quoted = (values: Iterable<Json | undefined>): string =>
  [...new Set(values)].map(String).sort(byBytes).map(quote).join(", ");

/** Containers by their names. Pure. */
export const named = (containers: readonly JsonObject[]): string =>
  `container${containers.length === 1 ? "" : "s"} ${containers.map(({ name }) => quote(String(name ?? ""))).join(", ")}`;

/** One word or the other. Pure. */
export const numbered = (count: number, one: string, several: string = `${one}s`): string => count === 1 ? one : several;

/** Who has set something: the pod, some containers. Pure. */
export const setters = (isPod: boolean, containers: readonly JsonObject[]): string =>
  [...isPod ? ["pod"] : [], ...containers.length > 0 ? [named(containers)] : []].join(" and ");
