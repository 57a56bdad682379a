import {
  ANYTHING,
  checkCluster,
  checkOptions,
  CLOCK,
  FUNCTION,
  HEALTH,
  LIMIT,
  listOf,
  LOG,
  type Members,
  METRICS,
  OBJECT,
  required,
  RESOURCE,
  SELECTION,
  SIGNAL,
  TEXT,
  wholeFrom,
} from "../../options.ts";
import type { Clock, Cluster, Health, KubernetesObject, Log, Metrics, Resource, Selection } from "../../ports.ts";
import type { BackoffOptions } from "../time/backoff.ts";
import type { Cache } from "./cache.ts";
import { type Calls, createCalls } from "./calls.ts";
import { systemClock } from "../time/clock.ts";
import { createControllerMetrics } from "./controller-metrics.ts";
import { type Change, createHotLoops } from "./hot-loop.ts";
import { tolerantLog, warningLog } from "../log/log.ts";
import {
  createFollowedKinds,
  MAPPED,
  type MappedKind,
  nameOf,
  OWNED,
  type OwnedKind,
  textOf,
  toController,
  toMapped,
  toSelf,
} from "./mappings.ts";
import { createReadYourWrites } from "./read-your-writes.ts";
import type { Reconcile } from "./reconcile.ts";
import { keyOf, type StoreEvent } from "../store/store.ts";
import { typed, type WatchedKind, watchKind } from "./watched-kind.ts";
import { type AddOptions, createWorkQueue, LOW_PRIORITY } from "../queue/work-queue.ts";

/** What a controller is for, what else it follows, and what it does. */
export interface ControllerOptions<T extends KubernetesObject> extends Selection {
  /** The cluster that it works on. */
  readonly cluster: Cluster;
  /** The kind that it is for: reconcile gets the keys of these objects. */
  readonly resource: Resource;
  /** Brings what is nearer to what should be. What it throws is logged, counted, and tried again after a wait that grows. */
  readonly reconcile: Reconcile<T>;
  /**
   * Kinds whose objects it makes: a change of one of them brings the object that controls it to be reconciled. In the
   * namespace of the controller, unless another is named. @default {[]}
   */
  readonly owns?: readonly OwnedKind[];
  /** Kinds of which objects matter to its own. In the namespace of the controller, unless another is named. @default {[]} */
  readonly watches?: readonly MappedKind[];
  /** What it is called in logs and metrics, unique in the process. @default {The plural of the resource} */
  readonly name?: string;
  /** Keys that are worked on at once, 100,000 at the most. @default {1} */
  readonly concurrency?: number;
  /** Ends it: nothing more is begun, `finished` waits for what was. */
  readonly signal?: AbortSignal;
  /**
   * How long reconcile may go on after `signal`, in milliseconds; then its own signal is aborted. What does not heed that
   * within five seconds is left behind. `Infinity` waits for as long as it takes. @default {30_000}
   */
  readonly grace?: number;
  /**
   * Every so many milliseconds all objects are reconciled, behind whatever has changed: for what happens outside of the
   * cluster. @default {Never}
   */
  readonly resync?: number;
  /** How the waits of a key that fails grow. @default {From 100 ms to 10 s, doubled each time, half of it random} */
  readonly backoff?: BackoffOptions;
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Where it tells what it does. @default {Warnings and errors go to the console; see `createConsoleLog`} */
  readonly log?: Log;
  /** Where it counts. @default {Nothing is counted} */
  readonly metrics?: Metrics;
  /** Where it says whether its caches are in sync and follow the server. @default {Nowhere} */
  readonly health?: Health;
  /**
   * Which changes of its kind are worth a call of reconcile (controller-runtime's predicates). The caches see all of them.
   * @default {All}
   */
  readonly predicate?: (event: StoreEvent<T>) => boolean;
  /**
   * Sees every change of its kind, in order, after the cache has it and before `predicate`. It holds up the stream: no more than a
   * note.
   */
  readonly onEvent?: (event: StoreEvent<T>) => void;
  /** Sees what reconcile has thrown; where it returns true that is neither logged nor tried again. */
  readonly onError?: (error: unknown, key: string) => boolean;
}

