/**
 * Go types in a line each, as `src/fake/builtin/go-types.ts` reads them.
 *
 * @module
 */
import { isObject, type JsonObject } from "../../../src/fake/types/json.ts";

interface GoField {
  readonly name: string;
  /** A scalar, or the identity of a struct; `[` before it for a list, `{` for a map. */
  readonly type: string;
  readonly empty: "omit" | "keep" | "null" | "always";
  readonly merge?: string;
  readonly key?: string;
  /** Numbers in protobuf, from the outside in. */
  readonly wire?: string;
  /** What Go calls its type, where that has a name, or is made of such that have. */
  readonly named?: string;
}

/** What the program in `types/` prints. */
export interface GoTypes {
  /** The type of each kind, by `group/version/kind`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly structs: Readonly<Record<string, { readonly go: string; readonly fields: readonly GoField[] }>>;
}

const marks = { omit: "?", keep: "*", null: "^", always: "!" };

/** How OpenAPI calls a Go type. Pure. */
export function schemaNameOf(identity: string): string {
  const at = identity.lastIndexOf(".");
  const [repository, ...steps] = identity.slice(0, at).split("/");
  return ["io.k8s", repository, ...steps].join(".") + identity.slice(at);
}

function details(field: GoField, schema: JsonObject | undefined): string {
  const said: string[] = [];
  if (field.wire !== undefined) said.push(`#${field.wire}`);
  if (field.named !== undefined) said.push(`n${field.named}`);
  if (field.merge?.includes("merge")) said.push(`m${field.key ?? ""}`);
  if (field.merge?.includes("retainKeys")) said.push("r");
  const listType = schema?.["x-kubernetes-list-type"];
  const keys = schema?.["x-kubernetes-list-map-keys"];
  if (listType !== undefined && listType !== "atomic") said.push(`l${Array.isArray(keys) ? keys.join(",") : ""}`);
  const mapType = schema?.["x-kubernetes-map-type"];
  if (mapType === "atomic" || mapType === "granular") said.push(mapType[0]!);
  const fallback = schema?.default;
  if (fallback !== undefined && !isObject(fallback)) said.push(`d${JSON.stringify(fallback)}`);
  return said.join(";");
}

/** The types that some types are made of: `identity|name in Go|atomic or nothing|field field ...`. */
export function structsOf(types: GoTypes, roots: readonly string[], schemas: Readonly<Record<string, JsonObject>>): string {
  const found = new Set<string>();
  const visit = (identity: string): void => {
    if (found.has(identity) || !types.structs[identity]) return;
    found.add(identity);
    for (const { type } of types.structs[identity]!.fields) visit(type.replace(/^[[{]+/, ""));
  };
  roots.forEach(visit);
  const lines = [...found].map((identity) => {
    const { go, fields } = types.structs[identity]!;
    const schema = schemas[schemaNameOf(identity)];
    const properties = isObject(schema?.properties) ? schema.properties : {};
    const atomic = schema?.["x-kubernetes-map-type"] === "atomic" ? "a" : "";
    const members = fields.map((field) => {
      const type = field.type.replace(/[^[{]+$/, (name) => types.structs[name] ? `@${[...found].indexOf(name)}` : name);
      const more = details(field, properties[field.name] as JsonObject | undefined);
      return `${field.name}${marks[field.empty]}${type}${more === "" ? "" : `;${more}`}`;
    });
    return [identity, go, atomic, members.join(" ")].join("|");
  });
  return lines.join("\n");
}
