/**
 * Classes of runtimes: how containers are run.
 *
 * @module
 */
import { duplicate, type FieldError, immutable, invalid } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { labelName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { resourcesErrors } from "./amounts.ts";
import { each, part } from "./checks.ts";
import { nodeLabelWarning } from "./node-labels.ts";
import { tolerationsErrors } from "./scheduling.ts";
import { labelsErrors } from "./selectors.ts";

const goToleration = (
  { key = "", operator = "", value = "", effect = "", tolerationSeconds = null }: JsonObject,
): JsonObject => ({
  Key: key,
  Operator: operator,
  Value: value,
  Effect: effect,
  TolerationSeconds: tolerationSeconds,
});

const sameToleration = (a: JsonObject, b: JsonObject) =>
  ["key", "operator", "value", "effect"].every((name) => (a[name] ?? "") === (b[name] ?? ""));

/** What an overhead is judged as: the limits of a container. */
const overheadErrors = (object: JsonObject): FieldError[] =>
  resourcesErrors({ resources: { limits: part(object, "overhead", "podFixed") } }, "", new Set()).map((error) => ({
    ...error,
    field: `overhead${error.field.slice(".resources".length)}`,
  }));

function schedulingErrors(scheduling: JsonObject): FieldError[] {
  const tolerations = each(scheduling, "tolerations");
  return [
    ...labelsErrors(scheduling.nodeSelector, "scheduling.nodeSelector"),
    ...tolerationsErrors(each(scheduling, "tolerations"), "scheduling.tolerations"),
    ...tolerations.flatMap((toleration, index) =>
      tolerations.findIndex((other) => sameToleration(other, toleration)) < index
        ? [duplicate(`scheduling.tolerations[${index}]`, goToleration(toleration))]
        : []
    ),
  ];
}

/** Classes of runtimes. */
export const runtimeClassRules: Rules = {
  validate(object, old, _subresource, warn) {
    const handler = String(object.handler ?? "");
    const scheduling = part(object, "scheduling");
    const errors = [
      ...labelName(handler).map((fault) => invalid("handler", handler, fault)),
      ...isObject(object.overhead) ? overheadErrors(object) : [],
      ...schedulingErrors(scheduling),
      ...old && handler !== String(old.handler ?? "") ? [immutable("handler", handler)] : [],
    ];
    if (errors.length > 0 || !warn) return errors;
    for (const label of Object.keys(part(scheduling, "nodeSelector"))) {
      const warning = nodeLabelWarning(label);
      if (warning) warn(`scheduling.nodeSelector: ${warning}`);
    }
    return errors;
  },
};
