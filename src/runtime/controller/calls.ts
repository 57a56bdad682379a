import { isAlreadyExists, isConflict, isCrdWatcherError, isNoAnswer, isNotFound, isStatus, wholeText } from "../../errors.ts";
import type { Clock, Cluster, KubernetesObject, Log, Resource } from "../../ports.ts";
import { nextTurn, sleep } from "../time/clock.ts";
import type { ControllerMetrics, ReconcileOutcome } from "./controller-metrics.ts";
import type { HotLoops, Round } from "./hot-loop.ts";
import { stackText } from "../log/log.ts";
import { nameOf, textOf } from "./mappings.ts";
import { NoticingCluster } from "./noticing-cluster.ts";
import type { ReadYourWrites } from "./read-your-writes.ts";
import { type CallServices, type Reconcile, ReconcileCall } from "./reconcile.ts";
import { keyOf } from "../store/store.ts";
import { typed, type WatchedKind } from "./watched-kind.ts";
import type { WorkQueue } from "../queue/work-queue.ts";
import { ChurnMap } from "../store/churn.ts";

/** The calls of reconcile. */
export interface Calls {
  /** The calls under way, by key. */
  readonly active: Pick<ReadonlyMap<string, unknown>, "has" | "size">;
  /** Takes keys and calls reconcile, one after the other, until the queue is shut down. */
  work(): Promise<void>;
  /**
   * The queue was shut down: waits for the calls under way, then tells them to end, then leaves them.
   * @param working Resolves when all of them are done.
   */
  drain(working: Promise<void>, how: { readonly grace: number; readonly reason: unknown }): Promise<void>;
}

