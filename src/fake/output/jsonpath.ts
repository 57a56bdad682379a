/**
 * The part of Kubernetes' JSONPath that printer columns and selectable fields use.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";

type Step =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all" }
  | { readonly kind: "filter"; readonly path: readonly Step[]; readonly operator: string; readonly value: Json | undefined };

/** A path that was read. */
export type Path = readonly Step[];

function parseFilter(text: string): Step {
  const match = /^@((?:\.[\w-]+|\['[^']*'\]|\["[^"]*"\])+)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text.trim());
  if (!match) return { kind: "filter", path: [], operator: "never", value: undefined };
  const literal = match[3]?.trim();
  const value = literal === undefined ? undefined : /^['"]/.test(literal) ? literal.slice(1, -1) : JSON.parse(literal) as Json;
  return { kind: "filter", path: parsePath(match[1]!), operator: match[2] ?? "exists", value };
}

/** Reads a path such as `.status.conditions[?(@.type=="Ready")].status`. Pure. */
export function parsePath(text: string): Path {
  const steps: Step[] = [];
  const rule = /\.?\[\?\((.*?)\)\]|\.?\[(\*|-?\d+)\]|\[['"]([^'"]*)['"]\]|\.((?:\\.|[^.[\]\\])+)/y;
  let at = 0;
  const source = text.startsWith(".") || text.startsWith("[") ? text : `.${text}`;
  while (at < source.length) {
    rule.lastIndex = at;
    const match = rule.exec(source);
    if (!match) return [{ kind: "filter", path: [], operator: "never", value: undefined }];
    at = rule.lastIndex;
    if (match[1] !== undefined) steps.push(parseFilter(match[1]));
    else if (match[2] !== undefined) steps.push(match[2] === "*" ? { kind: "all" } : { kind: "index", index: Number(match[2]) });
    else if (match[4] === "*") steps.push({ kind: "all" });
    else steps.push({ kind: "member", name: match[3] ?? match[4]!.replace(/\\(.)/g, "$1") });
  }
  return steps;
}

function holds(step: Step & { kind: "filter" }, item: Json): boolean {
  const found = isObject(item) ? evaluatePath(step.path, item)[0] : undefined;
  const value = step.value;
  switch (step.operator) {
    case "exists":
      return found !== undefined;
    case "==":
      return found === value;
    case "!=":
      return found !== undefined && found !== value;
    case "<":
      return found !== undefined && found !== null && value !== undefined && value !== null && found < value;
    case ">":
      return found !== undefined && found !== null && value !== undefined && value !== null && found > value;
    case "<=":
      return found !== undefined && found !== null && value !== undefined && value !== null && found <= value;
    case ">=":
      return found !== undefined && found !== null && value !== undefined && value !== null && found >= value;
    default:
      return false;
  }
}

function follow(step: Step, value: Json): Json[] {
  const items = Array.isArray(value) ? value : isObject(value) && step.kind === "all" ? Object.values(value) as Json[] : [];
  switch (step.kind) {
    case "member": {
      const member = isObject(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
      return member === undefined ? [] : [member];
    }
    case "index": {
      const item = items.at(step.index);
      return item === undefined ? [] : [item];
    }
    case "all":
      return items;
    case "filter":
      return items.filter((item) => holds(step, item));
  }
}

/** All values that a path leads to. Pure. */
export const evaluatePath = (path: Path, object: JsonObject): readonly Json[] =>
  path.reduce<Json[]>((values, step) => values.flatMap((value) => follow(step, value)), [object]);
