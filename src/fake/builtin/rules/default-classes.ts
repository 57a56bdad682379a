/**
 * Classes that are meant where none is named, and what they allow.
 *
 * @module
 */
import type { JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { amountOf } from "../../types/quantity.ts";
import type { Surroundings } from "../../types/resource.ts";
import { forbiddenBecause } from "../../types/status.ts";
import { part } from "./checks.ts";
import { defaultPriorityClass } from "./pod-admission.ts";

/** Of the classes that say so the newest, and of those the first by name. */
function defaultOf(classes: readonly JsonObject[], annotations: readonly string[]): string | undefined {
  const [found] = classes.map(metaOf).filter((each) => annotations.some((name) => each.annotations?.[name] === "true")).sort(
    (a, b) => {
      const [time, other] = [a, b].map(({ creationTimestamp }) => String(creationTimestamp)) as [string, string];
      return time === other ? (a.name! < b.name! ? -1 : 1) : time > other ? -1 : 1;
    },
  );
  return found?.name;
}

const forStorage = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
/** Where the class of storage was said before it had a member. */
export const olderClass = "volume.beta.kubernetes.io/storage-class";

function withMember(object: JsonObject, member: string, value: string | undefined): JsonObject {
  return value === undefined ? object : { ...object, spec: { ...part(object, "spec"), [member]: value } };
}

/** A new claim with a class of storage. */
export function withStorageClass(claim: JsonObject, { objects }: Surroundings): JsonObject {
  const isNamed = metaOf(claim).annotations?.[olderClass] !== undefined || part(claim, "spec").storageClassName !== undefined;
  return isNamed ? claim : withMember(claim, "storageClassName", defaultOf(objects("storage.k8s.io/storageclasses"), forStorage));
}

/** A new ingress with a class. */
export function withIngressClass(ingress: JsonObject, { objects }: Surroundings): JsonObject {
  const isNamed = metaOf(ingress).annotations?.["kubernetes.io/ingress.class"] !== undefined ||
    part(ingress, "spec").ingressClassName !== undefined;
  const classes = objects("networking.k8s.io/ingressclasses");
  return isNamed
    ? ingress
    : withMember(ingress, "ingressClassName", defaultOf(classes, ["ingressclass.kubernetes.io/is-default-class"]));
}

const resized =
  "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";

/** Refuses to make a claim larger whose class does not allow it. @throws {Refusal} 403 */
export function confirmSize(claim: JsonObject, old: JsonObject | undefined, { objects }: Surroundings): void {
  const storageOf = (object: JsonObject) => amountOf(part(object, "spec", "resources", "requests").storage ?? "0");
  if (!old || storageOf(claim) <= storageOf(old)) return;
  const refuse = (why: string) =>
    forbiddenBecause({ group: "", plural: "persistentvolumeclaims" }, metaOf(claim).name ?? "", why);
  if (part(old, "status").phase !== "Bound") throw refuse("Only bound persistent volume claims can be expanded");
  const classOf = (object: JsonObject) =>
    metaOf(object).annotations?.[olderClass] ?? String(part(object, "spec").storageClassName ?? "");
  const name = classOf(claim);
  const found = objects("storage.k8s.io/storageclasses").find((each) => metaOf(each).name === name);
  if (name === "" || name !== classOf(old) || found?.allowVolumeExpansion !== true) throw refuse(resized);
}

/** Refuses a second class of priorities that is meant where none is named. @throws {Refusal} 403 */
export function confirmOnlyDefault(object: JsonObject, old: JsonObject | undefined, { objects }: Surroundings): void {
  if (object.globalDefault !== true) return;
  const found = defaultPriorityClass(objects("scheduling.k8s.io/priorityclasses"));
  if (!found || (old && metaOf(found).name === metaOf(object).name)) return;
  const why = `PriorityClass ${metaOf(found).name} is already marked as default. Only one default can exist`;
  throw forbiddenBecause({ group: "scheduling.k8s.io", plural: "priorityclasses" }, metaOf(object).name ?? "", why);
}