/** What the calls are made with. */
export interface CallsOptions<T extends KubernetesObject> {
  readonly name: string;
  readonly cluster: Cluster;
  readonly reconcile: Reconcile<T>;
  readonly onError: ((error: unknown, key: string) => boolean) | undefined;
  /** By `nameOf` their resource. */
  readonly kinds: ReadonlyMap<string, WatchedKind>;
  readonly main: WatchedKind;
  readonly queue: WorkQueue;
  readonly reads: ReadYourWrites;
  readonly loops: HotLoops;
  readonly counts: ControllerMetrics | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a call may take to heed its signal, in milliseconds. */
const HEED_LIMIT = 5_000;

/** After so many calls in a row the event loop gets a turn: calls that wait for nothing would let nothing else run. */
const CALLS_A_TURN = 64;

/** Makes what calls reconcile. */
export function createCalls<T extends KubernetesObject>(options: CallsOptions<T>): Calls {
  const { name, cluster, reconcile, onError, kinds, main, queue, reads, loops, counts, clock, log } = options;
  const active = new ChurnMap<string, ReconcileCall<T>>();
  let ending = false;
  let unreachable = false;

  const kindOf = (resource: Resource): WatchedKind => {
    const kind = kinds.get(nameOf(resource));
    if (kind) return kind;
    throw new TypeError(`Controller "${name}" does not follow ${nameOf(resource)}: name it in "owns" or "watches"`);
  };
  const connect = (key: string, round: Round) =>
    new NoticingCluster(cluster, {
      wrote(write, resource, object) {
        loops.wrote(round, object, `${write} of ${textOf(resource, keyOf(object))}`);
        const kind = kinds.get(nameOf(resource));
        if (kind) reads.wrote(kind, object, key);
      },
      deleted(resource, address) {
        const deleted = keyOf({ metadata: address });
        loops.deleted(round, textOf(resource, deleted));
        const kind = kinds.get(nameOf(resource));
        if (kind) reads.deleted(kind, deleted, key);
      },
    });
  const services: CallServices<T> = {
    name,
    log,
    connect,
    cache: typed<T>(main),
    cacheOf: (resource) => typed(kindOf(resource)),
    now: () => clock.now(),
    seen(key, round, object, resource) {
      loops.saw(round, object);
      reads.wrote(resource ? kindOf(resource) : main, object, key);
    },
  };

  async function handle(key: string): Promise<void> {
    const wait = reads.wait(key);
    if (wait !== undefined && wait > 0) {
      counts?.stale();
      return queue.addAfter(key, wait);
    }
    const hold = loops.hold(key);
    if (hold > 0) return queue.addAfter(key, hold);
    const round = loops.begin(key);
    const call = new ReconcileCall<T>(key, round, services);
    active.set(key, call);
    const began = counts ? clock.monotonic() : 0;
    let outcome: ReconcileOutcome = "success";
    let again: number | undefined;
    try {
      if (wait === undefined) await reads.lookUp(key, call.signal);
      call.object = services.cache.get(key);
      again = (await reconcile(key, call))?.requeueAfter;
      if (again === undefined) queue.forget(key);
      else queue.requeueAfter(key, again);
      if (again !== undefined) outcome = "requeue_after";
      unreachable = false;
    } catch (error) {
      outcome = fail(key, error, call);
    } finally {
      active.delete(key);
      loops.end(key, round, again);
      counts?.reconciled(outcome, clock.monotonic() - began);
    }
  }

  function fail(key: string, thrown: unknown, call: ReconcileCall<T>): ReconcileOutcome {
    if (isForgiven(key, thrown)) {
      queue.forget(key);
      return "error";
    }
    const wait = queue.retry(key, { atLeast: isStatus(thrown) ? thrown.status.retryAfter : undefined });
    const failures = queue.failures(key);
    // Somebody else was faster: what that was is on its way to the cache. What is not there the next time is missing.
    const conflict = isConflict(thrown) || isAlreadyExists(thrown) || isNotFound(thrown) && failures === 1;
    // A server that cannot be reached is told of once, not once for each key; the same key less and less often.
    const worth = !conflict && (failures & failures - 1) === 0 && !(isNoAnswer(thrown) && unreachable);
    unreachable = isNoAnswer(thrown);
    const next = ending ? "the controller ends" : `trying again in ${Math.round(wait)} ms`;
    call.log[worth && !ending ? unreachable ? "warn" : "error" : "debug"](`Cannot reconcile, ${next}: ${wholeText(thrown)}`);
    if (worth && !isCrdWatcherError(thrown)) call.log.debug(`Thrown at: ${stackText(thrown)}`);
    return conflict ? "requeue" : "error";
  }

  function isForgiven(key: string, thrown: unknown): boolean {
    try {
      return onError?.(thrown, key) === true;
    } catch (error) {
      log.error(`onError has thrown: ${wholeText(error)}`, { controller: name, object: key });
      return false;
    }
  }

  return {
    active,
    async work() {
      for (let inARow = 0;; inARow++) {
        let key = queue.poll();
        if (key === undefined) {
          key = await queue.take();
          inARow = 0;
        } else if (inARow % CALLS_A_TURN === CALLS_A_TURN - 1) await new Promise<void>(nextTurn);
        if (key === undefined) return;
        try {
          if (!ending) await handle(key);
        } catch {
          // Only the metrics that were given can have thrown: they must not stop the loop.
        } finally {
          queue.done(key);
        }
      }
    },
    async drain(working, { grace, reason }) {
      ending = true;
      let over = false;
      const waiting = new AbortController();
      working.then(() => {
        over = true;
        waiting.abort();
      });
      if (grace === Infinity) return await working;
      if (grace > 0) await sleep(clock, grace, waiting.signal).catch(() => {});
      else await Promise.resolve();
      for (const call of active.values()) call.abort(reason);
      if (!over) await sleep(clock, HEED_LIMIT, waiting.signal).catch(() => {});
      if (over) return;
      const left = [...active.keys()].slice(0, 3).map((key) => `"${key}"`).join(", ");
      log.warn(`Left ${active.size} calls of reconcile behind (${left}): they did not heed their signal`, { controller: name });
    },
  };
}
