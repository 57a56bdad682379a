import { causeText, isExpired, isStatus } from "../errors.ts";
import type { Clock, KubernetesObject, Log, Reader, Resource, Selection } from "../ports.ts";
import { createBackoff } from "./backoff.ts";
import { sleep } from "./clock.ts";
import { createStore, type Store, type StoreEvent } from "./store.ts";

/** What a reflector follows, and whom it tells. */
export interface ReflectorOptions<T extends KubernetesObject> extends Selection {
  readonly cluster: Reader;
  readonly resource: Resource;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called for every change, after the store has it. Must not throw. */
  readonly onEvent: (event: StoreEvent<T>) => void;
  /** Between 0 and 1. @default {Math.random} */
  readonly random?: () => number;
}

/** Keeps a store equal to what the server has. */
export interface Reflector<T extends KubernetesObject> {
  readonly store: Store<T>;
  /** Resolves when the first list is in the store; rejects when the signal came first. */
  readonly synced: Promise<void>;
  /** Resolves when the signal has ended it. */
  readonly finished: Promise<void>;
}

/** Never more than one connect in this time, in milliseconds: a server that ends every watch at once is not flooded. */
const CONNECT_FLOOR = 1_000;
/** Silence after which a watch is taken for dead, in milliseconds, once bookmarks (one a minute) are known to come. */
const IDLE_LIMIT = 75_000;

/** Watches in a row that the server ends without a line, after which everything is listed again. */
const EMPTY_LIMIT = 2;

/** A watch went quiet for longer than a living one does. */
class IdleError extends Error {}

/**
 * Follows a resource: lists it, watches on from there, and starts again from what it last saw whenever that breaks
 * (client-go, `tools/cache/reflector.go`).
 *
 * **Guarantees**: every change that lasts is seen; the store never goes back in time; it heals itself from any error
 * until the signal ends it.
 * **Assumptions**: between two views of an object versions may be missing, as always in Kubernetes.
 */
export function runReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { cluster, resource, clock, log, signal, onEvent, random = Math.random, namespace, labelSelector, fieldSelector } =
    options;
  const selection: Selection = { namespace, labelSelector, fieldSelector };
  const store = createStore<T>();
  const backoff = createBackoff({ initial: 200, max: 10_000, random });
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => {}); // who does not wait for it is not told either
  let version: string | undefined; // from where to watch on; undefined: list first
  let opened = false; // the last watch had begun before it broke
  let empty = 0; // watches in a row that were ended without a line
  let failing = false;

  const tell = (events: StoreEvent<T>[]) => events.forEach(onEvent);

  async function list(): Promise<void> {
    const { items, resourceVersion } = await cluster.list<T>(resource, { ...selection, signal });
    version = resourceVersion;
    tell(store.replace(items));
    synced.resolve();
    recovered();
  }

  async function watch(): Promise<void> {
    // Random, so that many clients do not reconnect together; below the 240 s at which load balancers cut.
    const timeoutSeconds = Math.round(180 + random() * 50);
    const ending = new AbortController();
    const end = () => ending.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    let limit = (timeoutSeconds + 5) * 1_000;
    let cancelIdle = () => {};
    let lines = 0;
    const began = clock.monotonic();
    const alive = () => {
      cancelIdle();
      cancelIdle = clock.setTimer(limit, () => ending.abort(new IdleError(`no sign of life for ${limit / 1_000} s`)));
    };
    try {
      alive();
      const events = await cluster.watch<T>(resource, {
        ...selection,
        resourceVersion: version!,
        timeoutSeconds,
        signal: ending.signal,
      });
      opened = true;
      recovered();
      for await (const event of events) {
        lines++;
        if (event.type === "BOOKMARK") {
          limit = IDLE_LIMIT;
          version = event.resourceVersion;
        } else {
          version = event.object.metadata.resourceVersion!;
          tell(event.type === "DELETED" ? store.remove(event.object) : store.put(event.object));
        }
        alive();
      }
      empty = lines > 0 ? 0 : empty + 1;
      // A living server sends a bookmark a minute. One that is silent from a version on, or ends every watch at once, may
      // know nothing of that version: its storage was put back to an older state.
      if (empty >= EMPTY_LIMIT || lines === 0 && clock.monotonic() - began > IDLE_LIMIT) {
        log.debug(`Watching ${resource.plural} shows nothing: listing again`);
        version = undefined;
        empty = 0;
      }
    } catch (error) {
      // A quiet stream can also mean that the server's versions went back: list again to be sure.
      if (error instanceof IdleError) version = undefined;
      throw error;
    } finally {
      cancelIdle();
      signal.removeEventListener("abort", end);
    }
  }

  function recovered(): void {
    backoff.reset();
    if (failing) log.info(`Following ${resource.plural} again`);
    failing = false;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const started = clock.monotonic();
      let wait = 0;
      opened = false;
      try {
        if (version === undefined) await list();
        await watch();
        wait = CONNECT_FLOOR - (clock.monotonic() - started);
      } catch (error) {
        if (signal.aborted) break;
        if (isExpired(error)) {
          log.debug(`The version to follow ${resource.plural} from is too old: listing again`);
          version = undefined;
          wait = CONNECT_FLOOR - (clock.monotonic() - started);
        } else {
          const floor = opened ? CONNECT_FLOOR - (clock.monotonic() - started) : 0;
          wait = Math.max((isStatus(error) && error.status.retryAfter) || 0, backoff.next(), floor);
          const message = `Cannot follow ${resource.plural}, trying again in ${Math.round(wait)} ms: ${causeText(error)}`;
          // A watch that breaks is daily business. That it cannot be opened again is told once, and when that is over.
          log[opened || failing ? "debug" : "warn"](message);
          failing ||= !opened;
        }
      }
      if (wait > 0) await sleep(clock, wait, signal).catch(() => {});
    }
    synced.reject(signal.reason);
  }

  return { store, synced: synced.promise, finished: run() };
}
