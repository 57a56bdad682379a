/**
 * Sets of fields: which fields of an object somebody owns.
 *
 * @module
 */
import { compareElements, type PathElement, PathElementError, readElement } from "./path-element.ts";
import { isObject, type Json } from "../types/json.ts";

/**
 * A set in the very form of `FieldsV1`: a tree of path elements. A node below the root is itself a member when it is
 * empty or has a `.`; the root never is. Sets are frozen, what is equal is shared, and members are in alphabetic order.
 */
export interface FieldSet {
  readonly [element: PathElement]: FieldSet;
}

/** The way to a field. */
export type Path = readonly PathElement[];

const self = ".";
/** The set without members; as a node, a member without any below it. */
export const emptySet: FieldSet = Object.freeze({});
const none: readonly string[] = [];

const hasOwn = (node: FieldSet, element: string) => Object.hasOwn(node, element);

/** Whether a set has no members. Pure. */
export const isEmpty = (set: FieldSet): boolean => set === emptySet || Object.keys(set).length === 0;
const isLeaf = isEmpty;

const isMember = (node: FieldSet) => hasOwn(node, self) || isLeaf(node);
const below = (node: FieldSet): readonly string[] => {
  if (node === emptySet) return none;
  const keys = Object.keys(node);
  return hasOwn(node, self) ? keys.filter((key) => key !== self) : keys;
};

/** A node of what is below it. Pure. @param member Whether it is one itself. @returns Nothing where there is nothing. */
export function nodeOf(member: boolean, kids: readonly (readonly [string, FieldSet])[]): FieldSet | undefined {
  if (kids.length === 0) return member ? emptySet : undefined;
  const node: Record<string, FieldSet> = {};
  if (member) node[self] = emptySet;
  for (const [element, kid] of kids) node[element] = kid;
  return Object.freeze(node);
}

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => a < b ? -1 : 1;

function unionNodes(a: FieldSet, b: FieldSet, root: boolean): FieldSet {
  if (a === b) return a;
  const member = !root && (isMember(a) || isMember(b));
  const kids: (readonly [string, FieldSet])[] = [];
  let changed = !root && member !== isMember(a);
  let added = false;
  for (const element of below(a)) {
    const own = a[element]!;
    const kid = hasOwn(b, element) ? unionNodes(own, b[element]!, false) : own;
    changed ||= kid !== own;
    kids.push([element, kid]);
  }
  for (const element of below(b)) {
    if (hasOwn(a, element)) continue;
    added = true;
    kids.push([element, b[element]!]);
  }
  if (!changed && !added) return a;
  return nodeOf(member, added ? kids.sort(byText) : kids)!;
}

/** What is in one set or the other. Pure. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  return isEmpty(a) ? b : unionNodes(a, b, true);
}

function intersectNodes(a: FieldSet, b: FieldSet, root: boolean): FieldSet | undefined {
  if (a === b) return a;
  const kids: (readonly [string, FieldSet])[] = [];
  for (const element of below(a)) {
    const kid = hasOwn(b, element) ? intersectNodes(a[element]!, b[element]!, false) : undefined;
    if (kid) kids.push([element, kid]);
  }
  return nodeOf(!root && isMember(a) && isMember(b), kids);
}

/** What is in both sets. Pure. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmpty(a) || isEmpty(b) ? emptySet : intersectNodes(a, b, true) ?? emptySet;

function subtractNodes(a: FieldSet, b: FieldSet, root: boolean): FieldSet | undefined {
  const member = !root && isMember(a) && !isMember(b);
  let changed = !root && member !== isMember(a);
  const kids: (readonly [string, FieldSet])[] = [];
  for (const element of below(a)) {
    const own = a[element]!;
    const kid = hasOwn(b, element) ? subtractNodes(own, b[element]!, false) : own;
    changed ||= kid !== own;
    if (kid) kids.push([element, kid]);
  }
  return changed ? nodeOf(member, kids) : a;
}

/** What is in the first set and not in the second; what is below a member of the second stays. Pure. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmpty(a) || isEmpty(b) ? a : subtractNodes(a, b, true) ?? emptySet;

function cutNodes(a: FieldSet, b: FieldSet, root: boolean): FieldSet | undefined {
  let changed = false;
  const kids: (readonly [string, FieldSet])[] = [];
  for (const element of below(a)) {
    const own = a[element]!;
    const other = hasOwn(b, element) ? b[element]! : undefined;
    const kid = !other ? own : isMember(other) ? undefined : cutNodes(own, other, false);
    changed ||= kid !== own;
    if (kid) kids.push([element, kid]);
  }
  return changed ? nodeOf(!root && isMember(a), kids) : a;
}

/** What is in the first set, without the members of the second and all that is below them. Pure. */
export const without = (a: FieldSet, b: FieldSet): FieldSet => isEmpty(a) || isEmpty(b) ? a : cutNodes(a, b, true) ?? emptySet;