/** A running controller. */
export interface Controller<T extends KubernetesObject> {
  /** The objects of its kind: a hint, never an authority. */
  readonly store: Cache<T>;
  /** Resolves when the first lists are known; rejects when the signal came first. */
  readonly synced: Promise<void>;
  /** Reconciles a key now. */
  readonly add: (key: string, options?: AddOptions) => void;
  /** Reconciles a key in `ms` milliseconds, or earlier where something changes. */
  readonly requeueAfter: (key: string, ms: number) => void;
  /** Takes back what was to have a key reconciled later. */
  readonly withdraw: (key: string) => void;
  /** Resolves when the signal has ended it and all that was begun is done. */
  readonly finished: Promise<void>;
}

/** As many loops are begun, and held. */
export const MOST_AT_ONCE = 100_000;

const OPTIONS: Members<ControllerOptions<KubernetesObject>> = {
  ...SELECTION,
  cluster: ANYTHING, // looked at by itself
  resource: required(RESOURCE),
  reconcile: required(FUNCTION),
  owns: listOf("kinds"),
  watches: listOf("kinds"),
  name: TEXT,
  concurrency: wholeFrom(1, MOST_AT_ONCE),
  signal: SIGNAL,
  grace: LIMIT,
  resync: { expected: "milliseconds above 0", fits: (value) => typeof value === "number" && value > 0, isNumber: true },
  backoff: OBJECT, // looked at by the queue
  clock: CLOCK,
  log: LOG,
  metrics: METRICS,
  health: HEALTH,
  predicate: FUNCTION,
  onEvent: FUNCTION,
  onError: FUNCTION,
};

/** What was there already, or comes again although nothing is known to have changed. */
const INITIAL: AddOptions = { priority: LOW_PRIORITY };

/**
 * Runs a control loop: reflectors with their caches, a work queue, reconcile.
 *
 * **Guarantees**
 * - Reconcile is called for each object that is there, once all first lists are known, and after the last change of each
 *   object, of what it owns, and of what is mapped to it; never twice at a time for one key.
 * - It is not called on copies from before what it has written itself for that key: the call waits for the caches, for at most
 *   5 s; then what was written is read from the server.
 * - Whatever it throws stops nothing. A conflict is tried again quietly.
 * - Fresh changes go first; what was there at the start, or comes again by `resync`, is not starved by them.
 * - A key that causes itself to be reconciled again and again is told of, once, and slowed down.
 * - When it has ended it leaves no timer, listener or connection behind.
 *
 * **Assumptions**: reconcile is idempotent, and decides by what is, not by what has happened. Objects in caches are not
 * changed. Writes are conditional (by resourceVersion), so that another process that does the same disturbs nobody.
 *
 * @throws {TypeError} When a kind is to be followed in two ways.
 * @throws {RangeError} When `concurrency`, `grace` or `resync` is out of range.
 *
 * @example Keep a ConfigMap for each namespaced Website
 * ```ts
 * import { type Cluster, controllerReference, ensure, type KubernetesObject, runController } from "crd-watcher/runtime";
 *
 * const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps" };
 * type Website = KubernetesObject & { spec: { title: string } };
 * function publish(cluster: Cluster, signal: AbortSignal): Promise<void> {
 *   const { finished } = runController<Website>({
 *     cluster,
 *     resource: { group: "example.com", version: "v1", plural: "websites" },
 *     owns: [{ resource: CONFIG_MAPS }],
 *     signal,
 *     async reconcile(_key, { object: site, cluster, owned }) {
 *       if (!site) return; // deleted; what it owned goes with it
 *       const { name, namespace } = site.metadata;
 *       await ensure(cluster, CONFIG_MAPS, owned(CONFIG_MAPS)[0], {
 *         apiVersion: "v1",
 *         kind: "ConfigMap",
 *         metadata: { name, namespace, ownerReferences: [controllerReference(site)] },
 *         data: { title: site.spec.title },
 *       });
 *     },
 *   });
 *   return finished;
 * }
 * ```
 */
