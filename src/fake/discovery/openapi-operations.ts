/**
 * The operations of a custom resource, as its OpenAPI v3 document lists them.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { groupVersion, type ResourceType } from "../types/resource.ts";
import { recordedDocuments } from "./documents.ts";
import { operationId, operationTag, withArticle } from "./openapi-names.ts";
import { reference, schemaName } from "./openapi-schema.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const scaleSchema = "io.k8s.api.autoscaling.v1.Scale";

type Method = "get" | "put" | "post" | "patch" | "delete";

/** What an operation does. */
interface Action {
  readonly method: Method;
  /** As a request is known by, and as it is called. */
  readonly action: string;
  readonly verb: string;
  readonly codes: Readonly<Record<string, string>>;
  readonly parameters: readonly string[];
}

const ok = { "200": "OK" };
const created = { "201": "Created" };
const accepted = { "202": "Accepted" };
const ofLists = [
  ...["allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch"],
  ...["sendInitialEvents", "timeoutSeconds", "watch"],
];
const ofWrites = ["dryRun", "fieldManager", "fieldValidation"];
const ofDeletions = [
  ...["dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents"],
  "propagationPolicy",
];

const listing: Action = { method: "get", action: "list", verb: "list", codes: ok, parameters: ofLists };
const collected: readonly Action[] = [
  listing,
  { method: "post", action: "post", verb: "create", codes: { ...ok, ...created, ...accepted }, parameters: ofWrites },
  { method: "delete", action: "deletecollection", verb: "deletecollection", codes: ok, parameters: ofLists },
];
const reading: Action = { method: "get", action: "get", verb: "read", codes: ok, parameters: ["resourceVersion"] };
const putting: Action = { method: "put", action: "put", verb: "replace", codes: { ...ok, ...created }, parameters: ofWrites };
const patching: Action = { method: "patch", action: "patch", verb: "patch", codes: ok, parameters: [...ofWrites, "force"] };
const deleting: Action = {
  method: "delete",
  action: "delete",
  verb: "delete",
  codes: { ...ok, ...accepted },
  parameters: ofDeletions,
};

/** The path whose operations are those of a custom resource, too: what is said of parameters is taken from there. */
const like = "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases";

/** A parameter as the built-in resources describe it. @param path Where the method has it, or else a list. */
function parameter(method: Method, isOne: boolean, name: string): JsonObject {
  const { paths } = recordedDocuments().documents["apis/coordination.k8s.io/v1"] as { paths: Record<string, JsonObject> };
  const places = [[isOne ? `${like}/{name}` : like, method], [like, "get"]] as const;
  for (const [path, own] of places) {
    const item = paths[path]!;
    const known = [
      ...item.parameters as JsonObject[],
      ...(item[own] as JsonObject | undefined)?.parameters as JsonObject[] ?? [],
    ];
    const found = known.find((each) => each.name === name);
    if (found) return found;
  }
  throw new Error(`No parameter ${name} is recorded`);
}

const content = (types: readonly string[], schema: string): JsonObject =>
  Object.fromEntries(types.map((each) => [each, { schema: reference(schema) }]));
const read = ["application/json", "application/yaml"];
const patches = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];

/** Where operations are, and what they are about. */
interface Place {
  readonly path: string;
  /** Of one object, or of many. */
  readonly isOne: boolean;
  readonly subresource?: string;
  readonly everywhere?: boolean;
}

function describe(verb: string, kind: string, subresource: string | undefined): string {
  const of = subresource === undefined ? "" : ` ${subresource} of`;
  switch (verb) {
    case "list":
      return `list objects of kind ${kind}`;
    case "create":
    case "delete":
      return `${verb} ${withArticle(kind)}`;
    case "deletecollection":
      return `delete collection of ${kind}`;
    case "patch":
      return `partially update${of} the specified ${kind}`;
    default:
      return `${verb}${of} the specified ${kind}`;
  }
}

function bodyOf({ method, verb }: Action, schema: string): JsonObject {
  switch (method) {
    case "get":
      return {};
    case "delete":
      return verb === "deletecollection" ? {} : { requestBody: { content: content(read, `${meta}.DeleteOptions`) } };
    case "patch":
      return { requestBody: { content: content(patches, `${meta}.Patch`), required: true } };
    default:
      return { requestBody: { content: content(read, schema), required: true } };
  }
}

