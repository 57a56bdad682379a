/**
 * Pods.
 *
 * @module
 */
import { type FieldError, forbidden } from "../../types/field-error.ts";
import { clone, equal, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, part } from "./checks.ts";
import { admittedPod, confirmOverhead } from "./pod-admission.ts";
import { ephemeralErrors, resized, resizeErrors, withEphemeral } from "./pod-subresources.ts";
import { podSpecErrors, podSpecWarnings } from "./podspec.ts";

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
  admit: admittedPod,
  confirm: (object, old, around) => old ? undefined : confirmOverhead(object, around),
  prepareCreate(object) {
    const spec = part(object, "spec");
    return { ...object, spec: { ...spec, ...grace(spec) }, status: { phase: "Pending", qosClass: qualityOf(spec) } };
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
