/**
 * The validation rules of a CRD that is written.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required } from "../types/field-error.ts";
import type { JsonObject } from "../types/json.ts";
import { notImplemented } from "../types/status.ts";
import { compileRules, type RuleSet, rulesOf } from "./rules.ts";
import { type RuleFault, supportedReasons } from "./schema.ts";

function errorOf({ kind, value, text, within, ...fault }: RuleFault, root: string): FieldError {
  const field = `${root}${fault.path}`;
  switch (kind) {
    case "required":
      return required(field, text);
    case "forbidden":
      return forbidden(field, text);
    case "unsupported":
      return notSupported(field, value, supportedReasons);
    case "internal":
      return { field, reason: "InternalError", text: `Internal error: ${text}` };
    case "invalid":
      return invalid(field, value, within === undefined ? text : `${text}${root}${within}`);
  }
}

/**
 * Compiles the validation rules of a schema.
 *
 * @param path The root's own path.
 * @param wrong The paths of schemas with something else wrong in them: in these, and around them, no rule is compiled.
 * @throws {Refusal} 501 for rules that use what is not known here.
 */
export function ruleErrors(schema: JsonObject, path: string, wrong: ReadonlySet<string>): FieldError[] {
  const { faults, unsupported: [first] }: RuleSet = wrong.size === 0
    ? rulesOf(schema)
    : compileRules(schema, new Set([...wrong].map((each) => each.slice(path.length))));
  if (first) throw notImplemented(`${first.what} in validation rules: ${path}${first.path}: ${first.text}`);
  return faults.map((fault) => errorOf(fault, path));
}
