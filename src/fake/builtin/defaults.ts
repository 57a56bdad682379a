/**
 * What the server adds to what it decodes, by Go type: wherever such a struct stands, in a pod or in the template of a job.
 *
 * @module
 */
import { clone, isObject, type Json, type JsonObject } from "../types/json.ts";
import { roundedToMilli } from "../types/quantity.ts";
import type { Shape, Struct } from "../types/shape.ts";
import { defaults, type Fill } from "./default-values.ts";

const reached = new Map<string, boolean>();

/** Groups whose resource lists are left as they are written. */
const leaving = /^api\/(node|resource)\//;
/** Whether a member is a resource list: no amount in one is less than a thousandth, or between two. */
const isAmounts = ({ identity }: Struct, shape: Shape) =>
  shape.type === "map" && shape.of.type === "quantity" && !leaving.test(identity!);
/** What is left out of this, although it is of types that have defaults elsewhere. */
const bare: readonly string[] = ["api/storage/v1.VolumeAttachmentSource"];

function roundUp(amounts: JsonObject): void {
  for (const [name, amount] of Object.entries(amounts)) amounts[name] = roundedToMilli(String(amount));
}

function structIn(shape: Shape): Struct | undefined {
  if (shape.type === "list" || shape.type === "map") return structIn(shape.of);
  return shape.type === "struct" ? shape : undefined;
}

/** Whether a struct, or one inside of it, has defaults. */
function reaches(struct: Struct): boolean {
  const { identity } = struct;
  if (identity === undefined || bare.includes(identity)) return false;
  const known = reached.get(identity);
  if (known !== undefined) return known;
  // Of those that contain themselves, the other members decide.
  reached.set(identity, false);
  const found = Object.hasOwn(defaults, identity) || struct.fields.some(({ shape }) => {
    if (isAmounts(struct, shape)) return true;
    const inner = structIn(shape);
    return inner !== undefined && reaches(inner);
  });
  reached.set(identity, found);
  return found;
}

/** Whether the zero of a member is no word: where Go has no pointer, nobody can tell that it was given. */
const isPlain = ({ fields }: Struct, name: string) =>
  ["omit", "always"].includes(fields.find((field) => field.name === name)?.empty ?? "omit");

function fill(struct: Struct, object: JsonObject, { values = {}, derive }: Fill): void {
  for (const [name, value] of Object.entries(values)) {
    const given = object[name];
    if (given === undefined || given === null || (given === "" && isPlain(struct, name))) object[name] = clone(value);
  }
  derive?.(object);
}

function inside(shape: Shape, value: Json | undefined): void {
  if (shape.type === "list" && Array.isArray(value)) value.forEach((item) => inside(shape.of, item));
  else if (shape.type === "map" && isObject(value)) Object.values(value).forEach((item) => inside(shape.of, item));
  else if (shape.type === "struct" && isObject(value)) applyDefaults(shape, value);
}

/** Adds what is not said to a decoded object, and to the structs in it. */
export function applyDefaults(struct: Struct, object: JsonObject): void {
  if (!reaches(struct)) return;
  const own = defaults[struct.identity!];
  if (own) fill(struct, object, own);
  for (const { name, shape } of struct.fields) {
    const value = object[name];
    if (isObject(value) && isAmounts(struct, shape)) roundUp(value);
    const inner = structIn(shape);
    if (inner && object[name] !== undefined && reaches(inner)) inside(shape, object[name]);
  }
}
