/**
 * Lists in pages, of objects or of the columns of a table.
 *
 * @module
 */
import type { Columns, KubernetesObject, ObjectList } from "../../ports.ts";

/** An answer to a list. */
export interface Page<T> {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

/** What a table is asked for with. */
export const TABLE: string = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

/** Columns of objects, as `kubectl get` shows them. */
export interface Table {
  readonly kind?: string;
  readonly metadata?: Page<unknown>["metadata"];
  readonly columnDefinitions?: readonly { readonly name?: string }[];
  readonly rows?: readonly { readonly cells?: readonly unknown[] }[] | null;
}

/** What the rows say, as objects. @returns Undefined where a column is missing. */
export function objectsOf<T>(
  { metadata, columnDefinitions, rows }: Table,
  { names, toObject }: Columns<T>,
): Page<T> | undefined {
  if (!Array.isArray(columnDefinitions)) return undefined;
  const places = names.map((name) => columnDefinitions.findIndex((column) => column?.name === name));
  if (places.includes(-1)) return undefined;
  return { metadata, items: (rows ?? []).map((row) => toObject(places.map((place) => row?.cells?.[place] ?? null))) };
}

/** Goes through the pages. They all show the version of the first one. */
export async function allPages<T extends KubernetesObject>(
  first: Page<T>,
  next: (token: string) => Promise<Page<T>>,
  onPage?: (page: ObjectList<T>) => void,
): Promise<ObjectList<T>> {
  const resourceVersion = first.metadata?.resourceVersion ?? "";
  const all: T[] = [];
  for (let page = first;;) {
    const items = itemsOf(page);
    if (onPage) onPage({ resourceVersion, items });
    else for (const item of items) all.push(item);
    const token = page.metadata?.continue;
    if (!token) return { resourceVersion, items: all };
    page = await next(token);
  }
}

/** The items of built-in resources come without the kind that their list has; a watch shows it first in each of them. */
function itemsOf<T extends KubernetesObject>({ kind, apiVersion, items }: Page<T>): readonly T[] {
  const own = { kind: kind?.replace(/List$/, ""), apiVersion };
  return (items ?? []).map((item) => item?.kind === undefined ? { ...own, ...item } : item);
}
