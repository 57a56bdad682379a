/**
 * Pods.
 *
 * @module
 */
import { forbidden } from "../../types/field-error.ts";
import { equal, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { isNumber } from "../../types/numeral.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { admittedPod, confirmOverhead } from "./pod-admission.ts";
import { podAnnotationChangeErrors, podAnnotationErrors } from "./pod-annotations.ts";
import { podStatusErrors, podStatusWarnings, withOldStatus, withPodAddresses } from "./pod-statuses.ts";
import { resizeErrors } from "./pod-resizing.ts";
import { ephemeralErrors, resized, withEphemeral } from "./pod-subresources.ts";
import { podChangeErrors } from "./pod-updates.ts";
import { profileMatchErrors, withProfiles } from "./pod-profiles.ts";
import { hostNameWarnings, podWarnings } from "./pod-warnings.ts";
import { podSpecErrors } from "./podspec.ts";

/** Less than no time is one second. */
const grace = ({ terminationGracePeriodSeconds: seconds }: JsonObject): JsonObject =>
  isNumber(seconds) && seconds < 0 ? { terminationGracePeriodSeconds: 1 } : {};

/** What is said of a new pod that waits. */
const gated = {
  type: "PodScheduled",
  status: "False",
  lastProbeTime: null,
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
};

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
  setDefaults: withPodAddresses,
  prepareCreate(given, { now, warn = () => {} }) {
    const object = withProfiles(given, warn);
    const spec = part(object, "spec");
    const conditions = isUnset(spec.schedulingGates) ? [] : [{ ...gated, lastTransitionTime: now }];
    return {
      ...object,
      spec: { ...spec, ...grace(spec) },
      status: { phase: "Pending", ...conditions.length > 0 && { conditions }, qosClass: qualityOf(spec) },
    };
  },
  prepareUpdate(object, old, subresource) {
    if (subresource === "ephemeralcontainers") return withEphemeral(object, old);
    if (subresource === "resize") return resized(object, old);
    if (subresource === "status") return withOldStatus(object, old);
    const spec = { ...part(object, "spec"), ...grace(part(object, "spec")) };
    const next = { ...object, spec };
    // Another generation was counted before, of what was given.
    const { generation } = metaOf(old);
    return generation !== undefined && equal(spec, part(old, "spec")) ? withMeta(next, { ...metaOf(next), generation }) : next;
  },
  validate(object, old, subresource, warn) {
    const spec = part(object, "spec");
    if (old && subresource === "ephemeralcontainers") return ephemeralErrors(object, old);
    if (old && subresource === "resize") return resizeErrors(object, old, qualityOf);
    if (old && subresource === "status") {
      const errors = podStatusErrors(object, old);
      if (errors.length === 0) podStatusWarnings(object).forEach((text) => warn?.(text));
      return errors;
    }
    if (old) {
      return [
        ...podAnnotationErrors(object),
        ...podSpecErrors(spec, "spec", true),
        ...podAnnotationChangeErrors(object, old),
        ...podChangeErrors(object, old),
      ];
    }
    const ephemeral = each(spec, "ephemeralContainers").length > 0;
    const errors = [
      ...podAnnotationErrors(object),
      ...podSpecErrors(spec, "spec", true),
      ...ephemeral ? [forbidden("spec.ephemeralContainers", "cannot be set on create")] : [],
      ...!isUnset(spec.nodeName) && !isUnset(spec.schedulingGates)
        ? [forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")]
        : [],
      ...profileMatchErrors(object, "spec"),
    ];
    if (errors.length === 0) {
      for (const text of [...hostNameWarnings(metaOf(object).name, "the Pod's hostname"), ...podWarnings(object)]) warn?.(text);
    }
    return errors;
  },
};
