/**
 * What the server itself makes of pods before anybody else sees them: tolerations, priorities, classes of runtimes.
 *
 * @module
 */
import { asGiven } from "../../types/emptiness.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { isNumber } from "../../types/numeral.ts";
import { amountOf } from "../../types/quantity.ts";
import type { Surroundings } from "../../types/resource.ts";
import { forbiddenBecause, plainError, type Refusal } from "../../types/status.ts";
import { each, isUnset, part } from "./checks.ts";

const pods = { group: "", plural: "pods" };

/** A pod is refused under the name that it has, or will begin with. */
const refused = (pod: JsonObject, why: string): Refusal => {
  const { name, generateName } = metaOf(pod);
  return forbiddenBecause(pods, name || generateName || "Unknown", why);
};

const conditions = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** A pod stays on a node that is lost for five minutes, unless it says otherwise. */
export function withTolerations(pod: JsonObject): JsonObject {
  const given = each(pod, "spec", "tolerations");
  const missing = conditions.filter((key) =>
    !given.some((toleration) =>
      (isUnset(toleration.key) || toleration.key === key) && (isUnset(toleration.effect) || toleration.effect === "NoExecute")
    )
  );
  if (missing.length === 0) return pod;
  const added = missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }));
  return { ...pod, spec: { ...part(pod, "spec"), tolerations: [...given, ...added] } };
}

/** Classes that a genuine server has from its start. */
const system: readonly JsonObject[] = [
  { metadata: { name: "system-node-critical" }, value: 2_000_001_000, preemptionPolicy: "PreemptLowerPriority" },
  { metadata: { name: "system-cluster-critical" }, value: 2_000_000_000, preemptionPolicy: "PreemptLowerPriority" },
];

const fromClass = "from the given PriorityClass name";

/** The class of priorities that is meant where none is named: the lowest of those that say so. Pure. */
export const defaultPriorityClass = (classes: readonly JsonObject[]): JsonObject | undefined =>
  classes.filter(({ globalDefault }) => globalDefault === true).reduce<JsonObject | undefined>(
    (lowest, every) => !lowest || Number(every.value ?? 0) < Number(lowest.value ?? 0) ? every : lowest,
    undefined,
  );

/** The priority that its class gives a pod. @throws {Refusal} 403 when there is no such class. */
function withPriority(pod: JsonObject, { objects }: Surroundings): JsonObject {
  const spec = part(pod, "spec");
  const wanted = String(spec.priorityClassName ?? "");
  const classes = [...system, ...objects("scheduling.k8s.io/priorityclasses")];
  const found = wanted === "" ? defaultPriorityClass(classes) : classes.find((every) => metaOf(every).name === wanted);
  if (wanted !== "" && !found) throw refused(pod, `no PriorityClass with name ${wanted} was found`);
  const computed = Number(found?.value ?? 0);
  const preemption = String(found?.preemptionPolicy ?? "PreemptLowerPriority");
  if (!isUnset(spec.priority) && Number(spec.priority) !== computed) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec`;
    throw refused(pod, `${why}; priority admission controller computed ${computed} ${fromClass}`);
  }
  if (!isUnset(spec.preemptionPolicy) && spec.preemptionPolicy !== preemption) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec`;
    throw refused(pod, `${why}; priority admission controller computed ${preemption} ${fromClass}`);
  }
  return {
    ...pod,
    spec: {
      ...spec,
      ...found && { priorityClassName: metaOf(found).name! },
      priority: computed,
      preemptionPolicy: preemption,
    },
  };
}

/** The class of runtimes that a pod names. @throws {Refusal} 403 when there is no such class. */
function runtimeClassOf(pod: JsonObject, { objects }: Surroundings): JsonObject | undefined {
  const wanted = part(pod, "spec").runtimeClassName;
  if (typeof wanted !== "string") return undefined;
  if (wanted === "") throw plainError("resource name may not be empty");
  const found = objects("node.k8s.io/runtimeclasses").find((every) => metaOf(every).name === wanted);
  if (!found) throw refused(pod, `pod rejected: RuntimeClass ${JSON.stringify(wanted)} not found`);
  return found;
}

