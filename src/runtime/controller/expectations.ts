import type { Clock, KubernetesObject } from "../../ports.ts";
import { keyOf } from "../store/store.ts";
import { compareVersions } from "../store/version.ts";
import { ChurnMap } from "../store/churn.ts";

/**
 * A write that ends an object names no version that it ended with: a deletion answers none, and the write that takes the last
 * finalizer away answers the version before it. `begun`: the object is being deleted, or gone. `done`: it is gone.
 */
export type Removal = "begun" | "done";

/** A write that a cache does not show yet. */
export interface Expectation<S> {
  /** The cache that will show it. */
  readonly source: S;
  /** The object as it was written; its key, and its uid. */
  object: KubernetesObject;
  readonly key: string;
  readonly uid: string;
  /** What the write made of the object. */
  version: string;
  /** What the write was meant to do beside that. */
  removal: Removal | undefined;
  /** When, by the monotonic clock. */
  since: number;
  /** For whose sake it was written: what must not be decided before the cache shows it. */
  readonly forKeys: string[];
}

/**
 * What was written and is not yet in the caches, so that nothing is decided on a copy from before one's own writes
 * (KEP-5647, stale controller handling; the map from uid to the version last written that workflow engines came to, too).
 *
 * **Guarantees**: what was written is remembered until its cache shows it or something newer, by whatever way: an event, a
 * list or bookmark of a later version, a deletion. **Assumptions**: whoever asks gives up on what does not come in time (a
 * write of what the cache does not select never comes) and calls `settle`.
 */
export interface Expectations<S> {
  /** An object was written, for the sake of `forKey`. */
  wrote(source: S, object: KubernetesObject, forKey: string, removal?: Removal): void;
  /** The version that was last written of the object with this key and is not shown yet, if there is one. */
  written(source: S, key: string): KubernetesObject | undefined;
  /** What was last written of an object and is not shown yet. */
  expected(uid: string): Pick<Expectation<S>, "version" | "removal"> | undefined;
  /** A cache shows this version of an object. @returns The keys that need not wait any more. */
  saw(object: KubernetesObject): readonly string[];
  /** The object is gone, or was put back by somebody who puts back storage. @returns As `saw`. */
  gone(uid: string): readonly string[];
  /** What is not waited for any more once a cache shows everything up to a version, of which it is not known what it has ended. */
  passed(source: S, version: string): readonly Expectation<S>[];
  /** What is still to be seen before anything is decided about a key; undefined where there is nothing. */
  of(key: string): readonly Expectation<S>[] | undefined;
  /** This one is not waited for any more. @returns As `saw`. */
  settle(expectation: Expectation<S>): readonly string[];
  /** How many writes are not shown yet. */
  readonly size: number;
}

const NONE: readonly string[] = [];

/** Makes one that expects nothing. */
export function createExpectations<S>(clock: Clock): Expectations<S> {
  const byUid = new ChurnMap<string, Expectation<S>>();
  const byKey = new ChurnMap<string, Expectation<S>[]>();

  function settle(expectation: Expectation<S>): readonly string[] {
    if (byUid.get(expectation.uid) === expectation) byUid.delete(expectation.uid);
    return expectation.forKeys.filter((key) => {
      const rest = byKey.get(key)?.filter((other) => other !== expectation) ?? [];
      if (rest.length > 0) byKey.set(key, rest);
      else byKey.delete(key);
      return rest.length === 0;
    });
  }

  return {
    wrote(source, object, forKey, removal) {
      const { uid, resourceVersion } = object.metadata;
      if (uid === undefined || resourceVersion === undefined) return;
      let expectation = byUid.get(uid);
      if (!expectation) {
        const [key, since] = [keyOf(object), clock.monotonic()];
        expectation = { source, object, key, uid, version: resourceVersion, removal, since, forKeys: [] };
        byUid.set(uid, expectation);
      } else if (removal !== undefined || compareVersions(resourceVersion, expectation.version) > 0) {
        Object.assign(expectation, { object, version: resourceVersion, since: clock.monotonic() });
        expectation.removal = removal ?? expectation.removal;
      }
      if (expectation.forKeys.includes(forKey)) return;
      expectation.forKeys.push(forKey);
      const others = byKey.get(forKey);
      if (others) others.push(expectation);
      else byKey.set(forKey, [expectation]);
    },
    written: (source, key) => [...byUid.values()].find((one) => one.source === source && one.key === key)?.object,
    expected: (uid) => byUid.get(uid),
    saw({ metadata: { uid = "", resourceVersion = "", deletionTimestamp } }) {
      const expectation = byUid.size > 0 ? byUid.get(uid) : undefined;
      if (!expectation || compareVersions(resourceVersion, expectation.version) < 0) return NONE;
      if (expectation.removal === "done" || expectation.removal === "begun" && deletionTimestamp === undefined) return NONE;
      return settle(expectation);
    },
    gone(uid) {
      const expectation = byUid.size > 0 ? byUid.get(uid) : undefined;
      return expectation ? settle(expectation) : NONE;
    },
    passed(source, version) {
      const isShown = (one: Expectation<S>) =>
        one.source === source && one.removal === undefined && compareVersions(version, one.version) >= 0;
      return [...byUid.values()].filter(isShown);
    },
    of: (key) => byKey.size > 0 ? byKey.get(key) : undefined,
    settle,
    get size() {
      return byUid.size;
    },
  };
}
