/**
 * The checks of a CustomResourceDefinition.
 *
 * @module
 */
import { specOf } from "./crd.ts";
import { type FieldError, immutable, invalid } from "./field-error.ts";
import type { JsonObject } from "./json.ts";
import { metaOf } from "./meta.ts";

/** Checks a CRD. Pure. */
export function validateCrd(crd: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const spec = specOf(crd);
  const errors: FieldError[] = [];
  const expected = `${spec.names.plural}.${spec.group}`;
  if (metaOf(crd).name !== expected) {
    errors.push(invalid("metadata.name", metaOf(crd).name, `must be spec.names.plural+"."+spec.group`));
  }
  if (old && specOf(old).scope !== spec.scope) errors.push(immutable("spec.scope", spec.scope));
  return errors;
}
