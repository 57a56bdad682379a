import { isNotFound } from "../../errors.ts";
import type { Clock, KubernetesObject, Log, ObjectKey, Reader, Resource } from "../../ports.ts";
import { createExpectations, type Expectation } from "./expectations.ts";
import { textOf } from "./mappings.ts";
import type { StoreEvent } from "../store/store.ts";
import { compareVersions } from "../store/version.ts";
import type { WatchedKind } from "./watched-kind.ts";
import { ChurnSet } from "../store/churn.ts";

/** Keeps reconcile from deciding on copies from before its own writes, and from waiting for ever for newer ones. */
export interface ReadYourWrites {
  /** An object was written for the sake of a key, or seen elsewhere than in its cache. */
  wrote(kind: WatchedKind, object: KubernetesObject, key: string): void;
  /** An object was deleted for the sake of a key. @param deleted Its key. */
  deleted(kind: WatchedKind, deleted: string, key: string): void;
  /** A cache shows a change. @returns Whether it shows what was written here, or something older. */
  saw(kind: WatchedKind, event: StoreEvent<KubernetesObject>): boolean;
  /** A cache shows everything up to a version. */
  progressed(kind: WatchedKind, version: string): void;
  /** How long reconcile of a key is to wait, in milliseconds; 0 when it need not; undefined when `lookUp` is to be called. */
  wait(key: string): number | undefined;
  /** Asks the server for what the caches do not show in time. Rejects when there is no answer. */
  lookUp(key: string, signal: AbortSignal): Promise<void>;
}

/** How long a cache may take to show a write, in milliseconds: then the server is asked. */
export const STALE_LIMIT = 5_000;

/**
 * Makes one that waits for nothing.
 *
 * **Guarantees**: while `wait` is not 0 the caches may show copies from before a write that was made for this key; whatever
 * becomes of the caches, `wait` comes to 0, or to `lookUp` within 5 s, and what that has read lies over the caches until they
 * are as new.
 *
 * @param release Called with each key that waits no more.
 */
export function createReadYourWrites({ cluster, clock, log, release, onLookUp }: {
  readonly cluster: Reader;
  readonly clock: Clock;
  readonly log: Log;
  readonly release: (key: string) => void;
  readonly onLookUp: () => void;
}): ReadYourWrites {
  const expectations = createExpectations<WatchedKind>(clock);
  const waiting = new ChurnSet<string>();
  const told = new Set<WatchedKind>();

  const free = (keys: readonly string[]) => {
    for (const key of keys) if (waiting.delete(key)) release(key);
  };

  async function lookUpOne(expectation: Expectation<WatchedKind>, signal: AbortSignal): Promise<void> {
    const { source: { resource, cache, health }, key, uid } = expectation;
    const [name, namespace] = key.split("/").reverse() as [string, string?];
    onLookUp();
    try {
      const live = await cluster.get<KubernetesObject>(resource, { namespace, name }, { signal });
      cache.overlay(live);
      if (!health().failing && live.metadata.uid === uid) warnOfSelection(expectation.source, resource, key);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await lookUpAbsence(expectation, { name, namespace }, signal);
    }
    expectations.settle(expectation);
  }

  /** A refusal with 404 does not say at which version there was no such object; a list does. */
  async function lookUpAbsence(
    { source: { resource, cache }, key }: Expectation<WatchedKind>,
    { namespace, name }: ObjectKey,
    signal: AbortSignal,
  ): Promise<void> {
    const selection = { namespace, fieldSelector: `metadata.name=${name}`, signal };
    const { items: [live], resourceVersion } = await cluster.list<KubernetesObject>(resource, selection);
    if (live) cache.overlay(live);
    else cache.overlayGone(key, resourceVersion);
  }

  const warnOfSelection = (kind: WatchedKind, resource: Resource, key: string) => {
    if (told.has(kind)) return;
    told.add(kind);
    log.warn(
      `What was written to ${textOf(resource, key)} did not come back within ${STALE_LIMIT / 1_000} s: ` +
        "make sure that the selectors by which they are followed cover what is written",
    );
  };

  return {
    wrote(kind, object, key) {
      if (!kind.covers(object.metadata.namespace)) return;
      if (isOver(object)) {
        if (kind.holds(object)) expectations.wrote(kind, object, key, "done");
      } else if (!kind.shows(object)) expectations.wrote(kind, object, key);
    },
    deleted(kind, deleted, key) {
      const object = expectations.written(kind, deleted) ?? kind.cache.get(deleted);
      if (object && object.metadata.deletionTimestamp === undefined) expectations.wrote(kind, object, key, "begun");
    },
    saw(kind, { type, object }) {
      const { uid = "" } = object.metadata;
      const expected = expectations.size > 0 ? expectations.expected(uid) : undefined;
      if (expected) free(type === "DELETED" ? expectations.gone(uid) : expectations.saw(object));
      kind.cache.uncover(object, type === "DELETED");
      if (!expected) return false;
      if (type === "DELETED") return expected.removal !== undefined;
      return isShownBy(expected, object.metadata);
    },
    progressed(kind, version) {
      for (const expectation of expectations.size > 0 ? expectations.passed(kind, version) : []) {
        free(expectations.settle(expectation));
        if (isUndone(expectation)) expectation.forKeys.forEach(release);
      }
      kind.cache.uncoverUpTo(version);
    },
    wait(key) {
      const unseen = expectations.of(key);
      waiting.delete(key);
      if (!unseen) return 0;
      const left = STALE_LIMIT - (clock.monotonic() - Math.min(...unseen.map(({ since }) => since)));
      if (left <= 0) return undefined;
      waiting.add(key);
      return left;
    },
    async lookUp(key, signal) {
      for (const expectation of expectations.of(key) ?? []) await lookUpOne(expectation, signal);
    },
  };
}

/**
 * Whether the cache, which shows all that was written meanwhile, has an object as it was before the write. A restore of the storage has undone
 * that: nothing is seen to change, so nobody else has the object looked at again.
 */
function isUndone({ source: { cache }, key, uid, version }: Expectation<WatchedKind>): boolean {
  const shown = cache.get(key)?.metadata;
  return shown?.uid === uid && compareVersions(shown.resourceVersion ?? "", version) < 0;
}

/** Whether a version of an object is what was written, something older, or the beginning of the removal that was asked for. */
const isShownBy = (
  { version, removal }: Pick<Expectation<unknown>, "version" | "removal">,
  { resourceVersion = "", deletionTimestamp }: KubernetesObject["metadata"],
): boolean => compareVersions(version, resourceVersion) >= 0 || removal === "begun" && deletionTimestamp !== undefined;

/** Whether the write that was answered so was the end of the object (`ShouldDeleteDuringUpdate` of the API server's registry). */
const isOver = ({ metadata: { deletionTimestamp, deletionGracePeriodSeconds, finalizers } }: KubernetesObject): boolean =>
  deletionTimestamp !== undefined && !finalizers?.length && !deletionGracePeriodSeconds;
