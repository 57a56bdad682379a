/**
 * Pods.
 *
 * @module
 */
import { type FieldError, forbidden } from "../../types/field-error.ts";
import { clone, equal, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { metaOf } from "../../types/meta.ts";
import type { Surroundings } from "../../types/resource.ts";
import { forbiddenBecause } from "../../types/status.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { ephemeralErrors, resized, resizeErrors, withEphemeral } from "./pod-subresources.ts";
import { podSpecErrors, podSpecWarnings } from "./podspec.ts";

const pods = { group: "", plural: "pods" };

const conditions = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** A pod stays on a node that is lost for five minutes, unless it says otherwise. */
function tolerations(spec: JsonObject): Json {
  const given = each(spec, "tolerations");
  const missing = conditions.filter((key) =>
    !given.some((toleration) =>
      (isUnset(toleration.key) || toleration.key === key) && (isUnset(toleration.effect) || toleration.effect === "NoExecute")
    )
  );
  return [...given, ...missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }))];
}

const systemPriorities: Readonly<Record<string, number>> = {
  "system-node-critical": 2_000_001_000,
  "system-cluster-critical": 2_000_000_000,
};

const fromClass = "from the given PriorityClass name";

/** The priority that its class gives a pod. @throws {Refusal} 403 when there is no such class. */
function priority(spec: JsonObject, name: string, { objects }: Surroundings): JsonObject {
  const classes = objects("scheduling.k8s.io/priorityclasses");
  const wanted = String(spec.priorityClassName ?? "");
  const system = systemPriorities[wanted];
  if (system !== undefined) return { priority: system, preemptionPolicy: "PreemptLowerPriority" };
  const found = wanted === ""
    ? classes.find(({ globalDefault }) => globalDefault === true)
    : classes.find((every) => metaOf(every).name === wanted);
  if (wanted !== "" && !found) throw forbiddenBecause(pods, name, `no PriorityClass with name ${wanted} was found`);
  const computed = Number(found?.value ?? 0);
  const preemption = String(found?.preemptionPolicy ?? "PreemptLowerPriority");
  if (!isUnset(spec.priority) && Number(spec.priority) !== computed) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec`;
    throw forbiddenBecause(pods, name, `${why}; priority admission controller computed ${computed} ${fromClass}`);
  }
  if (!isUnset(spec.preemptionPolicy) && spec.preemptionPolicy !== preemption) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec`;
    throw forbiddenBecause(pods, name, `${why}; priority admission controller computed ${preemption} ${fromClass}`);
  }
  return {
    ...found && { priorityClassName: metaOf(found).name! },
    priority: computed,
    preemptionPolicy: preemption,
  };
}

/** What its runtime class says of a pod. @throws {Refusal} 403 when there is no such class, or another overhead. */
function overhead(spec: JsonObject, name: string, { objects }: Surroundings): JsonObject {
  const wanted = String(spec.runtimeClassName ?? "");
  const found = wanted === "" ? undefined : objects("node.k8s.io/runtimeclasses").find((every) => metaOf(every).name === wanted);
  if (wanted !== "" && !found) {
    throw forbiddenBecause(pods, name, `pod rejected: RuntimeClass ${JSON.stringify(wanted)} not found`);
  }
  const fixed = part(found, "overhead").podFixed ?? null;
  if (!isUnset(spec.overhead) && !equal(spec.overhead!, fixed)) {
    const why = fixed === null
      ? "Pod Overhead set without corresponding RuntimeClass defined Overhead"
      : "Pod's Overhead doesn't match RuntimeClass's defined Overhead";
    throw forbiddenBecause(pods, name, `pod rejected: ${why}`);
  }
  return fixed === null ? {} : { overhead: fixed };
}

/** Less than no time is one second. */
const grace = ({ terminationGracePeriodSeconds: seconds }: JsonObject): JsonObject =>
  isNumber(seconds) && seconds < 0 ? { terminationGracePeriodSeconds: 1 } : {};

/** How sure a pod may be of its resources. */
function qualityOf(spec: JsonObject): string {
  const all = [...each(spec, "containers"), ...each(spec, "initContainers")];
  const said = (container: JsonObject, kind: string) => {
    const { cpu, memory } = part(container, "resources", kind);
    return [cpu, memory].filter((amount) => amount !== undefined && amount !== "0");
  };
  if (all.every((container) => said(container, "limits").length + said(container, "requests").length === 0)) return "BestEffort";
  const isGuaranteed = all.every((container) =>
    said(container, "limits").length === 2 && equal(said(container, "limits") as Json, said(container, "requests") as Json)
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

/** What may be changed of a pod that is there. */
function changeable(spec: JsonObject): JsonObject {
  const copy = clone(spec);
  for (const container of [...each(copy, "containers"), ...each(copy, "initContainers")]) container.image = "";
  for (const name of ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"]) {
    delete copy[name];
  }
  return copy;
}

const updateText =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

function updateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  return equal(changeable(part(object, "spec")), changeable(part(old, "spec"))) ? [] : [forbidden("spec", updateText)];
}

/** The rules of pods. */
export const podRules: Rules = {
  selectable: {
    ...selectable(
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "status.phase",
      "status.podIP",
      "status.nominatedNodeName",
    ),
    "spec.hostNetwork": (pod) => String(part(pod, "spec").hostNetwork ?? false),
  },
  prepareCreate(object, around) {
    const spec = part(object, "spec");
    const name = metaOf(object).name ?? "";
    return {
      ...object,
      spec: {
        ...spec,
        tolerations: tolerations(spec),
        ...priority(spec, name, around),
        ...overhead(spec, name, around),
        ...grace(spec),
      },
      status: { phase: "Pending", qosClass: qualityOf(spec) },
    };
  },
  prepareUpdate(object, old, subresource) {
    if (subresource === "ephemeralcontainers") return withEphemeral(object, old);
    return subresource === "resize" ? resized(object, old) : object;
  },
  validate(object, old, subresource, warn) {
    const spec = part(object, "spec");
    if (old && subresource === "ephemeralcontainers") return ephemeralErrors(object, old);
    if (old && subresource === "resize") return resizeErrors(object, old, qualityOf);
    if (old) return subresource === undefined ? updateErrors(object, old) : [];
    const ephemeral = each(spec, "ephemeralContainers").length > 0;
    const errors = [
      ...podSpecErrors(spec, "spec", true),
      ...ephemeral ? [forbidden("spec.ephemeralContainers", "cannot be set on create")] : [],
    ];
    if (errors.length === 0) { for (const text of podSpecWarnings(spec, "spec")) warn?.(text); }
    return errors;
  },
};
