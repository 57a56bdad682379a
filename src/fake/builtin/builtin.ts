/**
 * The built-in resource types: recorded from a genuine server, with the rules that are written for some of them.
 *
 * @module
 */
import { crdShape } from "../crd/shape.ts";
import { sameAsGiven, sameMeaning } from "../types/emptiness.ts";
import { equal, type JsonObject } from "../types/json.ts";
import { following } from "../types/numeral.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { usualChecks, usualStatusChecks } from "../types/metadata.ts";
import { quote } from "../types/quote.ts";
import { labelName, type NameRule, segmentName, serviceName, subdomainName } from "../types/names.ts";
import type { Accepted, Column, ResourceType } from "../types/resource.ts";
import { decodeShape, storedShape, type Struct } from "../types/shape.ts";
import { podRowConditions } from "./cells/pods.ts";
import { columnsOf } from "./columns.ts";
import { applyDefaults } from "./defaults.ts";
import { goStruct } from "./go-types.ts";
import { type Row, rows } from "./recorded.ts";
import { builtinResets } from "./resets.ts";
import { builtinRules } from "./rules.ts";
import type { Rules, View } from "./selectable.ts";

const allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

const nameRules: Readonly<Record<string, NameRule>> = { label: labelName, segment: segmentName, service: serviceName };

const isCrd = ({ kind }: Row) => kind === "CustomResourceDefinition";
const groupOf = ({ group = "" }: Row) => group;
const apiVersionOf = (row: Row) => row.group === undefined ? row.version : `${row.group}/${row.version}`;

/** The rules of a row, by version, group or kind alone. */
const rulesOf = (row: Row): Rules =>
  builtinRules[`${row.kind}.${row.version}.${groupOf(row)}`] ?? builtinRules[`${row.kind}.${groupOf(row)}`] ??
    builtinRules[row.kind] ?? {};

const shapeOf = (row: Row): Struct => isCrd(row) ? crdShape : goStruct(row.type);

/** Decodes a body into a built-in type. @throws {ShapeError} */
function decodeBuiltin(row: Row, rules: Rules, value: JsonObject): Accepted {
  const { value: object, unknown } = decodeShape(shapeOf(row), value);
  return { object: completed(row, rules, object), unknown };
}

/** A decoded object with its defaults. It belongs to the caller, and may be changed. */
function completed(row: Row, { setDefaults }: Rules, object: JsonObject): JsonObject {
  applyDefaults(shapeOf(row), object);
  return setDefaults?.(object) ?? object;
}

function arranged(row: Row, object: JsonObject): JsonObject {
  const { kind: _kind, apiVersion: _version, ...rest } = storedShape(shapeOf(row), object);
  return { kind: row.kind, apiVersion: apiVersionOf(row), ...rest };
}

/** A type's column over objects of the stored form. */
const viewed = (column: Column, toStorage: (object: JsonObject) => JsonObject): Column => ({
  ...column,
  cell: (object, now) => column.cell(toStorage(object), now),
});

const hasStatus = ({ subresources = [] }: Row) => subresources.some(({ name }) => name === "status");

/** What a change of makes another generation: all but the status, and of metadata what was recorded. */
function counts(row: Row, { emptyCounts }: Rules, object: JsonObject, old: JsonObject): boolean {
  const counted = (row.countedMetadata ?? "").split(" ").filter((member) => member !== "");
  if (counted.some((member) => !equal(metaOf(object)[member] ?? null, metaOf(old)[member] ?? null))) return true;
  const [a, b] = [object, old].map(({ metadata: _m, status: _s, kind: _k, apiVersion: _v, ...rest }) => rest);
  return emptyCounts ? !sameAsGiven(a, b) : !sameMeaning(a, b);
}

/** What of an object's metadata is taken through `/status`: what identifies it is still compared. */
function statusMetadata(row: Row, object: JsonObject, old: JsonObject) {
  const { name, namespace, uid, resourceVersion } = metaOf(object);
  const taken = (row.statusMetadata ?? "").split(" ").filter((member) => member !== "");
  if (taken.length === 0) return { ...metaOf(old), name, namespace, uid, resourceVersion };
  const reset = (builtinResets[row.kind]?.status ?? []).filter((path) => path.startsWith("metadata.")).map((path) =>
    path.slice(9)
  );
  const kept = [...["labels", "annotations"].filter((member) => !taken.includes(member)), ...reset];
  return { ...metaOf(object), ...Object.fromEntries(kept.map((member) => [member, metaOf(old)[member]])) };
}

/** What belongs to the status goes by the status subresource only, and all else by the resource itself. */
function keepApart(row: Row, rules: Rules, object: JsonObject, old: JsonObject, subresource: string | undefined): JsonObject {
  if (subresource === "status") {
    const { status: _, ...rest } = old;
    return { ...rest, metadata: statusMetadata(row, object, old), ...object.status !== undefined && { status: object.status } };
  }
  if (subresource !== undefined && subresource !== "scale") return object;
  let next = object;
  if (hasStatus(row)) {
    const { status: _, ...rest } = object;
    next = { ...rest, ...old.status !== undefined && { status: old.status } };
  }
  if (!row.counted || !counts(row, rules, next, old)) return next;
  return withMeta(next, { ...metaOf(next), generation: following(metaOf(old).generation ?? 0) });
}

