/**
 * What the status of a pod may say.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, immutable, invalid } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { formInside } from "../internal-types.ts";
import { at, each, isUnset, part } from "./checks.ts";
import { idErrors } from "./containers.ts";
import { addressWarnings, familyErrors, legacyAddressErrors } from "./legacy-addresses.ts";
import { podAnnotationChangeErrors } from "./pod-annotations.ts";

/** The lists of containers' statuses, with those of containers that may start again. */
const statusLists = { containerStatuses: "containers", initContainerStatuses: "initContainers" } as const;
const lists = [...Object.keys(statusLists), "ephemeralContainerStatuses"];

/** The old member for an address is the first of the list; where both say something, the old one counts. Pure. */
export function withPodAddresses(pod: JsonObject): JsonObject {
  const status = part(pod, "status");
  const [own, list] = [status.podIP, each(status, "podIPs")];
  if (!isUnset(own) && (list.length === 0 || list[0]!.ip !== own)) {
    return { ...pod, status: { ...status, podIPs: [{ ip: own! }] } };
  }
  if (!isUnset(own) || list.length === 0) return pod;
  const { podIPs, ...rest } = status;
  return { ...pod, status: { ...rest, podIP: list[0]!.ip ?? "", podIPs: podIPs! } };
}

/** Members of features that are not turned on. */
const unknown = ["extendedResourceClaimStatus", "resources", "allocatedResources"];
const unknownOfContainers = "allocatedResourcesStatus";

function withoutUnknown(status: JsonObject): JsonObject {
  const next = Object.fromEntries(Object.entries(status).filter(([name]) => !unknown.includes(name)));
  for (const member of lists) {
    if (!each(status, member).some((container) => Object.hasOwn(container, unknownOfContainers))) continue;
    next[member] = each(status, member).map(({ [unknownOfContainers]: _, ...container }) => container as JsonObject);
  }
  return next;
}

/** What a status does not say of generations and of the quality of service stays. Pure. */
export function withOldStatus(object: JsonObject, old: JsonObject): JsonObject {
  const [status, before] = [part(object, "status"), part(old, "status")];
  const next = withoutUnknown(status);
  for (const name of ["qosClass", "observedGeneration"]) {
    if ((isUnset(next[name]) || next[name] === 0) && before[name] !== undefined) next[name] = before[name];
  }
  const seen = new Map<unknown, JsonObject[]>();
  for (const condition of each(before, "conditions")) seen.set(condition.type, [...seen.get(condition.type) ?? [], condition]);
  if (Array.isArray(status.conditions)) {
    next.conditions = each(status, "conditions").map((condition) => {
      const generation = seen.get(condition.type)?.shift()?.observedGeneration;
      return (condition.observedGeneration ?? 0) === 0 && generation !== undefined
        ? { ...condition, observedGeneration: generation }
        : condition;
    });
  }
  return { ...object, status: next };
}

const natural = "must be a non-negative integer";
const system = ["PodScheduled", "Ready", "Initialized"];

const conditionErrors = (status: JsonObject): FieldError[] =>
  each(status, "conditions").flatMap(({ type = "", observedGeneration: seen }, index) => {
    const path = `status.conditions[${index}]`;
    return [
      ...isNumber(seen) && seen < 0 ? [invalid(`${path}.observedGeneration`, seen, natural)] : [],
      ...system.includes(String(type))
        ? []
        : qualifiedNameFaults(String(type)).map((fault) => invalid(`${path}.Type`, type, fault)),
    ];
  });

function nominationErrors(status: JsonObject, before: JsonObject, isBound: boolean): FieldError[] {
  const [name, path] = [status.nominatedNodeName, "status.nominatedNodeName"];
  if (isUnset(name) || name === before.nominatedNodeName) return [];
  return [
    ...subdomainName(String(name)).map((fault) => invalid(path, name, fault)),
    ...isBound ? [forbidden(path, "may not be set on pods that are already bound to a node")] : [],
  ];
}

const endedOf = (status: JsonObject) => at(status, "state", "terminated");

/** Whether a container of that name starts again after an exit. */
function restarts(spec: JsonObject, list: string, name: unknown, code: unknown): boolean {
  const container = each(spec, list).find((container) => container.name === name);
  if (!container) return false;
  if (!isUnset(container.restartPolicy)) {
    for (const { action, exitCodes } of each(container, "restartPolicyRules")) {
      const { operator, values } = isObject(exitCodes) ? exitCodes : {} as JsonObject;
      const isMeant = Array.isArray(values) && values.includes(code as number) === (operator === "In");
      if (action === "Restart" && isMeant) return true;
    }
    if (container.restartPolicy === "Always") return true;
    return container.restartPolicy === "OnFailure" && code !== 0;
  }
  return spec.restartPolicy === "Always" || (spec.restartPolicy === "OnFailure" && code !== 0);
}

