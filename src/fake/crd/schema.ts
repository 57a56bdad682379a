/**
 * The checks of one schema of a CRD.
 *
 * @module
 */
import { ruleErrors } from "../cel/crd.ts";
import { defaultErrors } from "./defaults.ts";
import { printSchema, setMembers } from "./internal.ts";
import { type FieldError, forbidden, invalid } from "../types/field-error.ts";
import type { JsonObject } from "../types/json.ts";
import { wordingErrors } from "./schema-rules.ts";
import { conversionFault, structuralErrors } from "./structural.ts";

// What the schema of a status, taken out of it, does not lose.
const allowedAtRoot =
  "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations"
    .split(" ");

/** What may not stand at the root beside a status subresource. */
function rootErrors(schema: JsonObject, path: string): FieldError[] {
  for (const member of setMembers(schema)) {
    if (member === "Type" && schema.type !== "object") {
      const why = `only "object" is allowed as the type at the root of the schema if the status subresource is enabled`;
      return [invalid(`${path}.type`, schema.type, why)];
    }
    if (!allowedAtRoot.includes(member)) {
      const why = `only [${
        allowedAtRoot.join(" ")
      }] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalid(path, printSchema(schema), why)];
    }
  }
  return [];
}

/**
 * Checks a schema of a CRD: its structure, then its defaults, its words, and its validation rules where the rest is sound.
 *
 * @param hasStatus Whether the status is a subresource.
 * @throws {Refusal} 501 for validation rules that use what is not known here.
 */
export function schemaErrors(schema: JsonObject, path: string, hasStatus: boolean): readonly FieldError[] {
  const errors: FieldError[] = hasStatus ? rootErrors(schema, path) : [];
  if (schema.nullable === true) errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  const fault = conversionFault(schema);
  let structural: readonly FieldError[] = [];
  if (fault === undefined) {
    structural = structuralErrors(schema, path);
    if (structural.length === 0) structural = defaultErrors(schema, path);
  }
  errors.push(...structural);
  const wording = wordingErrors(schema, path);
  errors.push(...wording.errors);
  if (fault !== undefined) return errors.length === 0 ? [invalid(path, "", fault)] : errors;
  return structural.length === 0 ? [...errors, ...ruleErrors(schema, path, wording.wrong)] : errors;
}
