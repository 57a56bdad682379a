/**
 * The answer in the form that was asked for: the object itself, its metadata only, or a Table.
 *
 * @module
 */
import { nameColumn } from "../builtin/columns.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import { decodeShape } from "../types/shape.ts";
import { objectMeta } from "../types/shapes.ts";
import { badRequest, Refusal } from "../types/status.ts";
import type { Call } from "../store/world.ts";

const included = ["", "None", "Metadata", "Object"];

/** An object's metadata alone, printed in the order of the struct. Pure. */
export function partialMetadata(object: JsonObject, metaVersion: string = "v1"): JsonObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: decodeShape(objectMeta, metaOf(object) ?? {}).value,
  };
}

function rowObject(object: JsonObject, include: string, metaVersion: string): JsonObject | null {
  if (include === "None") return null;
  return include === "Object" ? object : partialMetadata(object, metaVersion);
}

function table(call: Call, object: JsonObject, items: readonly JsonObject[], withColumns: boolean): JsonObject {
  const { type, output, query, world } = call;
  const include = query.get("includeObject") ?? "";
  if (!included.includes(include)) {
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${
        quote(include)
      }: must be 'Metadata', 'Object', 'None', or empty`,
    );
  }
  const version = output.metaVersion ?? "v1";
  const columns = type.custom ? [nameColumn, ...type.columns] : type.columns;
  const now = world.clock.now();
  const { resourceVersion, continue: token, remainingItemCount } = metaOf(object) as JsonObject;
  const metadata: JsonObject = { resourceVersion };
  if (token !== undefined && token !== "") metadata.continue = token;
  if (remainingItemCount !== undefined) metadata.remainingItemCount = remainingItemCount;
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns
      ? columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority }))
      : null,
    rows: items.map((item) => ({
      cells: columns.map((column) => column.cell(item, now) ?? null),
      object: rowObject(item, include, version),
    })),
  };
}

/** Puts an object or list into the form that the call asked for. @param options `first`: whether a Table shows its columns. */
export function present(call: Call, object: JsonObject, options: { readonly first?: boolean } = {}): JsonObject {
  const { type, output } = call;
  if (output.as === undefined || object.kind === "Status") return object;
  const isList = Array.isArray(object.items) && object.kind === type.listKind;
  const items = isList ? (object.items as JsonObject[]).filter(isObject) : [object];
  if (output.as === "Table") return table(call, object, items, options.first !== false);
  const version = output.metaVersion ?? "v1";
  if (output.as === "PartialObjectMetadata") {
    if (!isList) return partialMetadata(object, version);
    const goType = type.custom
      ? "*unstructured.UnstructuredList"
      : `*${type.group === "" ? "core" : type.group.split(".")[0]}.${type.listKind}`;
    throw new Refusal(
      406,
      "NotAcceptable",
      `you requested PartialObjectMetadata, but the requested object is a list (${goType})`,
      { form: "lines" },
    );
  }
  if (!isList) throw new Refusal(500, "", "content is not a list", { form: "lines" });
  const { resourceVersion, continue: token, remainingItemCount } = metaOf(object) as JsonObject;
  const metadata: JsonObject = { resourceVersion };
  if (token !== undefined && token !== "") metadata.continue = token;
  if (remainingItemCount !== undefined) metadata.remainingItemCount = remainingItemCount;
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    items: items.map((item) => partialMetadata(item, version)),
  };
}
