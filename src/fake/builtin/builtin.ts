/**
 * The built-in resource types, as data.
 *
 * @module
 */
import { columnsOf } from "./columns.ts";
import { fromCore, toCore } from "./events.ts";
import { builtinRules } from "./rules.ts";
import type { Rules } from "./selectable.ts";
import type { JsonObject } from "../types/json.ts";
import { labelName, segmentName, subdomainName } from "../types/names.ts";
import type { Accepted, Column, ResourceType, Subresource } from "../types/resource.ts";
import { decodeShape, type Struct } from "../types/shape.ts";
import {
  configMapShape,
  eventShape,
  groupEventShape,
  leaseShape,
  namespaceShape,
  secretShape,
  serviceAccountShape,
} from "../types/shapes.ts";
import { crdShape } from "../crd/shape.ts";

const allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const status: Subresource = { name: "status", verbs: ["get", "patch", "update"] };

interface Row {
  readonly group?: string;
  /** How the objects of another kind's collection are shown here, and stored there. */
  readonly view?: {
    readonly of: string;
    readonly fromStorage: (object: JsonObject) => JsonObject;
    readonly toStorage: (object: JsonObject) => JsonObject;
  };
  readonly plural: string;
  readonly kind: string;
  readonly shape: Struct;
  readonly hash: string;
  readonly cluster?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  readonly verbs?: readonly string[];
  readonly counted?: boolean;
  readonly createOnUpdate?: boolean;
  readonly strictUpdate?: boolean;
  readonly returnsDeleted?: boolean;
}

// In the order in which discovery shows their groups.
const rows: readonly Row[] = [
  { plural: "configmaps", kind: "ConfigMap", shape: configMapShape, hash: "qFsyl6wFWjQ=", shortNames: ["cm"] },
  { plural: "events", kind: "Event", shape: eventShape, hash: "r2yiGXH7wu8=", shortNames: ["ev"], createOnUpdate: true },
  {
    plural: "namespaces",
    kind: "Namespace",
    shape: namespaceShape,
    hash: "Q3oi5N2YM8M=",
    cluster: true,
    shortNames: ["ns"],
    verbs: allVerbs.filter((verb) => verb !== "deletecollection"),
    subresources: [{ name: "finalize", verbs: ["update"] }, status],
    returnsDeleted: true,
  },
  { plural: "secrets", kind: "Secret", shape: secretShape, hash: "S6u1pOWzb84=" },
  {
    plural: "serviceaccounts",
    kind: "ServiceAccount",
    shape: serviceAccountShape,
    hash: "pbx9ZvyFpBE=",
    shortNames: ["sa"],
    returnsDeleted: true,
  },
  {
    group: "events.k8s.io",
    plural: "events",
    kind: "Event",
    shape: groupEventShape,
    hash: "r2yiGXH7wu8=",
    shortNames: ["ev"],
    createOnUpdate: true,
    view: { of: "/events", fromStorage: fromCore, toStorage: toCore },
  },
  {
    group: "apiextensions.k8s.io",
    plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    shape: crdShape,
    hash: "jfWCUB31mvA=",
    cluster: true,
    shortNames: ["crd", "crds"],
    categories: ["api-extensions"],
    subresources: [status],
    counted: true,
    strictUpdate: true,
    returnsDeleted: true,
  },
  {
    group: "coordination.k8s.io",
    plural: "leases",
    kind: "Lease",
    shape: leaseShape,
    hash: "gqkMMb/YqFM=",
    createOnUpdate: true,
    strictUpdate: true,
  },
];

/** Decodes a body into a built-in type. @throws {ShapeError} */
function decodeBuiltin(row: Row, value: JsonObject, setDefaults: ResourceType["setDefaults"]): Accepted {
  const { value: object, unknown } = decodeShape(row.shape, value);
  return { object: setDefaults(object), unknown };
}

function arranged({ kind, shape }: Row, object: JsonObject, apiVersion: string): JsonObject {
  const { kind: _kind, apiVersion: _version, ...rest } = decodeShape(shape, object).value;
  return { kind, apiVersion, ...rest };
}

/** A type's column over objects of the stored form. */
const viewed = (column: Column, toStorage: (object: JsonObject) => JsonObject): Column => ({
  ...column,
  cell: (object, now) => column.cell(toStorage(object), now),
});

function toType(row: Row): ResourceType {
  const group = row.group ?? "";
  const { view } = row;
  const rules: Rules = (view && builtinRules[`${row.kind}.${group}`]) ?? builtinRules[row.kind] ?? {};
  const { setDefaults = (object) => object } = rules;
  const apiVersion = group === "" ? "v1" : `${group}/v1`;
  const stored = rows.find((each) => view && `${each.group ?? ""}/${each.plural}` === view.of);
  const arrange = (object: JsonObject): JsonObject => {
    if (stored && object.apiVersion === "v1") return arranged(stored, object, "v1");
    return arranged(row, object, apiVersion);
  };
  return {
    group,
    version: "v1",
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    kind: row.kind,
    listKind: `${row.kind}List`,
    namespaced: row.cluster !== true,
    shortNames: row.shortNames ?? [],
    categories: row.categories ?? [],
    verbs: row.verbs ?? allVerbs,
    subresources: row.subresources ?? [],
    storage: view?.of ?? `${group}/${row.plural}`,
    ...view && { kindGroup: "" },
    storageVersionHash: row.hash,
    custom: false,
    shape: row.shape,
    nameRule: row.kind === "Namespace" ? labelName : row.kind === "Event" && !view ? segmentName : subdomainName,
    bareFinalizers: view || (group === "" && row.kind !== "Event") ? "refused" : "accepted",
    counted: row.counted ?? false,
    createOnUpdate: row.createOnUpdate ?? false,
    unconditionalUpdate: row.strictUpdate !== true,
    returnsDeleted: row.returnsDeleted ?? false,
    columns: view ? columnsOf(row.kind).map((column) => viewed(column, view.toStorage)) : columnsOf(row.kind),
    selectable: rules.selectable ?? {},
    unknownField: rules.unknownField ??
      ((field) => `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`),
    ...rules.resets && { resets: rules.resets },
    decode: (value) => decodeBuiltin(row, value, setDefaults),
    setDefaults,
    arrange,
    fromStorage: view ? (object) => arrange(view.fromStorage(object)) : (object) => object,
    toStorage: view?.toStorage ?? ((object) => object),
    prepareCreate: rules.prepareCreate ?? ((object) => object),
    prepareUpdate: rules.prepareUpdate ?? ((object) => object),
    validate: rules.validate ?? (() => []),
  };
}

/** All built-in types. */
export const builtinTypes: readonly ResourceType[] = rows.map(toType);

/** The built-in types in which objects are stored: no views of others. */
export const storedBuiltins: readonly ResourceType[] = builtinTypes.filter((_, index) => !rows[index]!.view);
