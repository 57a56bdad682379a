/**
 * OpenAPI v2: the same operations and schemas as in v3, written as the older version has them.
 *
 * @module
 */
import { encode, isObject, type Json, type JsonObject, sorted } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { sharedName } from "./openapi-names.ts";

const inSchemas = "#/components/schemas/";
const inDefinitions = "#/definitions/";

const reference = (text: string) => text.replace(inSchemas, inDefinitions);

/** Where it stands that a schema of the newer version is one of several: both are texts with a format here. */
const isText = ({ oneOf }: JsonObject) => Array.isArray(oneOf) && oneOf.some((each) => isObject(each) && each.type === "string");

/** A schema: without defaults, and where it is nothing but another one, as that one. Pure. */
function schemaOf(given: Json | undefined): Json {
  if (!isObject(given)) return given ?? null;
  const schema: JsonObject = {};
  let named: string | undefined;
  const { description } = given;
  const whole = isText(given) ? { ...description !== undefined && { description }, type: "string", ...given } : given;
  for (const [key, value] of Object.entries(whole)) {
    const [only, ...others] = Array.isArray(value) ? value : [];
    if (key === "default" || key === "oneOf") continue;
    else if (key === "$ref") named = String(value);
    else if (key === "allOf" && others.length === 0 && isObject(only) && typeof only.$ref === "string") named = only.$ref;
    else if (key === "properties" && isObject(value)) {
      schema[key] = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, schemaOf(each)]));
    } else if (["items", "additionalProperties"].includes(key)) schema[key] = schemaOf(value);
    else if (key.startsWith("x-")) {
      // What is for the server only comes last, and a name before it.
      if (named !== undefined) [schema.$ref, named] = [reference(named), undefined];
      schema[key] = sorted(value!);
    } else schema[key] = value;
  }
  if (named !== undefined) schema.$ref = reference(named);
  return schema;
}

/** A parameter, whose schema stands in it. Pure. */
function parameterOf({ name, in: place, description, required, schema }: JsonObject): JsonObject {
  const { uniqueItems, type } = schema as JsonObject;
  return {
    ...uniqueItems === true ? { uniqueItems } : {},
    type: type!,
    ...description === undefined ? {} : { description },
    name: name!,
    in: place!,
    ...required === true ? { required } : {},
  };
}

const firstSchema = (content: Json | undefined) => schemaOf((Object.values(content as JsonObject)[0] as JsonObject).schema);

/** The body, which is a parameter here. Pure. */
function bodyOf({ requestBody }: JsonObject): JsonObject[] {
  if (!isObject(requestBody)) return [];
  const { content, required } = requestBody;
  return [{ name: "body", in: "body", ...required === true ? { required } : {}, schema: firstSchema(content) }];
}

/** The order of media types, which is that in which the server has registered them. */
const media = [
  ...["text/plain", "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"],
  ...["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"],
  ...["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"],
  "application/apply-patch+yaml",
];
const byMedia = (one: string, other: string) => media.indexOf(one) - media.indexOf(other);
const typesOf = (content: Json | undefined): string[] => isObject(content) ? Object.keys(content).sort(byMedia) : [];

function consumed(operation: JsonObject, produces: readonly string[], path: string, isCustom: boolean): string[] {
  const action = operation["x-kubernetes-action"];
  if (action === undefined) return /^\/(?:\.well-known|openid)\//.test(path) ? [] : [...produces];
  if (action === "patch" && isObject(operation.requestBody)) return typesOf(operation.requestBody.content);
  return isCustom ? ["application/json", "application/yaml"] : ["*/*"];
}

const aggregation = "/apis/apiregistration.k8s.io/";

const byName = (one: JsonObject, other: JsonObject) => byBytes(String(one.name), String(other.name));

