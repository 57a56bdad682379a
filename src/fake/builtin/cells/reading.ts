/**
 * Ways to read an object for a cell of a Table.
 *
 * @module
 */
import { age } from "../../output/age.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import type { Column } from "../../types/resource.ts";

/** What stands in a cell, by the name of the column. */
export type Cells = Readonly<Record<string, Column["cell"]>>;

/** The value at a path. Pure. */
export function at(object: Json | undefined, ...path: string[]): Json | undefined {
  let value: Json | undefined = object;
  for (const step of path) value = isObject(value) ? value[step] : undefined;
  return value;
}
/** The text at a path: `""` where there is none. Pure. */
export const text = (object: Json | undefined, ...path: string[]): string => String(at(object, ...path) ?? "");
/** The number at a path: 0 where there is none. Pure. */
export const number = (object: Json | undefined, ...path: string[]): number => Number(at(object, ...path) ?? 0);
/** The objects of the list at a path. Pure. */
export const items = (object: Json | undefined, ...path: string[]): readonly JsonObject[] => {
  const value = at(object, ...path);
  return Array.isArray(value) ? value.filter(isObject) : [];
};
/** The texts of the list at a path. Pure. */
export const texts = (object: Json | undefined, ...path: string[]): readonly string[] => {
  const value = at(object, ...path);
  return Array.isArray(value) ? value.map(String) : [];
};
/** How many members there are at a path. Pure. */
export const size = (object: Json | undefined, ...path: string[]): number => {
  const value = at(object, ...path);
  return value === null || typeof value !== "object" ? 0 : Object.keys(value).length;
};
/** A cell with the text at a path, or another one where there is none. Pure. */
export const read = (path: string, other: string = ""): Column["cell"] => (object) => text(object, ...path.split(".")) || other;
/** A cell with the number at a path. Pure. */
export const count = (path: string): Column["cell"] => (object) => number(object, ...path.split("."));
/** A cell with the value at a path: false where there is none. Pure. */
export const flag = (path: string): Column["cell"] => (object) => at(object, ...path.split(".")) === true;
/** How long ago a time was. Pure. */
export const since = (time: Json | undefined, now: number): string =>
  age(typeof time === "string" ? time : undefined, now) ?? "<unknown>";

/** Labels as a selector: `a=b,c=d`. Pure. */
export function labelText(labels: Json | undefined): string {
  if (!isObject(labels) || Object.keys(labels).length === 0) return "<none>";
  return Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => `${key}=${value}`).join(",");
}

const operators: Readonly<Record<string, string>> = { In: "in", NotIn: "notin", Exists: "", DoesNotExist: "!" };

/** A label selector as it is printed: all where it is empty. Pure. */
export function selectorText(selector: Json | undefined, all: string = "<none>"): string {
  if (!isObject(selector)) return all;
  const terms = Object.entries((selector.matchLabels ?? {}) as JsonObject).map(([key, value]) =>
    [key, `${key}=${value}`] as const
  );
  const more = items(selector, "matchExpressions").map((each) => {
    const [key, operator] = [text(each, "key"), text(each, "operator")];
    const values = `(${[...texts(each, "values")].sort().join(",")})`;
    const shown = operator === "Exists"
      ? key
      : operator === "DoesNotExist"
      ? `!${key}`
      : `${key} ${operators[operator]} ${values}`;
    return [key, shown] as const;
  });
  const shown = [...terms, ...more].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([, each]) => each).join(",");
  return shown === "" ? all : shown;
}

/** Names, images, and who is selected: of what has a template of pods. Pure. */
export const templateCells = (path: string, selector?: Column["cell"]): Cells => {
  const containers = (object: JsonObject) => items(object, ...path.split("."), "spec", "containers");
  return {
    Containers: (object) => containers(object).map((each) => text(each, "name")).join(","),
    Images: (object) => containers(object).map((each) => text(each, "image")).join(","),
    ...selector && { Selector: selector },
  };
};
