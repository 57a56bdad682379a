/**
 * Field selectors, with the words of `k8s.io/apimachinery/pkg/fields`.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { byBytes } from "../types/order.ts";
import type { ResourceType } from "../types/resource.ts";
import { badRequest } from "../types/status.ts";

/** One term of a field selector. */
export interface FieldTerm {
  readonly field: string;
  /** Whether the field shall have another value. */
  readonly negated: boolean;
  readonly value: string;
}

/** Splits at commas that are not escaped. */
const split = (text: string): readonly string[] => text.match(/(?:\\[^]|[^,\\]|\\$)+/g) ?? [];

/** Takes the backslashes out of a value. @throws {Refusal} 400 where one of them is missing, or escapes nothing. */
function unescape(value: string): string {
  let plain = "";
  const chars = [...value];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === "=" || char === ",") {
      throw badRequest(`invalid field selector: unescaped character in value: ${char.codePointAt(0)}`);
    }
    if (char !== "\\") plain += char;
    else {
      const escaped = chars[++at] ?? "";
      if (!["\\", ",", "="].includes(escaped)) {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      plain += escaped;
    }
  }
  return plain;
}

/**
 * Reads a field selector, whatever its fields mean. Pure.
 *
 * @returns Its terms in alphabetic order, in which the server looks at them.
 * @throws {Refusal} 400 when it cannot be read.
 */
export function parseFieldSelector(text: string): readonly FieldTerm[] {
  const terms = split(text).toSorted(byBytes).map((term) => {
    // Nothing is escaped on the left: the first sign counts.
    const match = /!=|==|=/.exec(term);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const value = unescape(term.slice(match.index + match[0].length));
    return { field: term.slice(0, match.index), negated: match[0] === "!=", value };
  });
  return terms.filter(({ field, value }) => field !== "" || value !== "");
}

/** The name that all selected objects have, where the terms ask for one. Pure. */
export const exactName = (terms: readonly FieldTerm[]): string | undefined =>
  terms.find(({ field, negated }) => field === "metadata.name" && !negated)?.value;

function reader(type: ResourceType, field: string): (object: JsonObject) => string {
  if (field === "metadata.name") return (object) => metaOf(object).name ?? "";
  if (field === "metadata.namespace" && type.namespaced) return (object) => metaOf(object).namespace ?? "";
  // The generic answer of types without fields of their own accepts the namespace of cluster-scoped types too.
  if (field === "metadata.namespace" && type.unknownField("x").startsWith('"')) return () => "";
  const read = Object.hasOwn(type.selectable, field) ? type.selectable[field] : undefined;
  if (!read) throw badRequest(type.unknownField(field));
  return read;
}

/** Whether an object is selected. @throws {Refusal} 400 when the type does not know one of the fields. */
export function fieldMatcher(type: ResourceType, terms: readonly FieldTerm[]): (object: JsonObject) => boolean {
  const tests = terms.map(({ field, negated, value }) => {
    const read = reader(type, field);
    return (object: JsonObject) => (read(object) === value) !== negated;
  });
  return (object) => tests.every((holds) => holds(object));
}