/** What is below a path element; the root knows nothing of itself. Pure. @returns Nothing where nothing is below it. */
export function descend(set: FieldSet, element: PathElement): FieldSet | undefined {
  const node = hasOwn(set, element) ? set[element]! : undefined;
  return node === undefined || below(node).length === 0 ? undefined : node;
}

/** Whether a path element is a member itself. Pure. */
export const hasMember = (set: FieldSet, element: PathElement): boolean => hasOwn(set, element) && isMember(set[element]!);

/** Whether a path is in a set. Pure. */
export function has(set: FieldSet, path: Path): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path.slice(0, -1)) {
    node = hasOwn(node, element) ? node[element]! : undefined;
    if (!node) return false;
  }
  return path.length > 0 && hasMember(node, path.at(-1)!);
}

/** The path elements that have members below them. Pure. */
export const parents = (set: FieldSet): readonly PathElement[] => below(set).filter((element) => below(set[element]!).length > 0);

/** The path elements that are members themselves. Pure. */
export const members = (set: FieldSet): readonly PathElement[] => below(set).filter((element) => isMember(set[element]!));

/** All paths of a set, in the order in which the server tells them. Pure. */
export function* paths(set: FieldSet, prefix: Path = []): Generator<Path> {
  for (const element of [...members(set)].sort(compareElements)) yield [...prefix, element];
  for (const element of [...parents(set)].sort(compareElements)) yield* paths(set[element]!, [...prefix, element]);
}

interface Growing {
  [element: PathElement]: Growing;
}

function frozen(node: Growing): FieldSet {
  const keys = Object.keys(node);
  if (keys.length === 0) return emptySet;
  const copy: Record<string, FieldSet> = {};
  for (const key of keys.sort()) copy[key] = frozen(node[key]!);
  return Object.freeze(copy);
}

/** Collects paths to a set. */
export class FieldSetBuilder {
  readonly #root: Growing = {};
  #isEmpty = true;

  /** Adds a path. The empty one, the whole object, belongs to nobody. */
  add(path: Path): void {
    if (path.length === 0) return;
    let node = this.#root;
    for (let at = 0; at < path.length; at++) {
      const element = path[at]!;
      const next = Object.hasOwn(node, element) ? node[element] : undefined;
      const last = at === path.length - 1;
      if (!next) node = node[element] = {};
      else {
        const leaf = Object.keys(next).length === 0;
        // An empty node is a member: it says so by itself only as long as nothing is below it.
        if (last !== leaf) next[self] = {};
        node = next;
      }
    }
    this.#isEmpty = false;
  }

  /** The set. */
  build(): FieldSet {
    return this.#isEmpty ? emptySet : frozen(this.#root);
  }
}

/** A set of these paths. Pure. */
export function setOf(...all: Path[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of all) builder.add(path);
  return builder.build();
}

function readNode(value: Json | undefined, root: boolean): FieldSet | undefined {
  if (value === null || value === undefined) return root ? undefined : emptySet;
  if (!isObject(value)) throw new PathElementError("a node is no object");
  const kids = new Map<string, FieldSet>();
  let member = false;
  for (const [text, node] of Object.entries(value)) {
    if (text === self) member = true;
    else {
      const element = readElement(text);
      if (element !== undefined) kids.set(element, readNode(node, false)!);
    }
  }
  return nodeOf(!root && (member || kids.size === 0), [...kids].sort(byText));
}

/** A set as it came in a body. Pure. @throws {PathElementError} */
export const readFieldSet = (value: Json | undefined): FieldSet =>
  isObject(value) && Object.isFrozen(value) ? value as FieldSet : readNode(value, true) ?? emptySet;
