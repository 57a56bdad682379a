/**
 * Pod security at work: what namespaces ask of pods by their labels.
 *
 * LIMITS: nobody is exempt; nothing is written of audits, for which there is no log.
 *
 * @module
 */
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { quote } from "../../types/quote.ts";
import { kindSubject } from "../../types/resource.ts";
import { forbiddenBecause, unprocessable } from "../../types/status.ts";
import type { Call } from "../../store/world.ts";
import type { Admission } from "../match.ts";
import { type Finding, inside, judgedOf, listed } from "./findings.ts";
import { findingsOf, isStricter, labelFaults, policyOf, type Standard, standardText } from "./levels.ts";

const detailed = (findings: readonly Finding[]) => findings.map(({ reason, detail }) => `${reason} (${detail})`).join(", ");

const violation = (standard: Standard, findings: readonly Finding[]) =>
  `violate PodSecurity ${quote(standardText(standard))}: ${detailed(findings)}`;

const labelsOf = (object: JsonObject) => metaOf(object).labels ?? {};

function policyHere({ world, namespace }: Call) {
  const found = namespace === undefined ? undefined : world.store.collection("/namespaces").get(namespace);
  return found && policyOf(labelsOf(found));
}

const annotations = /^(?:container\.)?(?:apparmor|seccomp)\.security\.(?:alpha|beta)\.kubernetes\.io\//;

/** Whether a change of a pod is one that may make it less secure: its other members hardly change. */
function isSignificant(pod: JsonObject, old: JsonObject): boolean {
  const seen = (object: JsonObject) => [
    ...["initContainers", "containers", "ephemeralContainers"].map((name) =>
      listed(inside(object, "spec"), name).map((
        { image = null, securityContext = null, name = null },
      ) => [name, image, securityContext])
    ),
    Object.entries(metaOf(object).annotations ?? {}).filter(([key]) => annotations.test(key)),
  ];
  return !equal(seen(pod), seen(old));
}

/** The templates of pods in a workload: at most one. */
const templateOf: Readonly<Record<string, (object: JsonObject) => JsonObject>> = {
  "PodTemplate": (object) => inside(object, "template"),
  "CronJob.batch": (object) => inside(inside(inside(inside(object, "spec"), "jobTemplate"), "spec"), "template"),
};
for (
  const kind of ["ReplicationController", "ReplicaSet.apps", "Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "Job.batch"]
) {
  Object.assign(templateOf, { [kind]: (object: JsonObject) => inside(inside(object, "spec"), "template") });
}

function checkPod(call: Call, { object, oldObject, name }: Admission): void {
  const policy = policyHere(call);
  if (!policy || !object || (oldObject && !isSignificant(object, oldObject))) return;
  const pod = judgedOf(object);
  const refused = findingsOf(pod, policy.enforce);
  if (refused.length > 0) {
    throw forbiddenBecause(call.type, name, violation(policy.enforce, refused).replace("violate", "violates"));
  }
  // Who falls short of what is enforced as well has been told.
  const warned = findingsOf(pod, policy.warn);
  if (warned.length > 0) call.warnings.push(`would ${violation(policy.warn, warned)}`);
}

function warnOfTemplate(call: Call, template: JsonObject): void {
  const policy = policyHere(call);
  if (!policy || !isObject(template.spec)) return;
  const warned = findingsOf(judgedOf(template), policy.warn);
  if (warned.length > 0) call.warnings.push(`would ${violation(policy.warn, warned)}`);
}

/** Tells who labels a namespace of the pods in it that are not what he asks for. */
function warnOfPods({ world, warnings }: Call, namespace: string, standard: Standard): void {
  const groups = new Map<string, { readonly first: string; count: number }>();
  for (const [, pod] of world.store.collection("/pods").all()) {
    const { namespace: own, name = "" } = metaOf(pod);
    if (own !== namespace) continue;
    const reasons = findingsOf(judgedOf(pod), standard).map(({ reason }) => reason).join(", ");
    if (reasons === "") continue;
    const group = groups.get(reasons);
    if (group) group.count++;
    else groups.set(reasons, { first: name, count: 1 });
  }
  if (groups.size === 0) return;
  const lines = [...groups].map(([reasons, { first, count }]) => {
    const others = count === 1 ? "" : ` (and ${count - 1} other ${count === 2 ? "pod" : "pods"})`;
    return `${first}${others}: ${reasons}`;
  });
  const text = `existing pods in namespace ${quote(namespace)} violate the new PodSecurity enforce level`;
  warnings.push(`${text} ${quote(standardText(standard))}`, ...lines.sort((a, b) => a < b ? -1 : 1));
}

/** @throws {Refusal} 422 */
function checkNamespace(call: Call, { object, oldObject, name }: Admission): void {
  const labels = labelsOf(object!);
  const faults = labelFaults(labels);
  if (faults.length > 0 && !(oldObject && labelFaults(labelsOf(oldObject)).length > 0)) {
    throw unprocessable(kindSubject(call.type), name, faults);
  }
  if (!oldObject || faults.length > 0) return;
  const { enforce } = policyOf(labels);
  if (isStricter(enforce, policyOf(labelsOf(oldObject)).enforce)) warnOfPods(call, name, enforce);
}

/** Judges pods, what makes pods, and namespaces that ask for something. Warnings are noted. @throws {Refusal} 403, 422 */
export function checkSecurity(call: Call, admission: Admission): void {
  const { type, subresource } = call;
  const { operation, object } = admission;
  if (type.custom || !object || operation === "DELETE") return;
  const kind = type.group === "" ? type.kind : `${type.kind}.${type.group}`;
  if (kind === "Pod") {
    if (subresource !== "status") checkPod(call, admission);
  } else if (subresource !== undefined) return;
  else if (kind === "Namespace") checkNamespace(call, admission);
  else if (Object.hasOwn(templateOf, kind)) warnOfTemplate(call, templateOf[kind]!(object));
}
