/**
 * The built-in resource types, as data.
 *
 * @module
 */
import { columnsOf } from "./columns.ts";
import { builtinRules, type Rules } from "./rules.ts";
import type { JsonObject } from "../types/json.ts";
import { labelName, segmentName, subdomainName } from "../types/names.ts";
import type { Accepted, ResourceType, Subresource } from "../types/resource.ts";
import { decodeShape, type Struct } from "../types/shape.ts";
import { configMapShape, eventShape, leaseShape, namespaceShape, secretShape, serviceAccountShape } from "../types/shapes.ts";
import { crdShape } from "../crd/shape.ts";

const allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const status: Subresource = { name: "status", verbs: ["get", "patch", "update"] };

interface Row {
  readonly group?: string;
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
    group: "coordination.k8s.io",
    plural: "leases",
    kind: "Lease",
    shape: leaseShape,
    hash: "gqkMMb/YqFM=",
    createOnUpdate: true,
    strictUpdate: true,
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
];

/** Decodes a body into a built-in type. @throws {ShapeError} */
function decodeBuiltin(row: Row, value: JsonObject): Accepted {
  const { value: object, unknown } = decodeShape(row.shape, value);
  return { object, unknown };
}

function toType(row: Row): ResourceType {
  const group = row.group ?? "";
  const rules: Rules = builtinRules[row.kind] ?? {};
  const apiVersion = group === "" ? "v1" : `${group}/v1`;
  const arrange = (object: JsonObject) => {
    const { kind: _kind, apiVersion: _version, ...rest } = decodeShape(row.shape, object).value;
    return { kind: row.kind, apiVersion, ...rest };
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
    storage: `${group}/${row.plural}`,
    storageVersionHash: row.hash,
    custom: false,
    shape: row.shape,
    nameRule: row.kind === "Namespace" ? labelName : row.kind === "Event" ? segmentName : subdomainName,
    bareFinalizers: group === "" && row.kind !== "Event" ? "refused" : "accepted",
    counted: row.counted ?? false,
    createOnUpdate: row.createOnUpdate ?? false,
    unconditionalUpdate: row.strictUpdate !== true,
    returnsDeleted: row.returnsDeleted ?? false,
    columns: columnsOf(row.kind),
    selectable: rules.selectable ?? {},
    unknownField: rules.unknownField ??
      ((field) => `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`),
    decode: (value) => decodeBuiltin(row, value),
    arrange,
    fromStorage: (object) => object,
    toStorage: (object) => object,
    prepareCreate: rules.prepareCreate ?? ((object) => object),
    prepareUpdate: rules.prepareUpdate ?? ((object) => object),
    validate: rules.validate ?? (() => []),
  };
}

/** All built-in types. */
export const builtinTypes: readonly ResourceType[] = rows.map(toType);