const large = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

function operation(type: ResourceType, place: Place, action: Action): JsonObject {
  const { group, version, kind } = type;
  const { subresource, everywhere = false, isOne } = place;
  const { method, verb } = action;
  const own = subresource === "scale" ? scaleSchema : schemaName(type);
  const answer = method === "delete" ? `${meta}.Status` : verb === "list" ? schemaName(type, type.listKind) : own;
  const [start, rest] = verb === "deletecollection" ? ["delete", "collection"] : [verb, ""];
  const namespaced = type.namespaced && !everywhere ? "Namespaced" : "";
  const called = `${rest}${namespaced}${kind}${large(subresource ?? "")}${everywhere ? "ForAllNamespaces" : ""}`;
  const answers = Object.entries(action.codes).map((
    [code, description],
  ) => [code, { description, content: content(read, answer) }]);
  return {
    tags: [operationTag(group, version)],
    description: describe(verb, kind, subresource),
    operationId: operationId(start, group, version, called),
    parameters: ["pretty", ...action.parameters].map((name) => parameter(method, isOne, name)),
    ...bodyOf(action, own),
    responses: { ...Object.fromEntries(answers), "401": { description: "Unauthorized" } },
    "x-kubernetes-action": action.action,
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
}

const byName = (one: JsonObject, other: JsonObject) => byBytes(String(one.name), String(other.name));

/** What is at a path: parameters that all of its operations have are said once. */
function pathItem(type: ResourceType, place: Place, actions: readonly Action[]): JsonObject {
  const operations = actions.map((action) => [action.method, operation(type, place, action)] as const);
  const lists = operations.map(([, { parameters }]) => parameters as JsonObject[]);
  const common = lists[0]!.filter((each) => lists.every((list) => list.some((other) => equal(other, each))));
  const [{ path }, placed] = [place, [...common]];
  if (path.includes("{namespace}")) placed.push(parameter("get", true, "namespace"));
  if (path.includes("{name}")) placed.push({ ...parameter("get", true, "name"), description: `name of the ${type.kind}` });
  const item: JsonObject = {};
  for (const method of ["get", "put", "post", "delete", "patch"]) {
    const found = operations.find(([own]) => own === method)?.[1];
    if (!found) continue;
    const own = (found.parameters as JsonObject[]).filter((each) =>
      !common.includes(each) && !common.some((one) => equal(one, each))
    );
    const { tags, description, operationId, parameters: _, ...rest } = found;
    item[method] = { tags, description, operationId, ...(own.length > 0 ? { parameters: own.sort(byName) } : {}), ...rest };
  }
  item.parameters = placed.sort(byName);
  return item;
}

/** The paths of a custom resource, with their operations. */
export function pathsOf(type: ResourceType): JsonObject {
  const base = `/apis/${groupVersion(type)}`;
  const collection = type.namespaced ? `${base}/namespaces/{namespace}/${type.plural}` : `${base}/${type.plural}`;
  const one = `${collection}/{name}`;
  const paths: JsonObject = {
    [collection]: pathItem(type, { path: collection, isOne: false }, collected),
    [one]: pathItem(type, { path: one, isOne: true }, [reading, putting, deleting, patching]),
  };
  if (type.namespaced) {
    const all = `${base}/${type.plural}`;
    paths[all] = pathItem(type, { path: all, isOne: false, everywhere: true }, [listing]);
  }
  for (const { name } of type.subresources) {
    const path = `${one}/${name}`;
    paths[path] = pathItem(type, { path, isOne: true, subresource: name }, [reading, putting, patching]);
  }
  return paths;
}

/** The names of all schemas that a value refers to, directly and through others. */
export function referred(value: Json | undefined, schemas: JsonObject, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) value.forEach((each) => referred(each, schemas, found));
  else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (key !== "$ref" || typeof member !== "string") {
        referred(member, schemas, found);
        continue;
      }
      const name = member.slice(member.lastIndexOf("/") + 1);
      if (found.has(name)) continue;
      found.add(name);
      referred(schemas[name], schemas, found);
    }
  }
  return found;
}
