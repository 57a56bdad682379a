import { causeText, isConflict } from "../errors.ts";
import type { Clock, Health, KubernetesObject, Log, Metrics, Reader, Resource, Selection } from "../ports.ts";
import { runReflector } from "./reflector.ts";
import { keyOf, type Store, type StoreEvent } from "./store.ts";
import { createWorkQueue } from "./work-queue.ts";
import { compareVersions } from "./version.ts";

/** What a controller watches over, and what it does about it. */
export interface ControllerOptions<T extends KubernetesObject> extends Selection {
  readonly cluster: Reader;
  readonly resource: Resource;
  readonly clock: Clock;
  readonly log: Log;
  /** Where it counts. @default {Nothing is counted} */
  readonly metrics?: Metrics;
  /** Where it says whether its cache is in sync and follows the server. @default {Nowhere} */
  readonly health?: Health;
  /** Keys that are worked on at once. */
  readonly concurrency: number;
  /** Ends the controller: nothing more is begun, `finished` waits for what was. */
  readonly signal: AbortSignal;
  /**
   * Brings one object nearer to where it should be. Level-triggered: it gets the newest version known, not what
   * changed. Returns the newest version it has seen itself, so that an older copy is never acted on.
   * When it throws, it is called again after a wait that grows.
   */
  readonly reconcile: (object: T) => Promise<T | undefined>;
  /** Sees every change of the cache, in order. Must not throw. */
  readonly onEvent?: (event: StoreEvent<T>) => void;
  /** Sees what `reconcile` threw; returning true keeps the key from being tried again. */
  readonly onError?: (error: unknown, object: T) => boolean;
}

/** A running controller. */
export interface Controller<T extends KubernetesObject> {
  /** The cache: a hint, never an authority. */
  readonly store: Store<T>;
  /** Resolves when the first list is known. */
  readonly synced: Promise<void>;
  /** Reconciles a key in `ms` milliseconds, or earlier where its object changes. */
  readonly requeueAfter: (key: string, ms: number) => void;
  /** Resolves when the signal has ended it and all that was begun is done. */
  readonly finished: Promise<void>;
}

/**
 * Runs a control loop: reflector, cache, work queue, reconcile.
 *
 * **Guarantees**: one `reconcile` at a time for each object; every object is reconciled after its last change; none
 * on a copy older than what `reconcile` returned for it before.
 */
export function runController<T extends KubernetesObject>(options: ControllerOptions<T>): Controller<T> {
  const { cluster, resource, clock, log, concurrency, signal, reconcile, onEvent, onError, ...selection } = options;
  const queue = createWorkQueue({ clock });
  // By uid: the newest version that reconcile has seen (its own writes), while the cache may still hold an older one.
  const seen = new Map<string, string>();

  // The cache goes on until all that was begun is done: it may hear that its object is gone.
  const following = new AbortController();
  const reflector = runReflector<T>({
    ...selection,
    cluster,
    resource,
    clock,
    log,
    signal: following.signal,
    onEvent(event) {
      const { uid, resourceVersion } = event.object.metadata;
      if (event.type === "DELETED") seen.delete(uid!);
      else if (compareVersions(resourceVersion!, seen.get(uid!) ?? "") >= 0) seen.delete(uid!);
      queue.add(keyOf(event.object));
      onEvent?.(event);
    },
  });

  async function work(): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      const object = reflector.store.get(key);
      if (object && compareVersions(object.metadata.resourceVersion!, seen.get(object.metadata.uid!) ?? "") >= 0) {
        try {
          const newest = await reconcile(object);
          const cached = reflector.store.get(key);
          if (newest && cached?.metadata.uid === newest.metadata.uid) {
            if (compareVersions(newest.metadata.resourceVersion!, cached!.metadata.resourceVersion!) > 0) {
              seen.set(newest.metadata.uid!, newest.metadata.resourceVersion!);
            }
          }
          queue.forget(key);
        } catch (error) {
          if (!onError?.(error, object) && !signal.aborted) {
            const wait = queue.retry(key);
            log[isConflict(error) ? "debug" : "error"](`Trying again in ${Math.round(wait)} ms: ${causeText(error)}`, {
              object: key,
            });
          }
        }
      } else if (!object) queue.forget(key);
      queue.done(key);
    }
  }

  const close = () => queue.shutDown();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  const workers = Array.from({ length: concurrency }, work);
  const finished = Promise.all(workers).then(async () => {
    following.abort(signal.reason);
    await reflector.finished;
    signal.removeEventListener("abort", close);
  });
  return { store: reflector.store, synced: reflector.synced, requeueAfter: queue.addAfter, finished };
}
