/**
 * Saving the whole state of a cluster, and going back to it.
 *
 * @module
 */
import { thrownText } from "../../errors.ts";
import { checkOptions, type Members, refuse, valueText, wholeFrom } from "../../options.ts";
import { parseJson } from "../types/parse.ts";
import { asPlain, encode, isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { isStoredShort, keyOf, noteStoredShort } from "../store/store.ts";
import { Registry } from "../store/registry.ts";
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
  /**
   * The keys (`namespace/name`) of those that are stored without something that they show, by collection: some kinds, such as volume
   * claims, until they are updated.
   */
  readonly short?: Readonly<Record<string, readonly string[]>>;
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
  const collections: Record<string, unknown[]> = {};
  const short: Record<string, string[]> = {};
  for (const name of store.names()) {
    const all = store.collection(name).all();
    collections[name] = all.map(([, object]) => kept(object));
    const keys = all.flatMap(([key, object]) => isStoredShort(object) ? [key] : []);
    if (keys.length > 0) short[name] = keys;
  }
  return { kind: "FakeClusterSnapshot", version: 1, revision: store.revision, collections, short };
}

const shortText = (value: unknown) => JSON.stringify(value)?.slice(0, 80);

function checked(value: Snapshot): Snapshot {
  const { kind, version, revision = 0, collections } = isObject(value) ? value as unknown as Snapshot : {} as Partial<Snapshot>;
  const isOne = kind === "FakeClusterSnapshot" && version === 1 && isObject(collections);
  if (!isOne || !(Number.isSafeInteger(revision) && revision > 0)) {
    const what = isObject(value) && !("then" in value) ? shortText(value) : valueText(value);
    throw new TypeError(`Cannot restore ${what}: expected a snapshot of a fake cluster, version 1`);
  }
  return value;
}

/** The objects of a collection. @throws {TypeError} Where one is none. */
function objectsOf(name: string, values: unknown): JsonObject[] {
  const refusal = (value: unknown, expected: string) =>
    new TypeError(`Cannot restore the snapshot: its collection "${name}" has ${shortText(value)}, expected ${expected}`);
  if (!Array.isArray(values)) throw refusal(values, "a list of objects");
  return values.map((value) => {
    const object = typeof value === "string" && !value.startsWith("{") ? value : given(value);
    if (!isObject(object) || !isObject(object.metadata) || !metaOf(object).name) throw refusal(value, "an object with a name");
    return object;
  });
}

/** Notes which objects are stored short. @throws {TypeError} Where one of them is none. */
function noteShort(short: unknown, objects: Readonly<Record<string, readonly JsonObject[]>>): void {
  const refusal = (what: string) => new TypeError(`Cannot restore the snapshot: its short ${what}`);
  if (!isObject(short)) throw refusal(`is ${shortText(short)}, expected keys by collection`);
  for (const [name, keys] of Object.entries(short)) {
    if (!Array.isArray(keys)) throw refusal(`objects of "${name}" are ${shortText(keys)}, expected a list of keys`);
    const known = new Map(objects[name]?.map((object) => [keyOf(metaOf(object).namespace, metaOf(object).name!), object]));
    for (const key of keys) {
      const object = known.get(String(key));
      if (!object) throw refusal(`object ${shortText(key)} is not in its collection "${name}"`);
      noteStoredShort(object);
    }
  }
}

/** The types that there are by CRDs. @throws {TypeError} Where one cannot be served. */
function registryOf(crds: readonly JsonObject[]): Registry {
  const registry = new Registry();
  for (const crd of crds) {
    try {
      registry.install(crd);
    } catch (error) {
      throw new TypeError(
        `Cannot restore the snapshot: its CustomResourceDefinition "${metaOf(crd).name}" is not as it is stored: ${
          thrownText(error)
        }`,
        { cause: error },
      );
    }
  }
  return registry;
}

const OPTIONS: Members<RestoreOptions> = { bumpRevision: wholeFrom(0) };

/** Puts a state in the place of the present one. */
export function restoreSnapshot(world: World, snapshot: Snapshot, options: RestoreOptions = {}): void {
  const action = "Cannot restore the snapshot";
  checkOptions(action, options, OPTIONS);
  const { bumpRevision = 0 } = options;
  const { revision, collections, short = {} } = checked(snapshot);
  const most = Number.MAX_SAFE_INTEGER - revision;
  if (bumpRevision > most) {
    refuse(action, {
      why: `bumpRevision is ${bumpRevision}, expected no more than ${most}: versions end at 2^53`,
      isNumber: true,
    });
  }
  const objects = Object.fromEntries(Object.entries(collections).map(([name, values]) => [name, objectsOf(name, values)]));
  noteShort(short, objects);
  // In the order in which they came, which discovery shows.
  const byAge = (objects[crds] ?? []).toSorted((a, b) =>
    (metaOf(a).creationTimestamp ?? "").localeCompare(metaOf(b).creationTimestamp ?? "")
  );
  const registry = registryOf(byAge);
  world.store.load(revision + bumpRevision, objects, () => {
    world.registry.become(registry);
    // Another cluster with this seed has given out the values that this one would give next: they stand in the snapshot, or
    // have stood there.
    const uids = Object.values(objects).flatMap((each) => each.map((object) => metaOf(object).uid));
    world.random.diverge(`${revision} ${uids.join(" ")}`);
  });
}
