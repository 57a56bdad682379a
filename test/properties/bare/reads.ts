import type { Clock } from "../../../src/ports.ts";
import type { Store } from "../../../src/fake/store/store.ts";
import type { JsonObject } from "../../../src/fake/types/json.ts";
import { metaOf } from "../../../src/fake/types/meta.ts";
import { groupVersion, type ResourceType } from "../../../src/fake/types/resource.ts";
import { tooLargeVersion } from "../../../src/fake/types/status.ts";
import { fieldMatcher, parseFieldSelector } from "../../../src/fake/verbs/field-selector.ts";
import { parseLabelSelector } from "../../../src/fake/verbs/label-selector.ts";
import type { Objects } from "./objects.ts";
import type { Route } from "./route.ts";

/** Whether an object is meant. */
export type Matches = (object: JsonObject) => boolean;

const known = new Map<string, Matches>();

/** What the selectors of a list or a watch select; the programs of a story have few. */
export function selectionOf({ type, namespace, query }: Route): Matches {
  const [labels, fields] = [query.get("labelSelector") ?? "", query.get("fieldSelector") ?? ""];
  const key = JSON.stringify([type.storage, namespace, labels, fields]);
  let matches = known.get(key);
  if (!matches) {
    const selected = parseLabelSelector(labels);
    const fitting = fieldMatcher(type, parseFieldSelector(fields));
    matches = (object) => {
      const meta = metaOf(object);
      return (namespace === undefined || meta.namespace === namespace) && selected(meta.labels ?? {}) && fitting(object);
    };
    if (known.size === 1_000) known.clear(); // names of leases are others in each story
    known.set(key, matches);
  }
  return matches;
}

/** How long a version from the future is waited for, in milliseconds. */
const PATIENCE = 3_000;

/** Waits for a version from the future. @throws {Refusal} 504 when it is not reached. */
export async function reach(asked: string, store: Store, clock: Clock): Promise<void> {
  const version = Number(asked);
  if (version <= store.revision) return;
  await new Promise<void>((resolve) => {
    const endings = [clock.setTimer(PATIENCE, done), store.whenReached(version, done)];
    function done(): void {
      for (const end of endings) end();
      resolve();
    }
  });
  if (version > store.revision) throw tooLargeVersion(asked, String(store.revision));
}

/** A list, as text. A story is too small for pages. */
export function listText(objects: Objects, store: Store, route: Route, accept: string | undefined, clock: Clock): string {
  const { type, query } = route;
  const items = store.collection(type.storage).all().map(([, object]) => object).filter(selectionOf(route));
  if (items.length >= Number(query.get("limit") ?? Infinity)) throw new Error("A bare server has no pages");
  const metadata = JSON.stringify({ resourceVersion: String(store.revision) });
  if (accept?.includes("as=Table")) return JSON.stringify(tableOf(type, items, store, clock));
  return `{"kind":"${type.listKind}","apiVersion":"${groupVersion(type)}","metadata":${metadata},"items":[${
    items.map((item) => objects.textOf(item)).join()
  }]}`;
}

function tableOf({ columns }: ResourceType, items: readonly JsonObject[], { revision }: Store, clock: Clock): unknown {
  return {
    kind: "Table",
    metadata: { resourceVersion: String(revision) },
    columnDefinitions: [{ name: "Name" }, ...columns.map(({ name }) => ({ name }))],
    rows: items.map((item) => ({ cells: [metaOf(item).name, ...columns.map(({ cell }) => cell(item, clock.now()))] })),
  };
}
