/**
 * Parts of built-in objects as the server has them in itself, in Go structs without names for JSON: that is how it shows the
 * difference of two where it refuses a change, and how it finds that there is none.
 *
 * @module
 */
import { asGiven } from "../types/emptiness.ts";
import { encode, equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { amountOf } from "../types/quantity.ts";
import { unifiedDiff } from "../types/unified-diff.ts";
import { internals } from "./data/internals.ts";

/** A member: its name in Go, its name in JSON, and its type. */
interface Member {
  readonly name: string;
  readonly json: string;
  readonly type: string;
}

let types: ReadonlyMap<string, readonly Member[]> | undefined;

/** One record: `Type|Name[=json] type,...`; in JSON a name begins with a small letter where nothing else is said. */
function membersOf(name: string): readonly Member[] {
  types ??= new Map(
    internals.split("\n").map((line) => {
      const [type, members] = line.split("|") as [string, string];
      return [
        type,
        members.split(",").map((text) => {
          const [names, kind] = text.split(" ") as [string, string];
          const [go, json = go[0]!.toLowerCase() + go.slice(1)] = names.split("=") as [string, string?];
          return { name: go, json, type: kind };
        }),
      ];
    }),
  );
  const found = types.get(name);
  if (!found) throw new Error(`No internal type ${name} is recorded`);
  return found;
}

/** What is written for a value that is not there: of the types that are no pointers, lists or maps. */
const zeros: Readonly<Record<string, Json>> = { s: "", i: 0, b: false, q: "0" };

/** How a value is written: to be read, or to be compared, where other ways to write an amount and emptiness do not count. */
type Purpose = "read" | "compare";

const isEmpty = (value: Json) => Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;

function formOf(type: string, value: Json | undefined, purpose: Purpose): Json {
  const [mark, rest] = [type[0]!, type.slice(1)];
  if (mark === "*") return value === undefined || value === null ? null : formOf(rest, value, purpose);
  if (mark === "@") return structForm(rest, isObject(value) ? value : {}, purpose);
  if (mark === "[" || mark === "{") {
    if (value === undefined || value === null || (purpose === "compare" && isEmpty(value))) return null;
    if (Array.isArray(value)) return value.map((item) => formOf(rest, item, purpose));
    const names = Object.keys(value as JsonObject).sort(byBytes);
    return Object.fromEntries(names.map((name) => [name, formOf(rest, (value as JsonObject)[name], purpose)]));
  }
  if (value === undefined || value === null) return zeros[type] ?? null;
  return type === "q" && purpose === "compare" ? String(amountOf(value)) : value;
}

function structForm(name: string, value: JsonObject, purpose: Purpose): JsonObject {
  const form: JsonObject = {};
  for (const { name: member, json, type } of membersOf(name)) {
    // An embedded struct that has names for JSON: its members are the form's own.
    if (member === "+") Object.assign(form, value[json]);
    else form[member] = formOf(type, asGiven(value, json), purpose);
  }
  return form;
}

const ofNode = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

/** What a pod says of its node's network, processes and users is part of its security inside. */
function inside(type: string, value: JsonObject): JsonObject {
  if (type !== "PodSpec") return value;
  const moved = Object.fromEntries(ofNode.filter((name) => value[name] !== undefined).map((name) => [name, value[name]!]));
  return { ...value, securityContext: { ...(value.securityContext as JsonObject | undefined), ...moved } };
}

/** A value as the server has it in itself: so it is shown where all of it is what is wrong. Pure. */
export const formInside = (type: string, value: JsonObject): JsonObject => structForm(type, inside(type, value), "read");

/** Whether two values mean the same: empty lists are none, and amounts may be written otherwise. Pure. */
export const sameInside = (type: string, one: JsonObject, other: JsonObject): boolean =>
  equal(structForm(type, inside(type, one), "compare"), structForm(type, inside(type, other), "compare"));

/** How two values differ, as the server shows it. Pure. @param type Such as `PodSpec`. */
export function differenceInside(type: string, before: JsonObject, after: JsonObject): string {
  const [one, other] = [before, after].map((value) => encode(structForm(type, inside(type, value), "read"), 1));
  return unifiedDiff(one!, other!);
}
