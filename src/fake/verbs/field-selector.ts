/**
 * Field selectors, with the words of `k8s.io/apimachinery/pkg/fields`.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";
import { badRequest } from "../types/status.ts";

/** A field selector that was read. */
export interface FieldSelector {
  readonly matches: (object: JsonObject) => boolean;
  /** Whether it selects anything less than all. */
  readonly empty: boolean;
}

const unescape = (text: string) => text.replace(/\\(.)/g, "$1");

/** Splits at commas that are not escaped. */
const terms = (text: string) => text.match(/(?:\\.|[^,\\])+/g) ?? [];

function reader(type: ResourceType, field: string): (object: JsonObject) => string {
  if (field === "metadata.name") return (object) => metaOf(object).name ?? "";
  if (field === "metadata.namespace" && type.namespaced) return (object) => metaOf(object).namespace ?? "";
  // The generic answer of types without fields of their own accepts the namespace of cluster-scoped types too.
  if (field === "metadata.namespace" && type.unknownField("x").startsWith('"')) return () => "";
  const read = Object.hasOwn(type.selectable, field) ? type.selectable[field] : undefined;
  if (!read) throw badRequest(type.unknownField(field));
  return read;
}

/** Reads a field selector for a type. Pure. @throws {Refusal} 400 when it cannot be read or names an unknown field. */
export function parseFieldSelector(type: ResourceType, text: string): FieldSelector {
  const requirements = terms(text).map((term) => {
    const match = /^((?:\\.|[^=!\\])*)(==|!=|=)(.*)$/s.exec(term);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const read = reader(type, match[1]!);
    const value = unescape(match[3]!);
    return match[2] === "!=" ? (object: JsonObject) => read(object) !== value : (object: JsonObject) => read(object) === value;
  });
  return { matches: (object) => requirements.every((holds) => holds(object)), empty: requirements.length === 0 };
}
