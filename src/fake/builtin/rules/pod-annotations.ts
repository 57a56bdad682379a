/**
 * Annotations of pods that mean something to the server.
 *
 * @module
 */
import { type FieldError, forbidden, invalid } from "../../types/field-error.ts";
import type { JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { annotatedListErrors } from "./annotated-lists.ts";
import { each, isUnset, part } from "./checks.ts";
import { appArmorOf, seccompOf } from "./pod-profiles.ts";
import { tolerationsErrors } from "./scheduling.ts";
import { descendingErrors } from "./volumes.ts";

const mirror = "kubernetes.io/config.mirror";
const cost = "controller.kubernetes.io/pod-deletion-cost";
const tolerations = "scheduler.alpha.kubernetes.io/tolerations";
const largest = 2_147_483_648;

const annotationsOf = (pod: JsonObject): Readonly<Record<string, string>> => metaOf(pod).annotations ?? {};

/** Whether a pod stands for one that its node has from a file. Pure. */
export const isMirror = (pod: JsonObject): boolean => Object.hasOwn(annotationsOf(pod), mirror);

const isCost = (text: string) => {
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return false;
  const number = Number(text);
  return number >= -largest && number < largest;
};

const known = ["runtime/default", "docker/default", "unconfined"];
const local = "localhost/";

function seccompErrors(profile: string, path: string): FieldError[] {
  if (known.includes(profile)) return [];
  if (profile.startsWith(local)) return descendingErrors(profile.slice(local.length), path);
  return [invalid(path, profile, "must be a valid seccomp profile")];
}

function appArmorErrors(pod: JsonObject, place: string): FieldError[] {
  const spec = part(pod, "spec");
  const names = ["containers", "initContainers", "ephemeralContainers"].flatMap((list) =>
    each(spec, list).map(({ name }) => name)
  );
  return Object.entries(annotationsOf(pod)).filter(([key]) => key.startsWith(appArmorOf)).flatMap(([key, profile]) => {
    const [path, container] = [`${place}[${key}]`, key.slice(appArmorOf.length)];
    const isKnown = profile === "" || ["runtime/default", "unconfined"].includes(profile) || profile.startsWith(local);
    return [
      ...names.includes(container) ? [] : [invalid(path, container, "container not found")],
      ...isKnown ? [] : [invalid(path, profile, "invalid AppArmor profile name: " + JSON.stringify(profile))],
    ];
  });
}

/** What is wrong with the annotations of a pod, or of a template. Pure. @param place Where they stand. */
export function podAnnotationErrors(pod: JsonObject, place: string = "metadata.annotations"): FieldError[] {
  const annotations = annotationsOf(pod);
  const errors: FieldError[] = [];
  if (isMirror(pod) && isUnset(part(pod, "spec").nodeName)) {
    const why = "must set spec.nodeName if mirror pod annotation is set";
    errors.push(invalid(`${place}[${mirror}]`, annotations[mirror], why));
  }
  const said = { key: tolerations, text: annotations[tolerations], path: place, type: "core.Toleration" };
  errors.push(...annotatedListErrors(said, (items) => tolerationsErrors(items, `${place}.${tolerations}`)));
  const given = annotations[cost];
  if (given !== undefined && !isCost(given)) {
    errors.push(invalid(`${place}[${cost}]`, given, "must be a 32bit integer"));
  }
  const { [seccompOf.pod]: whole, ...others } = annotations;
  if (whole !== undefined) errors.push(...seccompErrors(whole, `${place}.${seccompOf.pod}`));
  for (const [key, profile] of Object.entries(others)) {
    if (key.startsWith(seccompOf.container)) errors.push(...seccompErrors(profile, `${place}.${key}`));
  }
  return [...errors, ...appArmorErrors(pod, place)];
}

/** What of a pod's annotations may not be changed, and what is wrong with them. Pure. */
export function podAnnotationChangeErrors(pod: JsonObject, old: JsonObject): FieldError[] {
  const [next, before] = [annotationsOf(pod), annotationsOf(old)];
  const barred = (key: string, did: string): FieldError[] => {
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(appArmorOf)) return [forbidden(path, `may not ${did} AppArmor annotations`)];
    return key === mirror ? [forbidden(path, `may not ${did} mirror pod annotation`)] : [];
  };
  return [
    ...Object.keys(before).filter((key) => next[key] !== before[key]).flatMap((key) => barred(key, "remove or update")),
    ...Object.keys(next).filter((key) => !Object.hasOwn(before, key)).flatMap((key) => barred(key, "add")),
    ...podAnnotationErrors(pod),
  ];
}
