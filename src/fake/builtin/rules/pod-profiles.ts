/**
 * Profiles of AppArmor and of seccomp that annotations name, as they did before there were members for them.
 *
 * @module
 */
import { byteLength } from "../../types/bytes.ts";
import { type FieldError, forbidden } from "../../types/field-error.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { each, part } from "./checks.ts";

/** Annotations behind which the name of a container stands. */
export const appArmorOf = "container.apparmor.security.beta.kubernetes.io/";
/** The annotation of a whole pod, and those behind which the name of a container stands. */
export const seccompOf = {
  pod: "seccomp.security.alpha.kubernetes.io/pod",
  container: "container.seccomp.security.alpha.kubernetes.io/",
};

const lists = ["initContainers", "containers", "ephemeralContainers"];
const local = "localhost/";
const longest = 4095;

/** The profile that an annotation means, where it means one that can be. */
function appArmorProfile(text: string): JsonObject | undefined {
  if (text === "unconfined") return { type: "Unconfined" };
  if (text === "runtime/default") return { type: "RuntimeDefault" };
  const name = text.startsWith(local) ? text.slice(local.length) : "";
  return name === "" ? undefined : { type: "Localhost", localhostProfile: name };
}

const isSound = ({ localhostProfile: name }: JsonObject) =>
  typeof name !== "string" || (name.trim() === name && byteLength(name) <= longest);

const contextProfile = (holder: JsonObject, name: string) => part(holder, "securityContext")[name];
const outdated = 'deprecated since v1.30; use the "appArmorProfile" field instead';

/**
 * A new pod with the profiles of AppArmor that its annotations name.
 *
 * @param warn Takes what clients are told of these.
 */
export function withProfiles(pod: JsonObject, warn: (text: string) => void): JsonObject {
  const spec = part(pod, "spec");
  const annotations = metaOf(pod).annotations ?? {};
  if (part(spec, "os").name === "windows" || !Object.keys(annotations).some((key) => key.startsWith(appArmorOf))) return pod;
  const whole = contextProfile(spec, "appArmorProfile") ?? null;
  const own = (container: JsonObject): JsonObject => {
    const key = `${appArmorOf}${container.name ?? ""}`;
    const text = annotations[key];
    if (text === undefined || isObject(contextProfile(container, "appArmorProfile"))) return container;
    const named = appArmorProfile(text);
    const profile = named && isSound(named) ? named : undefined;
    if (profile && equal(profile, whole)) return container;
    warn(`metadata.annotations[${key}]: ${outdated}`);
    if (!profile) return container;
    return { ...container, securityContext: { ...part(container, "securityContext"), appArmorProfile: profile } };
  };
  const next: JsonObject = { ...spec };
  for (const list of lists) if (Array.isArray(spec[list])) next[list] = each(spec, list).map(own);
  return { ...pod, spec: next };
}

/**
 * What clients are told of annotations that name profiles. Pure.
 *
 * @param start What stands before the path of the metadata: nothing for a pod, whose profiles of AppArmor are told of elsewhere.
 * @param container Nothing for those of the whole pod.
 */
export function profileWarnings(pod: JsonObject, start: string, container: JsonObject | undefined): string[] {
  const annotations = part(pod, "metadata", "annotations");
  const spec = part(pod, "spec");
  const holder = container ?? spec;
  const told = (key: string, why: string) =>
    Object.hasOwn(annotations, key) ? [`${start}metadata.annotations[${key}]: ${why}`] : [];
  const key = container ? `${seccompOf.container}${container.name ?? ""}` : seccompOf.pod;
  const warnings = isObject(contextProfile(holder, "seccompProfile"))
    ? []
    : told(key, 'non-functional in v1.27+; use the "seccompProfile" field instead');
  if (!container || start === "" || isObject(contextProfile(container, "appArmorProfile"))) return warnings;
  const armor = `${appArmorOf}${container.name ?? ""}`;
  const whole = contextProfile(spec, "appArmorProfile");
  const isSame = isObject(whole) && equal(whole, appArmorProfile(String(annotations[armor] ?? "")) ?? null);
  return isSame ? warnings : [...warnings, ...told(armor, outdated)];
}

/** Profiles that are named twice, and are not the same. */
function matchErrors(text: string | undefined, profile: JsonObject, path: string, kind: "seccomp" | "apparmor"): FieldError[] {
  if (text === undefined) return [];
  const differs = (
    member: string,
    what: string,
  ) => [forbidden(`${path}.${member}`, `${kind} ${what} in annotation and field must match`)];
  switch (profile.type) {
    case "Unconfined":
      return text === "unconfined" ? [] : differs("type", "type");
    case "RuntimeDefault":
      return text === "runtime/default" || (kind === "seccomp" && text === "docker/default") ? [] : differs("type", "type");
    case "Localhost":
      if (!text.startsWith(local)) return differs("type", "type");
      return text.slice(local.length) === profile.localhostProfile ? [] : differs("localhostProfile", "profile");
    default:
      return [];
  }
}

const placesOf = (spec: JsonObject, path: string) =>
  lists.flatMap((list) => each(spec, list).map((one, index) => [one, `${path}.${list}[${index}]`] as const));

const annotationOf = (pod: JsonObject, prefix: string, container: JsonObject) =>
  metaOf(pod).annotations?.[`${prefix}${container.name ?? ""}`];

function seccompMatchErrors(pod: JsonObject, path: string): FieldError[] {
  const spec = part(pod, "spec");
  const seccomp = contextProfile(spec, "seccompProfile");
  const whole = metaOf(pod).annotations?.[seccompOf.pod];
  return [
    ...isObject(seccomp) ? matchErrors(whole, seccomp, `${path}.securityContext.seccompProfile`, "seccomp") : [],
    ...placesOf(spec, path).flatMap(([container, here]) => {
      const own = contextProfile(container, "seccompProfile");
      if (!isObject(own)) return [];
      const text = annotationOf(pod, seccompOf.container, container);
      return matchErrors(text, own, `${here}.securityContext.seccompProfile`, "seccomp");
    }),
  ];
}

/**
 * What is wrong with a new pod, or with a template, whose annotations and members name different profiles. Pure.
 *
 * @param path Where its specification stands.
 */
export function profileMatchErrors(pod: JsonObject, path: string): FieldError[] {
  const spec = part(pod, "spec");
  const seccomp = seccompMatchErrors(pod, path);
  if (part(spec, "os").name === "windows") return seccomp;
  const armor = placesOf(spec, path).flatMap(([container, here]) => {
    const own = contextProfile(container, "appArmorProfile") ?? contextProfile(spec, "appArmorProfile");
    if (!isObject(own)) return [];
    const text = annotationOf(pod, appArmorOf, container);
    return matchErrors(text, own, `${here}.securityContext.appArmorProfile`, "apparmor");
  });
  return [...seccomp, ...armor];
}
