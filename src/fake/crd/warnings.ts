/**
 * What a CRD is warned of.
 *
 * @module
 */
import { type CrdSpec, specOf } from "./crd.ts";
import { isKnownFormat } from "../schema/formats.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { quote } from "../types/quote.ts";

const lists = ["allOf", "anyOf", "oneOf"];
const single = ["items", "additionalProperties", "not"];

/** A schema and all schemas in it. */
function* schemasIn(schema: Json | undefined): Generator<JsonObject> {
  if (!isObject(schema)) return;
  yield schema;
  for (const name of single) yield* schemasIn(schema[name]);
  for (const name of lists) for (const part of Array.isArray(schema[name]) ? schema[name] : []) yield* schemasIn(part);
  for (const property of Object.values(isObject(schema.properties) ? schema.properties : {})) yield* schemasIn(property);
}

function unknownFormats({ versions }: CrdSpec): Set<string> {
  const formats = new Set<string>();
  for (const { schema } of versions ?? []) {
    const own = [...schemasIn(schema?.openAPIV3Schema)].flatMap(({ type, format }) =>
      type === "string" && typeof format === "string" && format !== "" && !isKnownFormat(format) ? [format] : []
    );
    // The genuine server has no order in one version.
    for (const format of own.sort(byBytes)) formats.add(format);
  }
  return formats;
}

/** Warns of formats of texts that no server checks. Pure. @param old What the CRD replaces: nobody is warned twice. */
export function crdWarnings(crd: JsonObject, old: JsonObject | undefined): readonly string[] {
  const before = old ? unknownFormats(specOf(old)) : new Set<string>();
  const fresh = [...unknownFormats(specOf(crd))].filter((format) => !before.has(format));
  return fresh.map((format) => `unrecognized format ${quote(format)}`);
}