function operationOf(operation: JsonObject, path: string, isCustom: boolean): JsonObject {
  const responses = operation.responses as Record<string, JsonObject>;
  const produces = typesOf(responses["200"]?.content);
  const consumes = consumed(operation, produces, path, isCustom);
  const parameters = [...(operation.parameters as JsonObject[] | undefined ?? []).map(parameterOf), ...bodyOf(operation)];
  const extensions = Object.entries(operation).filter(([key]) => key.startsWith("x-"));
  return {
    description: operation.description!,
    ...consumes.length > 0 ? { consumes } : {},
    produces,
    schemes: ["https"],
    tags: operation.tags!,
    operationId: operation.operationId!,
    ...parameters.length > 0 ? { parameters: parameters.sort(byName) } : {},
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, { description, content }]) => [
        code,
        { description: description!, ...isObject(content) ? { schema: firstSchema(content) } : {} },
      ]),
    ),
    // The server that serves other servers is asked for its operations directly, and has them in the order of its structs.
    ...Object.fromEntries(extensions.map(([key, value]) => [key, path.startsWith(aggregation) ? value! : sorted(value!)])),
  };
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch"];

function pathOf(item: JsonObject, path: string, isCustom: boolean): JsonObject {
  const result: JsonObject = {};
  for (const method of methods) {
    const operation = item[method];
    if (isObject(operation)) result[method] = operationOf(operation, path, isCustom);
  }
  const { parameters } = item;
  if (Array.isArray(parameters)) result.parameters = parameters.filter(isObject).map(parameterOf);
  return result;
}

/** Whether a parameter is written once, whoever has it: not where a kind or an old kubectl looks for it. */
function isShared({ name, in: place, schema }: JsonObject): boolean {
  if (place === "body") return isObject(schema) && String(schema.$ref ?? "").startsWith(`${inDefinitions}io.k8s.apimachinery`);
  return name !== "name" && name !== "fieldValidation" && name !== "dryRun";
}

/** Puts references into the place of parameters that are shared. */
function share(paths: JsonObject): JsonObject {
  const found = new Map<string, readonly [name: string, parameter: JsonObject]>();
  const shared = (list: Json | undefined): Json | undefined =>
    Array.isArray(list)
      ? list.map((parameter) => {
        if (!isObject(parameter) || !isShared(parameter)) return parameter;
        const text = encode(parameter);
        if (!found.has(text)) found.set(text, [sharedName(String(parameter.name), text), parameter]);
        return { $ref: `#/parameters/${found.get(text)![0]}` };
      })
      : list;
  for (const item of Object.values(paths) as JsonObject[]) {
    for (const operation of [item, ...Object.values(item).filter(isObject)]) {
      if (operation.parameters !== undefined) operation.parameters = shared(operation.parameters)!;
    }
  }
  return Object.fromEntries([...found.values()].sort(([one], [other]) => byBytes(one, other)));
}

const ordered = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.keys(object).sort(byBytes).map((name) => [name, object[name]!]));

/** Characters that Go writes as their numbers elsewhere, but not in this document. Pure. */
export const plain = (text: string): string =>
  text.replace(
    /\\(?:u(003c|003e|0026|2028|2029)|[^])/g,
    (all, code?: string) => code ? String.fromCharCode(parseInt(code, 16)) : all,
  );

/** A document of the newer version. */
export interface Source {
  readonly document: JsonObject;
  readonly isCustom: boolean;
}

/** The one document, of those of the newer version; what several define is the first one's. Pure. */
export function versionTwoOf(sources: readonly Source[], title: JsonObject): JsonObject {
  const [paths, definitions]: [JsonObject, JsonObject] = [{}, {}];
  for (const { document, isCustom } of sources) {
    for (const [path, item] of Object.entries(document.paths as JsonObject)) {
      paths[path] = pathOf(item as JsonObject, path, isCustom);
    }
    const { schemas = {} } = (document.components ?? {}) as { schemas?: JsonObject };
    for (const [name, schema] of Object.entries(schemas)) definitions[name] ??= schemaOf(schema);
  }
  const parameters = share(paths);
  return {
    swagger: "2.0",
    info: title,
    paths: ordered(paths),
    definitions: ordered(definitions),
    parameters,
    securityDefinitions: {
      BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" },
    },
    security: [{ BearerToken: [] }],
  };
}
