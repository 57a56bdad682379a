/**
 * Whether a schema is structural: says in one place what each value looks like, so that values can be pruned by it.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, required } from "../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { patternFault } from "../types/re2.ts";
import { isEmbedded } from "../schema/walk.ts";

type Level = "root" | "item" | "field";

const intOrString: Json = [{ type: "integer" }, { type: "string" }];
const partsOf = (schema: JsonObject, name: string): JsonObject[] => {
  const parts = schema[name];
  return Array.isArray(parts) ? parts.filter(isObject) : [];
};
const propertiesOf = (schema: JsonObject): [string, JsonObject][] =>
  Object.entries(isObject(schema.properties) ? schema.properties : {}).map(([name, own]) => [name, isObject(own) ? own : {}]);
const isIntOrString = (schema: JsonObject) => schema["x-kubernetes-int-or-string"] === true;
const preserves = (schema: JsonObject) => schema["x-kubernetes-preserve-unknown-fields"] === true;
const typeOf = (schema: JsonObject) => typeof schema.type === "string" ? schema.type : "";

/** What is wrong inside of allOf, anyOf, oneOf and not: they may restrict values, and not describe them. */
const restrictionsOnly: readonly (readonly [member: string, why: string])[] = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

/** Finds what is wrong with the structure of a schema, and with the patterns in it. */
class Structure {
  readonly errors: FieldError[] = [];

  schema(schema: JsonObject, level: Level, path: string): void {
    const type = typeOf(schema);
    if (type === "array" && !isObject(schema.items)) this.errors.push(required(`${path}.items`, "must be specified"));
    if (isObject(schema.items)) this.schema(schema.items, "item", `${path}.items`);
    for (const [name, property] of propertiesOf(schema)) this.schema(property, "field", `${path}.properties[${name}]`);
    const additional = schema.additionalProperties;
    if (additional !== undefined) {
      if (level === "root") this.errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
      if (isObject(additional)) this.schema(additional, "field", `${path}.additionalProperties`);
    }
    this.#extensions(schema, path);
    this.#values(schema, path);
    this.#type(schema, level, path);
    this.#embedded(schema, level, path);
  }

  #extensions(schema: JsonObject, path: string): void {
    const why = "must be false if x-kubernetes-int-or-string is true";
    if (!isIntOrString(schema)) return;
    if (preserves(schema)) this.errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, why));
    if (isEmbedded(schema)) this.errors.push(invalid(`${path}.x-kubernetes-embedded-resource`, true, why));
  }

  #type(schema: JsonObject, level: Level, path: string): void {
    const type = typeOf(schema);
    const field = `${path}.type`;
    if (isEmbedded(schema) && type !== "object") {
      const why = "must be object if x-kubernetes-embedded-resource is true";
      this.errors.push(type === "" ? required(field, why) : invalid(field, type, why));
    } else if (type === "" && !isIntOrString(schema) && !preserves(schema)) {
      const where = { root: "at the root", item: "for specified array items", field: "for specified object fields" }[level];
      this.errors.push(required(field, `must not be empty ${where}`));
    }
    if (isEmbedded(schema) && schema.additionalProperties !== undefined) {
      const why = "must not be used if x-kubernetes-embedded-resource is set";
      this.errors.push(forbidden(`${path}.additionalProperties`, why));
    }
    if (level === "root" && type !== "" && type !== "object") {
      this.errors.push(invalid(field, type, "must be object at the root"));
    }
  }

  /** The kind and the metadata that whole objects have in any case. */
  #embedded(schema: JsonObject, level: Level, path: string): void {
    const whole = level === "root" || isEmbedded(schema);
    const properties = isObject(schema.properties) ? schema.properties : {};
    for (const [name, type] of [["kind", "string"], ["apiVersion", "string"], ["metadata", "object"]] as const) {
      const own = properties[name];
      if (whole && isObject(own) && typeOf(own) !== type) {
        this.errors.push(invalid(`${path}.properties[${name}].type`, typeOf(own), `must be ${type}`));
      }
    }
    const { metadata } = properties;
    if (level === "root" && isObject(metadata) && !restrictsNamesOnly(metadata)) {
      const why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
      this.errors.push(forbidden(`${path}.properties[metadata]`, why));
    }
    if (isEmbedded(schema) && !preserves(schema) && Object.keys(properties).length === 0) {
      const why = "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
      this.errors.push(required(`${path}.properties`, why));
    }
  }

  /** Restrictions of values. `anyOf: [{type: integer}, {type: string}]` may stand in two places. */
  #values(schema: JsonObject, path: string, nested: boolean = false): void {
    const [first] = partsOf(schema, "allOf");
    const isPattern = (parts: Json | undefined) => !nested && equal(parts, intOrString);
    if (!isPattern(schema.anyOf)) {
      partsOf(schema, "anyOf").forEach((part, index) => this.#nested(part, `${path}.anyOf[${index}]`));
    }
    partsOf(schema, "allOf").forEach((part, index) => {
      this.#nested(part, `${path}.allOf[${index}]`, part === first && isPattern(part.anyOf));
    });
    partsOf(schema, "oneOf").forEach((part, index) => this.#nested(part, `${path}.oneOf[${index}]`));
    if (isObject(schema.not)) this.#nested(schema.not, `${path}.not`);
    this.#pattern(schema, path);
  }

  #pattern({ pattern }: JsonObject, path: string): void {
    const fault = typeof pattern === "string" && pattern !== "" ? patternFault(pattern) : undefined;
    if (fault !== undefined) {
      this.errors.push(invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${fault}`));
    }
  }

  #nested(part: JsonObject, path: string, skipsAnyOf: boolean = false): void {
    const { anyOf: _, ...others } = part;
    this.#values(skipsAnyOf ? others : part, path, true);
    if (isObject(part.items)) this.#nested(part.items, `${path}.items`);
    for (const [name, property] of propertiesOf(part)) this.#nested(property, `${path}.properties[${name}]`);
    for (const [member, why] of restrictionsOnly) {
      const own = part[member];
      if (own !== undefined && own !== false) this.errors.push(forbidden(`${path}.${member}`, why));
    }
    if (isObject(part.properties) && part.properties.metadata !== undefined) {
      this.errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
    }
  }
}

function restrictsNamesOnly(metadata: JsonObject): boolean {
  const { type: _type, default: _default, properties, ...rest } = metadata;
  const names = propertiesOf({ properties }).map(([name]) => name);
  return names.every((name) => name === "name" || name === "generateName") && Object.keys(rest).length === 0;
}

/** Checks the structure of a schema. Pure. @returns Errors in alphabetic order, as the server sorts them. */
export function structuralErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const structure = new Structure();
  structure.schema(schema, "root", path);
  const shown = (error: FieldError) => `${error.field}: ${error.text}`;
  return structure.errors.sort((a, b) => byBytes(shown(a), shown(b)));
}

const forbiddenMembers = ["id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"];

/** Why no structural schema can be made of a schema, by the first reason that the server meets; nothing where it can. Pure. */
export function conversionFault(schema: JsonObject): string | undefined {
  for (const member of forbiddenMembers) {
    const own = schema[member];
    if (own !== undefined && own !== "") return `OpenAPIV3Schema '${member.replace("$schema", "schema")}' is not supported`;
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const inner = [
    schema.not,
    ...["allOf", "anyOf", "oneOf"].flatMap((name) => partsOf(schema, name)),
    schema.items,
    ...propertiesOf(schema).map(([, own]) => own),
    schema.additionalProperties,
  ];
  for (const each of inner) {
    const fault = isObject(each) ? conversionFault(each) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}
