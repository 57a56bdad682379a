/**
 * Label selectors as objects hold them.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "./json.ts";

const texts = (value: Json | undefined): string[] => Array.isArray(value) ? value.map(String) : [];

/** Whether labels are those that a selector of an object asks for. Pure. */
export function selects(selector: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const wanted = isObject(selector.matchLabels) ? Object.entries(selector.matchLabels) : [];
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions.filter(isObject) : [];
  return expressions.every(({ key, operator, values }) => {
    const label = Object.hasOwn(labels, String(key)) ? labels[String(key)] : undefined;
    switch (operator) {
      case "In":
        return label !== undefined && texts(values).includes(label);
      case "NotIn":
        return label === undefined || !texts(values).includes(label);
      case "Exists":
        return label !== undefined;
      case "DoesNotExist":
        return label === undefined;
      default:
        return false;
    }
  });
}
