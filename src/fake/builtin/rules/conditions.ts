/**
 * Conditions of a status, in the words of `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.
 *
 * @module
 */
import { duplicate, type FieldError, invalid, notListed, required, tooLong } from "../../types/field-error.ts";
import { byteLength } from "../../types/bytes.ts";
import type { JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { isUnset } from "./checks.ts";
import { labelKeyErrors } from "./selectors.ts";

const reasonForm = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const isReason = new RegExp(`^${reasonForm}$`);
const reasonFault =
  `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonForm}')`;
const longestReason = 1024;
const longestMessage = 32 * 1024;

function conditionErrors(condition: JsonObject, path: string): FieldError[] {
  const { type = "", status = "", observedGeneration: seen, lastTransitionTime, reason, message = "" } = condition;
  const errors = labelKeyErrors(type, `${path}.type`);
  if (!["False", "True", "Unknown"].includes(String(status))) {
    errors.push(notListed(`${path}.status`, status, ["False", "True", "Unknown"]));
  }
  if (isNumber(seen) && seen < 0) {
    errors.push(invalid(`${path}.observedGeneration`, seen, "must be greater than or equal to zero"));
  }
  if (isUnset(lastTransitionTime)) errors.push(required(`${path}.lastTransitionTime`));
  if (isUnset(reason)) errors.push(required(`${path}.reason`));
  else {
    if (!isReason.test(String(reason))) errors.push(invalid(`${path}.reason`, reason, reasonFault));
    if (byteLength(String(reason)) > longestReason) errors.push(tooLong(`${path}.reason`, longestReason));
  }
  if (byteLength(String(message)) > longestMessage) errors.push(tooLong(`${path}.message`, longestMessage));
  return errors;
}

/** What is wrong with a list of conditions. Pure. */
export const conditionsErrors = (conditions: readonly JsonObject[], path: string): FieldError[] =>
  conditions.flatMap((condition, index) => [
    ...conditions.findIndex(({ type }) => type === condition.type) < index
      ? [duplicate(`${path}[${index}].type`, condition.type)]
      : [],
    ...conditionErrors(condition, `${path}[${index}]`),
  ]);