export function runController<T extends KubernetesObject>(options: ControllerOptions<T>): Controller<T> {
  const action = `Cannot run controller "${options?.name ?? options?.resource?.plural}"`;
  checkCluster(action, options?.cluster);
  checkOptions(action, options, OPTIONS);
  const { cluster, resource, reconcile, owns = [], watches = [], namespace, labelSelector, fieldSelector } = options;
  const { name = resource.plural, concurrency = 1, grace = 30_000, resync, predicate, onEvent, onError } = options;
  const { clock = systemClock, signal, metrics, health } = options;
  const log = tolerantLog(options.log ?? warningLog);

  const followed = createFollowedKinds(name);
  followed.add(resource, { namespace, labelSelector, fieldSelector }, toSelf);
  const toOwner = toController((key) => main.cache.get(key));
  for (const kind of owns) checkOptions(action, kind, OWNED, "owns");
  for (const kind of watches) checkOptions(action, kind, MAPPED, "watches");
  for (const kind of owns) followed.add(kind.resource, { namespace, ...kind }, toOwner, true);
  for (const kind of watches) followed.add(kind.resource, { namespace, ...kind }, toMapped(kind));

  const queue = createWorkQueue({ clock, name, metrics, backoff: options.backoff });
  const counts = metrics && createControllerMetrics(metrics, { name, concurrency, active: () => calls.active.size });
  const loops = createHotLoops({ clock, log, name, onHot: () => counts?.hot() });
  const reads = createReadYourWrites({
    cluster,
    clock,
    log,
    release: (key) => queue.add(key),
    onLookUp: () => counts?.lookedUp(),
  });

  // The caches go on until all that was begun is done: it may hear that its object is gone.
  const following = new AbortController();
  const kinds = new Map<string, WatchedKind>();
  for (const [id, { selection, owned, mappings, resource }] of followed.kinds) {
    let change: Change;
    let own = false;
    let worth = true;
    let priority: AddOptions | undefined;
    const about = (key: string) => {
      loops.changed(key, change, own);
      if (worth) queue.add(key, priority);
    };
    const take = (kind: WatchedKind, event: StoreEvent<KubernetesObject>) => {
      change = changeOf(resource, event);
      own = reads.saw(kind, event);
      priority = kind.isSynced ? undefined : INITIAL;
      try {
        if (kind === main) onEvent?.(event as StoreEvent<T>);
      } finally {
        if (predicate && kind === main) worth = predicate(event as StoreEvent<T>);
        for (const mapping of mappings) mapping(event, about);
      }
    };
    const what = { ...selection, resource, owned, cluster, clock, log, metrics, health, signal: following.signal };
    kinds.set(id, watchKind({ ...what, onEvent: take, onProgress: reads.progressed }));
  }
  const main: WatchedKind = kinds.get(nameOf(resource))!;

  const calls: Calls = createCalls<T>({
    name,
    cluster,
    reconcile,
    onError,
    kinds,
    main,
    queue,
    reads,
    loops,
    counts,
    clock,
    log,
  });
  const synced = Promise.all([...kinds.values()].map((kind) => kind.synced)).then(() => {});
  const ended = Promise.withResolvers<void>();
  const end = () => {
    queue.shutDown();
    ended.resolve();
  };
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();

  async function run(): Promise<void> {
    const begun = await Promise.race([synced.then(() => true), ended.promise.then(() => false)]);
    if (begun) {
      const stopResync = resync === undefined ? () => {} : every(clock, resync, () => {
        for (const key of main.cache.keys()) queue.add(key, INITIAL);
      });
      const working = Promise.all(Array.from({ length: concurrency }, calls.work)).then(() => {});
      await ended.promise;
      stopResync();
      await calls.drain(working, { grace, reason: signal?.reason });
    }
    following.abort(signal?.reason);
    await Promise.all([...kinds.values()].map(({ finished }) => finished));
    signal?.removeEventListener("abort", end);
    counts?.close();
  }

  synced.catch(() => {}); // who does not wait for it is not told either
  return {
    store: typed<T>(main),
    synced,
    add: queue.add,
    requeueAfter: (key, ms) => queue.addAfter(key, ms),
    withdraw: queue.withdraw,
    finished: run(),
  };
}

/** What the detector of hot loops has to know of an event. */
function changeOf(resource: Resource, event: StoreEvent<KubernetesObject>): Change {
  const { type, object } = event;
  const before = type === "ADDED" ? undefined : event.previous;
  const isDeletion = before && before.metadata.deletionTimestamp === undefined &&
    (type === "DELETED" || object.metadata.deletionTimestamp !== undefined);
  return {
    object,
    previous: type === "MODIFIED" ? before : undefined,
    deleted: isDeletion ? textOf(resource, keyOf(object)) : undefined,
  };
}

/** Calls back every so many milliseconds. @returns Ends that. */
function every(clock: Clock, ms: number, callback: () => void): () => void {
  let cancel = () => {};
  const wait = () =>
    cancel = clock.setTimer(ms, () => {
      wait();
      callback();
    });
  wait();
  return () => cancel();
}
