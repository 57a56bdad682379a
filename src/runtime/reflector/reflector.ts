import {
  ANYTHING,
  checkCluster,
  checkOptions,
  CLOCK,
  FUNCTION,
  HEALTH,
  LOG,
  type Members,
  METRICS,
  OBJECT,
  required,
  RESOURCE,
  SELECTION,
  SIGNAL,
  TRUTH,
  wholeFrom,
} from "../../options.ts";
import type {
  Clock,
  Health,
  KubernetesObject,
  Log,
  Metrics,
  ObjectList,
  Reader,
  Resource,
  Selection,
  WatchEvent,
} from "../../ports.ts";
import { abortable } from "../time/abortable.ts";
import { sleep } from "../time/clock.ts";
import { failureOf, ReflectorError } from "./failure.ts";
import type { IndexFunction } from "../store/indexes.ts";
import { createIntake } from "./intake.ts";
import { silentMetrics } from "../log/metrics.ts";
import { type OpenWatch, openWatch } from "./open-watch.ts";
import { checkReflector } from "./reflector-health.ts";
import { createReflectorMetrics } from "./reflector-metrics.ts";
import type { Listing, Store, StoreEvent } from "../store/store.ts";
import { idleLimit, initialState, isBelieved, type Phase, SETTLED, type WatchInput } from "./watch-state.ts";
import { step } from "./watching.ts";

/** What a reflector follows, and whom it tells. */
export interface ReflectorOptions<T extends KubernetesObject> extends Selection {
  /** The cluster to read from. */
  readonly cluster: Reader;
  /** What the kind is called in the API. */
  readonly resource: Resource;
  /** Time. */
  readonly clock: Clock;
  /** Where it tells what it does. */
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /**
   * Called for every change, after the store has it. It holds up the stream: it should do no more than take a note. What it
   * throws is counted and told once for each kind.
   */
  readonly onEvent: (event: StoreEvent<T>) => void;
  /** Called when the store is known to show everything up to a version: after each list and each bookmark. */
  readonly onProgress?: (resourceVersion: string) => void;
  /** Where it counts its restarts. @default {Nothing is counted} */
  readonly metrics?: Metrics;
  /** Where it says whether it is in sync and can follow the server. @default {Nowhere} */
  readonly health?: Health;
  /** Objects a page of a list; a store with no more is listed again in one piece. @default {500} */
  readonly pageSize?: number;
  /** Whether the store keeps `metadata.managedFields`, which can be half of an object. @default {false} */
  readonly keepManagedFields?: boolean;
  /** By name: what `store.by` finds objects by. @default {None} */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Between 0 and 1. @default {Math.random} */
  readonly random?: () => number;
}

const OPTIONS: Members<ReflectorOptions<KubernetesObject>> = {
  ...SELECTION,
  cluster: ANYTHING, // looked at by itself
  resource: required(RESOURCE),
  clock: required(CLOCK),
  log: required(LOG),
  signal: required(SIGNAL),
  onEvent: required(FUNCTION),
  onProgress: FUNCTION,
  metrics: METRICS,
  health: HEALTH,
  pageSize: wholeFrom(1),
  keepManagedFields: TRUTH,
  indexes: OBJECT,
  random: FUNCTION,
};

/** How a reflector is. */
export interface ReflectorHealth {
  /** What is under way: a list, the opening of a watch, a watch, a wait before the next of these; or it has ended. */
  readonly state: "listing" | "opening" | "watching" | "waiting" | "ended";
  /** Whether the first list is in the store. */
  readonly synced: boolean;
  /** When the last list came into the store, in milliseconds since the Unix epoch. */
  readonly lastSync?: number;
  /** Milliseconds since the last sign of life of the server: a page of a list, an accepted watch, a line of it. */
  readonly sinceLastByte?: number;
  /** What is wrong, and since when, in milliseconds since the Unix epoch. Absent while all is well. */
  readonly failing?: { readonly since: number; readonly message: string };
}

/** Keeps a store equal to what the server has. */
export interface Reflector<T extends KubernetesObject> {
  /** What the server has, as it was last seen. */
  readonly store: Store<T>;
  /** Resolves when the first list is in the store; rejects when the signal came first. */
  readonly synced: Promise<void>;
  /** Resolves when the signal has ended it. */
  readonly finished: Promise<void>;
  /** The store shows everything up to this version; `""` before the first list. */
  readonly version: string;
  /** How it is now. */
  health(): ReflectorHealth;
}

/**
 * Follows a resource: lists it, watches on from there, and starts again from what it last saw whenever that breaks.
 * What is done when is decided in watching.ts; this drives it.
 *
 * **Guarantees**: every change that lasts is seen; the store never goes back in time, unless the server's storage does; it
 * heals itself from any error until the signal ends it, and then it ends at once, whatever is under way.
 * **Assumptions**: between two views of an object versions may be missing, as always in Kubernetes.
 */
