/**
 * What clients are told of workloads that are accepted.
 *
 * @module
 */
import { equal, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { isNumber } from "../../types/numeral.ts";
import { at, each, part } from "./checks.ts";
import { claimTemplateWarnings, hostNameWarnings, podWarnings } from "./pod-warnings.ts";

const template = "spec.template";
const names = "Pod names and hostnames";

/** Whether a new state is told of: one that has another generation. Pure. */
export const isRenewed = (object: JsonObject, old: JsonObject | undefined): boolean =>
  !old || metaOf(object).generation !== metaOf(old).generation;

// A daemon set counts its templates itself.
const isChanged = (object: JsonObject, old: JsonObject | undefined) =>
  !old || !equal(at(object, "spec", "template") ?? null, at(old, "spec", "template") ?? null);

/** Of a deployment, a replica set, a daemon set or a stateful set. Pure. @param word As it is named in words. */
export function workloadWarnings(object: JsonObject, old: JsonObject | undefined, word: string): string[] {
  const spec = part(object, "spec");
  const limit = spec.revisionHistoryLimit;
  const isStateful = word === "statefulset";
  const isTold = word === "daemonset" ? isChanged(object, old) : isRenewed(object, old);
  // An update names the place of a claim's amounts in another way than a creation.
  const place = (index: number) => `spec.volumeClaimTemplates[${index}]${old ? ".Spec" : ""}`;
  return [
    ...old || word !== "deployment" ? [] : hostNameWarnings(metaOf(object).name, names),
    ...isTold ? podWarnings(part(spec, "template"), template) : [],
    ...isStateful ? claimTemplateWarnings(each(spec, "volumeClaimTemplates"), place) : [],
    ...isStateful && isNumber(limit) && limit < 0
      ? ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"]
      : [],
  ];
}

/** Of a replication controller: of two templates the server tells of the older one. Pure. */
export const controllerWarnings = (object: JsonObject, old: JsonObject | undefined): string[] => [
  ...old ? [] : hostNameWarnings(metaOf(object).name, names),
  ...isRenewed(object, old) ? podWarnings(part(old ?? object, "spec", "template"), template) : [],
];

/** Of a template that stands alone. Pure. */
export const templateWarnings = (object: JsonObject, old: JsonObject | undefined): string[] =>
  isRenewed(object, old) ? podWarnings(part(object, "template"), "template") : [];

const many = { completions: 100_000, parallelism: 10_000 };
const tooMany =
  "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";

/** Of a job, or of what makes jobs. Pure. @param spec The job's. @param path Where that stands. */
export function jobWarnings(object: JsonObject, old: JsonObject | undefined, spec: JsonObject, path: string): string[] {
  const named = old ? [] : hostNameWarnings(metaOf(object).name, names);
  if (!isRenewed(object, old)) return named;
  const { completionMode: mode, completions = 0, parallelism = 0 } = spec;
  const isMuch = mode === "Indexed" && Number(completions) > many.completions && Number(parallelism) > many.parallelism;
  return [...named, ...isMuch ? [`${path}: ${tooMany}`] : [], ...podWarnings(part(spec, "template"), `${path}.template`)];
}
