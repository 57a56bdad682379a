/**
 * Annotations of pods that mean something to the server.
 *
 * @module
 */
import { type FieldError, forbidden, invalid } from "../../types/field-error.ts";
import type { JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { each, isUnset, part } from "./checks.ts";

const mirror = "kubernetes.io/config.mirror";
const cost = "controller.kubernetes.io/pod-deletion-cost";
const appArmor = "container.apparmor.security.beta.kubernetes.io/";
const seccomp = "seccomp.security.alpha.kubernetes.io/pod";
const seccompOf = "container.seccomp.security.alpha.kubernetes.io/";
const largest = 2_147_483_648;

const annotationsOf = (pod: JsonObject): Readonly<Record<string, string>> => metaOf(pod).annotations ?? {};

/** Whether a pod stands for one that its node has from a file. Pure. */
export const isMirror = (pod: JsonObject): boolean => Object.hasOwn(annotationsOf(pod), mirror);

const isCost = (text: string) => {
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return false;
  const number = Number(text);
  return number >= -largest && number < largest;
};

const isProfile = (text: string) =>
  ["runtime/default", "docker/default", "unconfined"].includes(text) || /^localhost\/(?!\/|(?:.*\/)?\.\.(?:\/|$))/.test(text);

function appArmorErrors(pod: JsonObject): FieldError[] {
  const spec = part(pod, "spec");
  const names = ["containers", "initContainers", "ephemeralContainers"].flatMap((list) =>
    each(spec, list).map(({ name }) => name)
  );
  return Object.entries(annotationsOf(pod)).filter(([key]) => key.startsWith(appArmor)).flatMap(([key, profile]) => {
    const [path, container] = [`metadata.annotations[${key}]`, key.slice(appArmor.length)];
    const isKnown = profile === "" || ["runtime/default", "unconfined"].includes(profile) || profile.startsWith("localhost/");
    return [
      ...names.includes(container) ? [] : [invalid(path, container, "container not found")],
      ...isKnown ? [] : [invalid(path, profile, "invalid AppArmor profile name: " + JSON.stringify(profile))],
    ];
  });
}

/** What is wrong with a pod's annotations. Pure. */
export function podAnnotationErrors(pod: JsonObject): FieldError[] {
  const annotations = annotationsOf(pod);
  const errors: FieldError[] = [];
  if (isMirror(pod) && isUnset(part(pod, "spec").nodeName)) {
    const why = "must set spec.nodeName if mirror pod annotation is set";
    errors.push(invalid(`metadata.annotations[${mirror}]`, annotations[mirror], why));
  }
  const given = annotations[cost];
  if (given !== undefined && !isCost(given)) {
    errors.push(invalid(`metadata.annotations[${cost}]`, given, "must be a 32bit integer"));
  }
  for (const [key, profile] of Object.entries(annotations)) {
    if ((key !== seccomp && !key.startsWith(seccompOf)) || isProfile(profile)) continue;
    errors.push(invalid(`metadata.annotations.${key}`, profile, "must be a valid seccomp profile"));
  }
  return [...errors, ...appArmorErrors(pod)];
}

/** What of a pod's annotations may not be changed, and what is wrong with them. Pure. */
export function podAnnotationChangeErrors(pod: JsonObject, old: JsonObject): FieldError[] {
  const [next, before] = [annotationsOf(pod), annotationsOf(old)];
  const barred = (key: string, did: string): FieldError[] => {
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(appArmor)) return [forbidden(path, `may not ${did} AppArmor annotations`)];
    return key === mirror ? [forbidden(path, `may not ${did} mirror pod annotation`)] : [];
  };
  return [
    ...Object.keys(before).filter((key) => next[key] !== before[key]).flatMap((key) => barred(key, "remove or update")),
    ...Object.keys(next).filter((key) => !Object.hasOwn(before, key)).flatMap((key) => barred(key, "add")),
    ...podAnnotationErrors(pod),
  ];
}
