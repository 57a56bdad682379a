/**
 * The Go types of the built-in kinds, read from their records when they are touched.
 *
 * @module
 */
import { type Field, goType, type ListShape, type MapShape, type Shape, type Struct } from "../types/shape.ts";
import { objectMeta } from "../types/shapes.ts";
import { structs as records } from "./data/structs.ts";

const empties = { "?": "omit", "*": "keep", "^": "null", "!": "always" } as const;

/** One record: `identity|name in Go|a where it is atomic|member member ...`. */
interface Line {
  readonly identity: string;
  readonly go: string;
  readonly atomic: boolean;
  readonly members: string;
}

let lines: readonly Line[] | undefined;
let places: ReadonlyMap<string, number> | undefined;
const read = new Map<number, Struct>();

function allLines(): readonly Line[] {
  return lines ??= records.split("\n").map((line) => {
    const [identity, go, atomic, members] = line.split("|");
    return { identity: identity!, go: go!, atomic: atomic === "a", members: members! };
  });
}

function scalar(type: string): Shape {
  return { type } as Shape;
}

function shapeOf(text: string): Shape {
  if (text.startsWith("[")) return { type: "list", of: shapeOf(text.slice(1)) };
  if (text.startsWith("{")) return { type: "map", of: shapeOf(text.slice(1)) };
  return text.startsWith("@") ? structAt(Number(text.slice(1))) : scalar(text);
}

/** A type that Go calls otherwise than by what it is made of. */
function called(shape: Shape, name: string): Shape {
  if (shape.type === "list") {
    return name.startsWith("[]") ? { ...shape, of: called(shape.of, name.slice(2)) } : { ...shape, named: name };
  }
  if (shape.type === "map") {
    const [head] = /^map\[[^\]]*\]/.exec(name) ?? [""];
    return { ...shape, named: name, ...head !== "" && { of: called(shape.of, name.slice(head.length)) } };
  }
  return shape.type === "struct" || "of" in shape || goType(shape) === name ? shape : { ...shape, named: name };
}

/** What is said of a member behind its type. */
function detailed(shape: Shape, details: readonly string[]): Shape {
  let result = shape;
  for (const detail of details) {
    if (detail.startsWith("n")) result = called(result, detail.slice(1));
    else if (detail.startsWith("l")) {
      const keys = detail.slice(1).split(",").filter((key) => key !== "");
      const list = result as ListShape;
      result = keys.length > 0 ? { ...list, listType: "map", listMapKeys: keys } : { ...list, listType: "set" };
    } else if (detail === "a" || detail === "g") {
      const mapType = detail === "a" ? "atomic" : "granular";
      result = result.type === "struct" ? owned(result, mapType) : { ...result as MapShape, mapType };
    }
  }
  return result;
}

/** A view of a struct whose members are still read when they are touched. */
const owned = (struct: Struct, mapType: "atomic" | "granular"): Struct => ({
  type: "struct",
  name: struct.name,
  identity: struct.identity,
  mapType,
  get fields() {
    return struct.fields;
  },
});

function memberOf(text: string): Field {
  const [head, ...details] = text.split(";") as [string, ...string[]];
  const [, name, mark, type] = /^([^?*^!]+)([?*^!])(.+)$/.exec(head)!;
  const detail = (letter: string) => details.find((each) => each.startsWith(letter))?.slice(1);
  const shape = detailed(shapeOf(type!), details);
  const [wire, merge, fallback] = [detail("#"), detail("m"), detail("d")];
  return {
    name: name!,
    shape,
    empty: empties[mark as keyof typeof empties],
    ...wire !== undefined && { wire: wire.split(".").map(Number) },
    ...merge !== undefined && { merge },
    ...fallback !== undefined && { default: JSON.parse(fallback) },
    ...(shape.type === "list" || shape.type === "map") && { nil: true },
  };
}

/** Lists of which the server tells one without items from none, by the struct that they are in. */
const toldFromNone: Readonly<Record<string, readonly string[]>> = { "api/autoscaling/v2.HPAScalingRules": ["policies"] };

function structAt(place: number): Struct {
  const known = read.get(place);
  if (known) return known;
  const { identity, go, atomic, members } = allLines()[place]!;
  if (identity === "apimachinery/pkg/apis/meta/v1.ObjectMeta") return objectMeta;
  let fields: readonly Field[] | undefined;
  const struct: Struct = {
    type: "struct",
    name: go,
    identity,
    ...atomic && { mapType: "atomic" },
    get fields() {
      const told = toldFromNone[identity] ?? [];
      return fields ??= members === ""
        ? []
        : members.split(" ").map(memberOf).map((field) => told.includes(field.name) ? { ...field, empty: "keep" } : field);
    },
  };
  read.set(place, struct);
  return struct;
}

/** A Go type by its package and name, as in `api/core/v1.Pod`. @throws {Error} when it is not recorded. */
export function goStruct(identity: string): Struct {
  places ??= new Map(allLines().map((line, place) => [line.identity, place]));
  const place = places.get(identity);
  if (place === undefined) throw new Error(`No Go type ${identity} is recorded`);
  return structAt(place);
}
