/**
 * What a custom resource with a scale may hold at the paths of its scale, whatever its schema says.
 *
 * @module
 */
import { type FieldError, invalid } from "../types/field-error.ts";
import { goPrint, goTypeName } from "../types/go-value.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { isInteger, isNumber } from "../types/numeral.ts";
import type { ResourceType } from "../types/resource.ts";

const dotted = (steps: readonly string[]) => `.${steps.join(".")}`;

const misfit = (steps: readonly string[], value: Json, wanted: string) =>
  `${dotted(steps)} accessor error: ${goPrint(value)} is of the type ${goTypeName(value)}, expected ${wanted}`;

/** Finds a value. @returns Why it cannot be there, where something is in the way. */
function find(object: JsonObject, steps: readonly string[]): { readonly value?: Json | undefined; readonly fault?: string } {
  let at: Json | undefined = object;
  for (const [depth, step] of steps.entries()) {
    if (at === null) return {};
    if (!isObject(at)) return { fault: misfit(steps.slice(0, depth + 1), at!, "map[string]interface{}") };
    if (!Object.hasOwn(at, step) || at[step] === undefined) return {};
    at = at[step];
  }
  return { value: at };
}

function replicaErrors(object: JsonObject, steps: readonly string[]): FieldError[] {
  const { value, fault } = find(object, steps);
  const refuse = (shown: Json, why: string) => [invalid(dotted(steps), shown, why)];
  if (fault !== undefined) return refuse(0, fault);
  if (value === undefined) return [];
  if (!isNumber(value) || !isInteger(value)) return refuse(0, misfit(steps, value, "int64"));
  if (value < 0) return refuse(value, "should be a non-negative integer");
  return value > 2147483647 ? refuse(value, "should be less than or equal to 2147483647") : [];
}

function selectorErrors(object: JsonObject, steps: readonly string[]): FieldError[] {
  const { value, fault } = find(object, steps);
  const why = fault ?? (value === undefined || typeof value === "string" ? undefined : misfit(steps, value, "string"));
  return why === undefined ? [] : [invalid(dotted(steps), "", why)];
}

/** Checks what a scale is made of. Pure. @param subresource Of the status alone, nothing else is looked at. */
export function scaleErrors(object: JsonObject, scale: ResourceType["scale"], subresource: string | undefined): FieldError[] {
  if (!scale) return [];
  return [
    ...subresource === "status" ? [] : replicaErrors(object, scale.spec),
    ...replicaErrors(object, scale.status),
    ...scale.selector ? selectorErrors(object, scale.selector) : [],
  ];
}