export function runReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Reflector<T> {
  const action = `Cannot follow ${options?.resource?.plural}`;
  checkCluster(action, options?.cluster);
  checkOptions(action, options, OPTIONS);
  const { cluster, resource, clock, log, signal, pageSize = 500, metrics = silentMetrics } = options;
  const { random = Math.random, namespace, labelSelector, fieldSelector, keepManagedFields = false } = options;
  const selection: Selection = { namespace, labelSelector, fieldSelector };
  const counts = createReflectorMetrics(metrics, resource.plural, {
    silence: () => heard === undefined ? undefined : (clock.monotonic() - heard) / 1_000,
    objects: () => store.size,
  });
  const intake = createIntake<T>({
    resource: resource.plural,
    log,
    keepManagedFields,
    indexes: options.indexes ?? {},
    onEvent: options.onEvent,
    onProgress: options.onProgress,
    onMalformed: counts.malformed,
    onHandlerError: counts.handlerError,
  });
  const { store } = intake;
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => {}); // who does not wait for it is not told either
  let state = initialState(resource.plural, clock.monotonic());
  let version = "";
  let heard: number | undefined; // when there was the last sign of life, by the monotonic clock
  let lastSync: number | undefined;
  let watch: OpenWatch<T> | undefined;

  function feed(input: WatchInput): void {
    const next = step(state, input, { at: clock.monotonic(), random: random() });
    state = next.state;
    for (const effect of next.effects) {
      if (effect.type === "log") log[effect.level](effect.message);
      else counts.count(effect);
    }
  }

  async function list(notOlderThan: string | undefined): Promise<WatchInput> {
    let listing: Listing<T> | undefined;
    let listed = "";
    const onPage = (page: ObjectList<T>) => {
      signal.throwIfAborted();
      heard = clock.monotonic();
      if (!listing || page.resourceVersion !== listed) {
        listed = page.resourceVersion;
        checkList(listed);
        listing = store.listing();
      }
      intake.take(listing, page.items);
    };
    // In one piece only where that is small: it is cheap for the server, and dear for whoever has to hold it.
    const how = { ...selection, limit: pageSize, notOlderThan: store.size <= pageSize ? notOlderThan : undefined };
    const answer = await abortable(cluster.list<T>(resource, { ...how, onPage, signal }), signal);
    if (!listing || answer.items.length > 0) onPage(answer);
    intake.end(listing!);
    version = listed;
    lastSync = clock.now();
    synced.resolve();
    intake.progress(version);
    return { type: "listed", version };
  }

  function checkList(listed: string): void {
    if (!listed) throw new ReflectorError("malformed", `the list of ${resource.plural} has no resourceVersion to watch from`);
    if (isBelieved(state, listed)) return;
    const text = `the list of ${resource.plural} went back in time, from version ${state.version} to ${listed}`;
    throw new ReflectorError("behind", text);
  }

  async function open(timeoutSeconds: number): Promise<WatchInput> {
    const how = { ...selection, withoutManagedFields: !keepManagedFields, signal };
    watch = await openWatch<T>(cluster, resource, { ...how, resourceVersion: state.version, timeoutSeconds }, clock);
    heard = clock.monotonic();
    return { type: "opened" };
  }

  async function follow(watch: OpenWatch<T>): Promise<WatchInput> {
    let lines = 0;
    let bookmarked = false;
    const take = (event: WatchEvent<T>) => {
      heard = clock.monotonic();
      if (event.type !== "BOOKMARK") {
        intake.put(event);
        version = event.object.metadata.resourceVersion!;
        if (lines++ === 0) feed({ type: "line", bookmark: false });
        return;
      }
      if (!event.resourceVersion) {
        counts.malformed();
        throw new ReflectorError("malformed", `a watch of ${resource.plural} shows a bookmark without a resourceVersion`);
      }
      version = event.resourceVersion;
      lines++;
      if (!bookmarked) feed({ type: "line", bookmark: true });
      bookmarked = true;
      intake.progress(version);
    };
    const onSettled = () => feed({ type: "settled" });
    try {
      await watch.follow({ take, heard: () => heard!, limit: () => idleLimit(state), settled: SETTLED, onSettled });
      return { type: "closed", version, lines };
    } catch (error) {
      return { type: "failed", failure: failureOf(error), version, lines };
    }
  }

  /** Does what the phase says. @returns What has come of it. */
  async function perform({ phase }: { readonly phase: Phase }): Promise<WatchInput> {
    try {
      if (phase.name === "listing") return await list(phase.notOlderThan);
      if (phase.name === "opening") return await open(phase.timeoutSeconds);
      if (phase.name === "watching") return await follow(watch!);
      if (phase.name === "waiting") await sleep(clock, phase.ms, signal);
      return { type: "elapsed" };
    } catch (error) {
      return { type: "failed", failure: failureOf(error) };
    }
  }

  function health(): ReflectorHealth {
    const now = clock.monotonic();
    const { phase, failing } = state;
    return {
      state: phase.name,
      synced: lastSync !== undefined,
      lastSync,
      sinceLastByte: heard === undefined ? undefined : now - heard,
      failing: failing && { since: clock.now() - (now - failing.since), message: failing.message },
    };
  }

  async function run(): Promise<void> {
    const endChecks = options.health && checkReflector(options.health, resource.plural, health, clock);
    for (;;) {
      if (signal.aborted) feed({ type: "aborted" });
      if (state.phase.name === "ended") break;
      const input = await perform(state);
      if (!signal.aborted) feed(input);
    }
    watch?.end();
    counts.end();
    endChecks?.();
    synced.reject(signal.reason);
  }

  return {
    store,
    synced: synced.promise,
    // Not before whoever has called holds what comes back.
    finished: Promise.resolve().then(run),
    get version() {
      return version;
    },
    health,
  };
}
