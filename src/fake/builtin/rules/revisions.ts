/**
 * Revisions of controllers.
 *
 * @module
 */
import { required } from "../../types/field-error.ts";
import { isObject } from "../../types/json.ts";
import type { Rules } from "../selectable.ts";
import { notNegative, unchanged } from "./checks.ts";

/** Revisions do not change. */
export const controllerRevisionRules: Rules = {
  validate(object, old) {
    const errors = notNegative(object, "", "revision").map((error) => ({ ...error, field: "revision" }));
    if (old) return [...errors, ...unchanged(object, old, "data")];
    if (object.data === undefined || object.data === null) return [...errors, required("data", "data is mandatory")];
    return isObject(object.data) ? errors : [...errors, required("data", "data must be a valid JSON object")];
  },
};