const sameAmounts = (one: JsonObject, other: JsonObject) => {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.every((name) =>
    one[name] !== undefined && other[name] !== undefined && amountOf(one[name]) === amountOf(other[name])
  );
};

/** Whether a toleration bears all that another one bears. */
function bearsMore(one: JsonObject, other: JsonObject): boolean {
  if (equal(one, other)) return true;
  const text = (toleration: JsonObject, name: string) => String(toleration[name] ?? "");
  if (text(one, "key") !== text(other, "key") && (text(one, "key") !== "" || one.operator !== "Exists")) return false;
  if (text(one, "effect") !== text(other, "effect") && text(one, "effect") !== "") return false;
  if (one.effect === "NoExecute" && isNumber(one.tolerationSeconds)) {
    if (!isNumber(other.tolerationSeconds) || other.tolerationSeconds > one.tolerationSeconds) return false;
  }
  if (one.operator === "Exists") return true;
  return ["Equal", ""].includes(text(one, "operator")) && other.operator === "Equal" &&
    text(one, "value") === text(other, "value");
}

/** Tolerations without those that others make needless. */
function merged(all: readonly JsonObject[]): JsonObject[] {
  const kept: JsonObject[] = [];
  for (const [index, toleration] of all.entries()) {
    const isNeedless = kept.some((other) => bearsMore(other, toleration)) ||
      all.slice(index + 1).some((other) => !equal(other, toleration) && bearsMore(other, toleration));
    if (!isNeedless) kept.push(toleration);
  }
  return kept;
}

/** What its class of runtimes costs, and asks of nodes. @throws {Refusal} 403 */
function withRuntime(pod: JsonObject, around: Surroundings): JsonObject {
  const found = runtimeClassOf(pod, around);
  if (!found) return pod;
  let spec = part(pod, "spec");
  if (isObject(found.overhead)) {
    const fixed = part(found, "overhead", "podFixed");
    const given = part(spec, "overhead");
    if (Object.keys(given).length > 0 && !sameAmounts(given, fixed)) {
      throw refused(pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    spec = { ...spec, overhead: fixed };
  }
  if (!isObject(found.scheduling)) return { ...pod, spec };
  const [own, wanted] = [part(spec, "nodeSelector"), part(found, "scheduling", "nodeSelector")];
  for (const [key, value] of Object.entries(wanted)) {
    if (own[key] === undefined || own[key] === value) continue;
    const both = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`;
    throw refused(pod, `conflict: ${both}`);
  }
  const nodeSelector = { ...own, ...wanted };
  const tolerations: Json = merged([...each(spec, "tolerations"), ...each(found, "scheduling", "tolerations")]);
  return {
    ...pod,
    spec: { ...spec, ...Object.keys(nodeSelector).length > 0 && { nodeSelector }, ...tolerations.length > 0 && { tolerations } },
  };
}

/** A pod as the server itself changes it. @param old Undefined for a new one. @throws {Refusal} 403 */
export function admittedPod(pod: JsonObject, old: JsonObject | undefined, around: Surroundings): JsonObject {
  if (!old) return withRuntime(withTolerations(withPriority(pod, around)), around);
  const [spec, before] = [part(pod, "spec"), part(old, "spec")];
  const kept = ["priority", "preemptionPolicy"].filter((name) => spec[name] === undefined && before[name] !== undefined);
  const next = kept.length === 0
    ? pod
    : { ...pod, spec: { ...spec, ...Object.fromEntries(kept.map((name) => [name, before[name]])) } };
  return withTolerations(next);
}

/** Refuses a new pod that says what it costs, where its class does not. @throws {Refusal} 403 */
export function confirmOverhead(pod: JsonObject, around: Surroundings): void {
  const found = runtimeClassOf(pod, around);
  if (isObject(found?.overhead)) {
    if (sameAmounts(part(pod, "spec", "overhead"), part(found, "overhead", "podFixed"))) return;
    throw refused(pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  if (asGiven(part(pod, "spec"), "overhead") === undefined) return;
  throw refused(pod, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
}
