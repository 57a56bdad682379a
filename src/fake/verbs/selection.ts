/**
 * Which objects a list or a watch covers.
 *
 * @module
 */
import { parseFieldSelector } from "./field-selector.ts";
import type { JsonObject } from "../types/json.ts";
import { parseLabelSelector } from "./label-selector.ts";
import { metaOf } from "../types/meta.ts";
import type { Call } from "../store/world.ts";

/** The objects covered. */
export interface Selection {
  readonly matches: (object: JsonObject) => boolean;
  /** Whether it narrows by label or field. */
  readonly selects: boolean;
}

/** Reads the selection of a call. @throws {Refusal} 400 when a selector cannot be read. */
export function selectionOf(call: Call): Selection {
  const { namespace, name, query, type } = call;
  const labelText = query.get("labelSelector") ?? "";
  const labels = parseLabelSelector(labelText);
  const fields = parseFieldSelector(type, query.get("fieldSelector") ?? "");
  return {
    selects: labelText.trim() !== "" || !fields.empty,
    matches(object) {
      const meta = metaOf(object);
      if (namespace !== undefined && meta.namespace !== namespace) return false;
      if (name !== undefined && meta.name !== name) return false;
      return labels(meta.labels ?? {}) && fields.matches(object);
    },
  };
}
