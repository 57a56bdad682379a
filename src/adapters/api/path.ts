import type { ObjectKey, Resource, Selection } from "../../ports.ts";

/** Query parameters; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The path of a collection or of one object. Pure.
 *
 * @throws {TypeError} when a part is empty or would change the path: `""`, `"."`, `".."`.
 */
export function resourcePath(resource: Resource, namespace?: string, name?: string): string {
  const group = resource.group === "" ? "/api" : `/apis/${segment(resource.group)}`;
  const scope = namespace === undefined ? "" : `/namespaces/${segment(namespace)}`;
  const object = name === undefined ? "" : `/${segment(name)}`;
  return `${group}/${segment(resource.version)}${scope}/${segment(resource.plural)}${object}`;
}

/** Most names: they stand in a path as they are. */
const PLAIN = /^[a-z0-9][a-z0-9.-]*$/;

function segment(part: string): string {
  if (PLAIN.test(part)) return part;
  // A URL normalises dot segments away, and an empty name would address the collection.
  if (part === "" || part === "." || part === "..") throw new TypeError(`"${part}" cannot be a part of an API path`);
  return encodeURIComponent(part);
}

/** A path with its query. Pure. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
}

/** How a message names one object: `requeststates "shop/a"`, or the plural alone for what has no name. Pure. */
export const objectText = (resource: Resource, { namespace, name }: Partial<ObjectKey>): string =>
  name === undefined ? resource.plural : `${resource.plural} "${namespace === undefined ? "" : `${namespace}/`}${name}"`;

/** How a message names a collection: `requeststates in namespace "shop"`. Pure. */
export const selectionText = (resource: Resource, selection: Selection): string =>
  `${resource.plural} in ${selection.namespace === undefined ? "all namespaces" : `namespace "${selection.namespace}"`}`;

/** How a message names a version of a resource's API: `acme.io/v1`, or `v1` for the core group. Pure. */
export const versionText = (resource: Resource): string =>
  resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
