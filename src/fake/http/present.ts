/**
 * The answer in the form that was asked for: the object itself, its metadata only, or a Table.
 *
 * @module
 */
import type { Output } from "../output/negotiate.ts";
import { nameColumn } from "../builtin/columns.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import type { ResourceType } from "../types/resource.ts";
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

/** What a list in another form keeps of its metadata. */
function listMetadata(object: JsonObject): JsonObject {
  const { resourceVersion, continue: token, remainingItemCount } = metaOf(object) as JsonObject;
  const metadata: JsonObject = { resourceVersion };
  if (token !== undefined && token !== "") metadata.continue = token;
  if (remainingItemCount !== undefined) metadata.remainingItemCount = remainingItemCount;
  return metadata;
}

const conditionsOf = (conditions: readonly JsonObject[]) => conditions.length === 0 ? {} : { conditions: [...conditions] };

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
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: listMetadata(object),
    columnDefinitions: withColumns
      ? columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority }))
      : null,
    rows: items.map((item) => ({
      cells: columns.map((column) => column.cell(item, now) ?? null),
      ...type.rowConditions && conditionsOf(type.rowConditions(item)),
      object: rowObject(item, include, version),
    })),
  };
}

/**
 * The metadata of an object or a list alone, as was asked for.
 *
 * @param goType How Go calls the type: `*core.ConfigMap`, or `*unstructured.Unstructured`.
 * @throws {Refusal} When it is a list and not one was asked for, or the other way round.
 */
export function metadataOnly(object: JsonObject, { as, metaVersion = "v1" }: Output, goType: string): JsonObject {
  const items = Array.isArray(object.items) ? object.items.filter(isObject) : undefined;
  const refuse = (is: string): never => {
    const message = `you requested ${as}, but the requested object is ${is} (${goType}${items ? "List" : ""})`;
    throw new Refusal(406, "NotAcceptable", message, { form: "lines" });
  };
  if (as === "PartialObjectMetadata") return items ? refuse("a list") : partialMetadata(object, metaVersion);
  if (!items) {
    if (!goType.startsWith("*unstructured.")) return refuse("not a list");
    throw new Refusal(500, "", "content is not a list", { form: "lines" });
  }
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: listMetadata(object),
    // An empty Go slice that nobody has made.
    items: items.length === 0 ? null : items.map((item) => partialMetadata(item, metaVersion)),
  };
}

const goTypeOf = ({ custom, group, kindGroup = group, kind }: ResourceType) =>
  custom ? "*unstructured.Unstructured" : `*${kindGroup === "" ? "core" : kindGroup.split(".")[0]}.${kind}`;

/** Puts an object or list into the form that the call asked for. @param options `first`: whether a Table shows its columns. */
export function present(call: Call, object: JsonObject, options: { readonly first?: boolean } = {}): JsonObject {
  const { type, output } = call;
  if (output.as === undefined || object.kind === "Status") return object;
  // A custom resource may have a member called so.
  const isList = Array.isArray(object.items) && object.kind === type.listKind;
  if (output.as !== "Table") return metadataOnly(isList ? object : { ...object, items: undefined }, output, goTypeOf(type));
  return table(call, object, isList ? (object.items as JsonObject[]).filter(isObject) : [object], options.first !== false);
}