function withoutStatus(row: Row, object: JsonObject): JsonObject {
  if (!hasStatus(row)) return object;
  const { status: _, ...rest } = object;
  return rest;
}

function unknownFieldOf({ selectors }: Row, rules: Rules): ResourceType["unknownField"] {
  if (selectors !== undefined) return (field) => selectors.replace("%", field);
  return rules.unknownField ??
    ((field) => `${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

function toType(row: Row): ResourceType {
  const group = groupOf(row);
  const rules = rulesOf(row);
  const view: View | undefined = rules.view;
  const own = `${group}/${row.plural}`;
  const stored = view && rows().find((each) => `${apiVersionOf(each)}/${each.plural}` === view.of);
  const arrange = (object: JsonObject): JsonObject =>
    stored && object.apiVersion === apiVersionOf(stored) ? arranged(stored, object) : arranged(row, object);
  // A CRD's own rules do it all.
  const apart = isCrd(row) ? (object: JsonObject) => object : keepApart.bind(undefined, row, rules);
  let columns: readonly Column[] | undefined;
  const resets = builtinResets[row.kind];
  return {
    group,
    version: row.version,
    plural: row.plural,
    singular: row.singular,
    kind: row.kind,
    listKind: `${row.kind}List`,
    namespaced: row.cluster !== true,
    shortNames: row.shortNames ?? [],
    categories: row.categories ?? [],
    verbs: row.verbs ?? allVerbs,
    subresources: row.subresources ?? [],
    storage: stored ? `${groupOf(stored)}/${stored.plural}` : own,
    ...stored && groupOf(stored) !== group && { kindGroup: groupOf(stored) },
    storageVersionHash: () => row.hash ?? "",
    custom: false,
    get shape() {
      return shapeOf(row);
    },
    otherVersions: row.otherVersions ?? [],
    nameRule: rules.nameRule ?? nameRules[row.names ?? ""] ?? subdomainName,
    bareFinalizers: row.bareFinalizers || isCrd(row) ? "accepted" : "refused",
    metadataChecks: (subresource) => {
      if (isCrd(row)) return "SCC";
      if (subresource !== undefined) return row.statusChecks ?? usualStatusChecks;
      const checks = row.checks ?? usualChecks;
      return rules.validateChange ? checks.replace(/^SCCB|^SCNSB(?=CB$)/, "$&R") : checks;
    },
    ...rules.metadataLast && { metadataLast: true },
    counted: row.counted === true || isCrd(row),
    createOnUpdate: row.createOnUpdate ?? false,
    unconditionalUpdate: row.strictUpdate !== true && !isCrd(row),
    orphans: row.orphans ?? false,
    deprecation: rules.deprecation,
    returnsDeleted: row.returnsDeleted === true || isCrd(row),
    ...row.kind === "Pod" && { rowConditions: podRowConditions },
    get columns() {
      const recorded = () => columnsOf(row);
      return columns ??= view ? recorded().map((column) => viewed(column, view.toStorage)) : recorded();
    },
    selectable: rules.selectable ?? {},
    unknownField: unknownFieldOf(row, rules),
    ...resets && { resets },
    decode: (value) => decodeBuiltin(row, rules, value),
    setDefaults: (object) => completed(row, rules, object),
    arrange,
    fromStorage: view ? (object) => arrange(view.fromStorage(object)) : (object) => object,
    toStorage: view?.toStorage ?? ((object) => object),
    ...rules.admit && { admit: rules.admit },
    ...rules.confirm && { confirm: rules.confirm },
    prepareCreate: (object, around) => {
      const next = rules.keepsStatus ? object : withoutStatus(row, object);
      return rules.prepareCreate?.(next, around) ?? next;
    },
    prepareUpdate: (object, old, subresource, now, around) => {
      const next = apart(object, old, subresource);
      return rules.prepareUpdate?.(next, old, subresource, now, around) ?? next;
    },
    ...rules.whenRead && { whenRead: rules.whenRead },
    ...rules.validateChange && { validateChange: rules.validateChange },
    validate: rules.validate ?? (() => []),
  };
}

/** All built-in types. */
export const builtinTypes: readonly ResourceType[] = rows().map(toType);

const builtinGroups = new Set(builtinTypes.map(({ group }) => group));

/** Whether a group is the server's own. Pure. */
export const isBuiltinGroup = (group: string): boolean => builtinGroups.has(group);

/** Whether there are objects of a type: what is only asked, and answered, is not stored. Pure. */
export const isStored = ({ verbs }: ResourceType): boolean => verbs.includes("create") && verbs.includes("list");

/** How much of each built-in kind is here: rules by hand over its schema, its schema alone, or nothing but its name. */
export const coverage: readonly (readonly [type: ResourceType, served: "rules" | "schema" | "no"])[] = builtinTypes.map(
  (type, place) => [type, !isStored(type) ? "no" : Object.keys(rulesOf(rows()[place]!)).length > 0 ? "rules" : "schema"],
);

/** The built-in types in which objects are stored: no views of others. */
export const storedBuiltins: readonly ResourceType[] = builtinTypes.filter((type, place) =>
  isStored(type) && !rulesOf(rows()[place]!).view
);
