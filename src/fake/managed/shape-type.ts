/**
 * The field types of Go types.
 *
 * @module
 */
import { deduced, type FieldType, type NamedField } from "./field-type.ts";
import type { Json } from "../types/json.ts";
import type { ListShape, Shape, Struct } from "../types/shape.ts";

type Open = { -readonly [key in keyof FieldType]: FieldType[key] };

const scalars: Readonly<Record<string, FieldType>> = {
  string: { scalar: "string" },
  bytes: { scalar: "string" },
  bool: { scalar: "boolean" },
  int32: { scalar: "numeric" },
  int64: { scalar: "numeric" },
  float64: { scalar: "numeric" },
  any: deduced,
  raw: { ...deduced, map: { atomic: true, fields: new Map(), rest: deduced } },
  intOrString: deduced,
  orBool: deduced,
  orList: deduced,
};
/** Texts with a format, and what may be a number as well. */
const formatted: FieldType = { scalar: "untyped" };

const known = new WeakMap<Shape, FieldType>();

const zeros: Readonly<Record<string, Json>> = { string: "", bool: false, int32: 0, int64: 0, float64: 0 };

function fieldsOf(struct: Struct): Map<string, NamedField> {
  return new Map(struct.fields.map((field) => {
    const type = shapeType(field.shape);
    // What is always printed is there, too, where it was not given.
    const preset = field.default ?? (field.empty === "always" ? zeros[field.shape.type] : undefined);
    return [field.name, preset === undefined ? { type } : { type, default: preset }];
  }));
}

function ownedAs({ listType = "atomic", listMapKeys = [] }: ListShape) {
  return { owned: listType, keys: listType === "map" ? listMapKeys : [] };
}

/** The field type of a Go type. Pure. */
export function shapeType(shape: Shape): FieldType {
  if (shape.type !== "struct" && shape.type !== "list" && shape.type !== "map") return scalars[shape.type] ?? formatted;
  const found = known.get(shape);
  if (found) return found;
  // Taken note of before what is in it: a struct may contain itself.
  const type: Open = {};
  known.set(shape, type);
  if (shape.type === "list") type.list = { of: shapeType(shape.of), ...ownedAs(shape) };
  else if (shape.type === "map") type.map = { atomic: shape.mapType === "atomic", fields: new Map(), rest: shapeType(shape.of) };
  else type.map = { atomic: shape.mapType === "atomic", fields: fieldsOf(shape) };
  return type;
}