/** What has ended, and is not started again, does not run. */
function transitionErrors(status: JsonObject, before: JsonObject, spec: JsonObject): FieldError[] {
  const of = (member: string, mayRestart: (name: unknown, code: unknown) => boolean) =>
    each(before, member).flatMap((old, index) => {
      const ended = endedOf(old);
      if (!isObject(ended) || mayRestart(old.name, ended.exitCode ?? 0)) return [];
      const runs = each(status, member).some((next) => next.name === old.name && !isObject(endedOf(next)));
      return runs ? [forbidden(`status.${member}[${index}].state`, "may not be transitioned to non-terminated state")] : [];
    });
  return [
    ...Object.entries(statusLists).flatMap(([member, list]) => of(member, (name, code) => restarts(spec, list, name, code))),
    ...of("ephemeralContainerStatuses", () => false),
  ];
}

function claimErrors(status: JsonObject, spec: JsonObject): FieldError[] {
  const claims = each(spec, "resourceClaims").map(({ name }) => name);
  const seen = new Set<unknown>();
  return each(status, "resourceClaimStatuses").flatMap(({ name = "", resourceClaimName: claim }, index) => {
    const path = `status.resourceClaimStatuses[${index}].name`;
    const errors: FieldError[] = [];
    if (!claims.includes(name)) {
      errors.push(invalid(path, name, "must match the name of an entry in `spec.resourceClaims`"));
    }
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
    return claim === undefined
      ? errors
      : [...errors, ...subdomainName(String(claim)).map((fault) => invalid(path, claim, fault))];
  });
}

const addressesOf = (status: JsonObject, member: string) => each(status, member).map(({ ip }) => String(ip ?? ""));

function listErrors(status: JsonObject, before: JsonObject, member: "podIPs" | "hostIPs"): FieldError[] {
  const path = `status.${member}`;
  const [given, known] = [addressesOf(status, member), addressesOf(before, member)];
  const type = member === "podIPs" ? "PodIP" : "HostIP";
  return [
    ...given.flatMap((ip, index) => known.includes(ip) ? [] : legacyAddressErrors(ip, `${path}[${index}]`)),
    ...familyErrors(given, "IP", path, {
      shown: each(status, member).map((each) => formInside(type, each)),
      why: "failed to check for dual stack",
    }),
  ];
}

function addressErrors(status: JsonObject, before: JsonObject): FieldError[] {
  const [first] = addressesOf(status, "hostIPs");
  return [
    ...listErrors(status, before, "podIPs"),
    ...first !== undefined && first !== (status.hostIP ?? "")
      ? [invalid("status.hostIPs[0].ip", first, "must be equal to `hostIP`")]
      : [],
    ...listErrors(status, before, "hostIPs"),
  ];
}

/** As whom containers run. */
function userErrors(status: JsonObject, spec: JsonObject): FieldError[] {
  const system = isObject(spec.os) ? spec.os.name : "linux";
  return lists.flatMap((member) =>
    each(status, member).flatMap(({ user }, index) => {
      const linux = at(user, "linux");
      const path = `status.${member}[${index}].user.linux`;
      if (!isObject(linux)) return [];
      if (system === "windows") return [forbidden(path, "cannot be set for a windows pod")];
      if (system !== "linux") return [];
      const groups = Array.isArray(linux.supplementalGroups) ? linux.supplementalGroups : [];
      return [
        ...idErrors(linux, path, "uid", "gid"),
        ...groups.flatMap((id, index) => {
          const name = `supplementalGroups[${index}]`;
          return idErrors({ [name]: id }, path, name);
        }),
      ];
    })
  );
}

/** What is wrong with the status of a pod. Pure. */
export function podStatusErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const [status, before, spec] = [part(object, "status"), part(old, "status"), part(old, "spec")];
  const { observedGeneration: seen, qosClass } = status;
  return [
    ...podAnnotationChangeErrors(object, old),
    ...conditionErrors(status),
    ...nominationErrors(status, before, !isUnset(spec.nodeName)),
    ...isNumber(seen) && seen < 0 ? [invalid("status.observedGeneration", seen, natural)] : [],
    ...qosClass !== before.qosClass ? [immutable("status.qosClass", qosClass)] : [],
    ...transitionErrors(status, before, spec),
    ...claimErrors(status, spec),
    ...addressErrors(status, before),
    ...userErrors(status, spec),
  ];
}

/** What the addresses of a status should be written like. Pure. */
export const podStatusWarnings = (object: JsonObject): string[] =>
  ["podIPs", "hostIPs"].flatMap((member) =>
    addressesOf(part(object, "status"), member).flatMap((ip, index) => addressWarnings(ip, `status.${member}[${index}].ip`))
  );
