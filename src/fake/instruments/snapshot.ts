/**
 * Saving the whole state of a cluster, and going back to it.
 *
 * @module
 */
import { parseJson } from "../http/parse.ts";
import { asPlain, encode, isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { World } from "../store/world.ts";

/** The state of a cluster: a plain JSON value, to be kept in a variable or in a file. */
export interface Snapshot {
  /** Tells what it is. */
  readonly kind: "FakeClusterSnapshot";
  /** The form of the rest. */
  readonly version: 1;
  /** The revision of the latest write. */
  readonly revision: number;
  /**
   * The objects as they are stored, by collection; each with its resourceVersion and uid. One that has integers beyond 2^53
   * is there as its JSON, in a text.
   */
  readonly collections: Readonly<Record<string, readonly unknown[]>>;
}

/** How to go back. */
export interface RestoreOptions {
  /**
   * Added to the revision of the snapshot, as by `etcdutl snapshot restore --bump-revision`: versions that clients have
   * seen since then are old ones instead of future ones. @default {0}
   */
  readonly bumpRevision?: number;
}

const crds = "apiextensions.k8s.io/customresourcedefinitions";

/** A copy of an object; its text where no JSON.parse would give it back. */
const kept = (object: JsonObject): JsonObject | string => asPlain(object) === object ? structuredClone(object) : encode(object);

/** An object that was kept. */
const given = (value: unknown): JsonObject =>
  typeof value === "string" ? parseJson(value).value as JsonObject : structuredClone(value) as JsonObject;

/** Copies the state. */
export function takeSnapshot({ store }: World): Snapshot {
  const collections = Object.fromEntries(
    store.names().map((name) => [name, store.collection(name).all().map(([, object]) => kept(object))]),
  );
  return { kind: "FakeClusterSnapshot", version: 1, revision: store.revision, collections };
}

function checked(value: Snapshot): Snapshot {
  const { kind, version, revision, collections } = isObject(value) ? value as unknown as Snapshot : {} as Partial<Snapshot>;
  if (kind !== "FakeClusterSnapshot" || version !== 1 || !Number.isSafeInteger(revision) || !isObject(collections)) {
    throw new TypeError(
      `Cannot restore ${JSON.stringify(value)?.slice(0, 80)}: expected a snapshot of a fake cluster, version 1`,
    );
  }
  return value;
}

/** Puts a state in the place of the present one. */
export function restoreSnapshot(world: World, snapshot: Snapshot, options: RestoreOptions = {}): void {
  const { bumpRevision = 0 } = options;
  if (!(Number.isSafeInteger(bumpRevision) && bumpRevision >= 0)) {
    throw new RangeError(`bumpRevision is ${bumpRevision}, expected a whole number from 0`);
  }
  const { revision, collections } = checked(snapshot);
  const { store, registry } = world;
  for (const [name] of store.collection(crds).all()) registry.uninstall(name);
  store.load(
    revision + bumpRevision,
    Object.fromEntries(Object.entries(collections).map(([name, objects]) => [name, objects.map(given)])),
  );
  // In the order in which they came, which discovery shows.
  const byAge = store.collection(crds).all().map(([, crd]) => crd)
    .sort((a, b) => (metaOf(a).creationTimestamp ?? "").localeCompare(metaOf(b).creationTimestamp ?? ""));
  for (const crd of byAge) registry.install(crd);
  // Another cluster with this seed has given out the values that this one would give next: they stand in the snapshot, or
  // have stood there.
  const uids = store.names().flatMap((name) => store.collection(name).all().map(([, object]) => metaOf(object).uid));
  world.random.diverge(`${revision} ${uids.join(" ")}`);
}
