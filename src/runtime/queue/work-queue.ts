import { ANYTHING, checkOptions, CLOCK, type Members, METRICS, required, TEXT } from "../../options.ts";
import type { Clock, Metrics } from "../../ports.ts";
import { type BackoffOptions, checkBackoff, waitAfter } from "../time/backoff.ts";
import { createDelays, type Delayed } from "./delays.ts";
import { createLanes, type Due } from "./lanes.ts";
import { createQueueMetrics, type QueueMetrics } from "./queue-metrics.ts";
import { createRecent } from "../store/recent.ts";
import { ChurnMap, ChurnSet } from "../store/churn.ts";

/** For what nothing has changed about: initial objects, a regular second look (controller-runtime's `LowPriority`). */
export const LOW_PRIORITY: number = -100;

/** How a key is added. */
export interface AddOptions {
  /**
   * Higher goes first. Of several additions of a key the highest counts.
   *
   * @default {0; of what is added for later while it is worked on, what the key was taken with}
   */
  readonly priority?: number;
}

/** How a key is added again that has failed. */
export interface RetryOptions extends AddOptions {
  /** The wait is no shorter than so many milliseconds: what a server asks for. @default {0} */
  readonly atLeast?: number;
}

/**
 * A queue of keys in which a key stands once, however often it was added, and is worked on by one taker at a time
 * (client-go, `util/workqueue`; controller-runtime, `pkg/controller/priorityqueue`).
 *
 * **Guarantees**
 * - A key that was added is taken after that, once; one that is added while it is worked on is taken again afterwards.
 * - No two takers work on one key at a time.
 * - Higher priorities go first, and within one first come, first served. Every sixteenth take goes to who has waited longest,
 *   so that nobody waits for ever.
 * - A key has one time at which it is due, the earliest that was asked for: what makes it due now takes the place of what was
 *   to make it due later.
 * - A key that is neither due, nor waited for, nor worked on costs nothing, its failures apart, which are forgotten in time.
 *
 * **Assumptions**: each `take` that gave a key is followed by `done`.
 */
export interface WorkQueue {
  /** Marks a key as due. */
  add(key: string, options?: AddOptions): void;
  /** Adds a key in `ms` milliseconds. @throws {RangeError} When that is no number of milliseconds. */
  addAfter(key: string, ms: number, options?: AddOptions): void;
  /** The work on a key has succeeded, and there is more to do in `ms` milliseconds: `forget` and `addAfter`. */
  requeueAfter(key: string, ms: number, options?: AddOptions): void;
  /** Takes back what was to make a key due later. One that is due already, or worked on and added again, stays so. */
  withdraw(key: string): void;
  /** Adds a key after a wait that grows with each failure of this key. @returns The wait in milliseconds. */
  retry(key: string, options?: RetryOptions): number;
  /** Ends the failures of a key. */
  forget(key: string): void;
  /** How often a key has failed in a row. */
  failures(key: string): number;
  /** The next key, as soon as there is one; undefined once the queue was shut down. */
  take(): Promise<string | undefined>;
  /** The next key, if there is one now. */
  poll(): string | undefined;
  /** The work on a taken key has ended. */
  done(key: string): void;
  /** Hands out no more keys: those that are due or waited for are dropped, and nothing is added any more. */
  shutDown(): void;
  /** The same. @returns Resolves when the work on the keys that were taken is done. */
  shutDownWithDrain(): Promise<void>;
  /** Keys that are due and can be taken. */
  readonly length: number;
}

/** What a queue needs. */
export interface WorkQueueOptions {
  /** Time. */
  readonly clock: Clock;
  /** The name in the metrics. @default {"queue"} */
  readonly name?: string;
  /** Where it counts. @default {Nothing is counted} */
  readonly metrics?: Metrics;
  /** How the waits of `retry` grow. @default {From 100 ms to 10 s, doubled each time, half of it random} */
  readonly backoff?: BackoffOptions;
}

const OPTIONS: Members<WorkQueueOptions> = {
  clock: required(CLOCK),
  name: TEXT,
  metrics: METRICS,
  backoff: ANYTHING, // looked at by itself
};

/** A key that is due, waited for, or worked on. */
interface Entry extends Due<Entry>, Delayed {
  /** It is due: in its lane, or worked on and to be put there afterwards. Then it is not among the delays. */
  dirty: boolean;
  processing: boolean;
  /** The priority that it was taken with. */
  taken: number;
  /** When it became due, and when it was taken, where that is measured. */
  since: number;
  started: number;
}

/** Makes an empty queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  checkOptions("Cannot make a work queue", options, OPTIONS);
  const { clock, name = "queue", metrics, backoff = {} } = options;
  checkBackoff("Cannot make a work queue", backoff);
  const { max = 10_000, random = Math.random } = backoff;
  const entries = new ChurnMap<string, Entry>(); // by key: whatever is dirty, delayed or processing, and nothing else
  const processing = new ChurnSet<Entry>();
  const lanes = createLanes<Entry>(); // what is dirty and not processing
  const takers: ((key: string | undefined) => void)[] = [];
  // A count must outlive the wait that it has led to.
  const failed = createRecent<number>(clock, 2 * max);
  const drained: (() => void)[] = [];
  let closed = false;
  const measure: QueueMetrics | undefined = metrics && createQueueMetrics({
    name,
    clock,
    metrics,
    depth: () => lanes.size,
    *started() {
      for (const { started } of processing) yield started;
    },
  });
  const delays = createDelays<Entry>(clock, (entry) => makeDue(entry, entry.priority));

  function entryOf(key: string): Entry {
    let entry = entries.get(key);
    if (!entry) {
      entry = {
        key,
        priority: 0,
        turn: 0,
        due: 0,
        place: -1,
        dirty: false,
        processing: false,
        taken: 0,
        since: 0,
        started: 0,
        next: undefined,
        previous: undefined,
      };
      entries.set(key, entry);
    }
    return entry;
  }

  function makeDue(entry: Entry, priority: number): void {
    if (entry.dirty) {
      if (priority <= entry.priority) return;
      if (!entry.processing) lanes.remove(entry);
      entry.priority = priority;
      if (!entry.processing) lanes.add(entry);
      return;
    }
    const waits = entry.place >= 0;
    if (waits) delays.remove(entry);
    entry.priority = waits ? Math.max(priority, entry.priority) : priority;
    entry.dirty = true;
    if (measure) entry.since = measure.added();
    if (!entry.processing) enqueue(entry);
  }

  function enqueue(entry: Entry): void {
    lanes.add(entry);
    const taker = takers.pop();
    if (taker) queueMicrotask(() => hand(taker));
  }

  /** A moment later, so that a key that is added several times in a row is taken once, after that. */
  function hand(taker: (key: string | undefined) => void): void {
    const key = takeNext();
    if (key !== undefined || closed) taker(key);
    else takers.push(taker);
  }

  function takeNext(): string | undefined {
    const entry = lanes.take();
    if (!entry) return undefined;
    entry.dirty = false;
    entry.processing = true;
    entry.taken = entry.priority;
    processing.add(entry);
    if (measure) entry.started = measure.taken(entry.since);
    return entry.key;
  }

  /** A key that is worked on keeps its priority: what was not urgent does not become so by failing. */
  function priorityOf(key: string, options: AddOptions | undefined): number {
    if (options?.priority !== undefined) return checkPriority(key, options.priority);
    const entry = entries.get(key);
    return entry?.processing ? entry.taken : 0;
  }

  function shutDown(): void {
    if (closed) return;
    closed = true;
    lanes.clear();
    delays.clear();
    entries.clear();
    for (const entry of processing) {
      entry.dirty = false;
      entries.set(entry.key, entry);
    }
    for (const taker of takers.splice(0)) taker(undefined);
    if (processing.size === 0) measure?.close();
  }

  const queue: WorkQueue = {
    add(key, options) {
      if (closed) return;
      const priority = options?.priority === undefined ? 0 : checkPriority(key, options.priority);
      makeDue(entryOf(key), priority);
    },
    addAfter(key, ms, options) {
      if (!Number.isFinite(ms)) {
        throw new RangeError(`Cannot add "${key}" after ${ms} ms: expected a number of milliseconds`);
      }
      if (closed) return;
      const priority = priorityOf(key, options);
      const entry = entryOf(key);
      if (ms <= 0) return makeDue(entry, priority);
      measure?.delayed();
      if (entry.dirty) return;
      const due = clock.monotonic() + ms;
      if (entry.place < 0) {
        entry.priority = priority;
        entry.due = due;
        delays.add(entry);
        return;
      }
      entry.priority = Math.max(priority, entry.priority);
      if (due >= entry.due) return;
      entry.due = due;
      delays.advanced(entry);
    },
    requeueAfter(key, ms, options) {
      queue.forget(key);
      queue.addAfter(key, ms, options);
    },
    withdraw(key) {
      const entry = entries.get(key);
      if (!entry || entry.place < 0) return;
      delays.remove(entry);
      if (!entry.processing) entries.delete(key);
    },
    retry(key, options) {
      if (closed) return 0;
      const failures = queue.failures(key) + 1;
      failed.set(key, failures);
      const ms = Math.max(waitAfter(failures, random(), backoff), options?.atLeast ?? 0);
      queue.addAfter(key, ms, options);
      return ms;
    },
    forget: (key) => failed.delete(key),
    failures: (key) => failed.get(key) ?? 0,
    take() {
      if (closed) return Promise.resolve(undefined);
      const key = takeNext();
      return key === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(key);
    },
    poll: takeNext,
    done(key) {
      const entry = entries.get(key);
      if (!entry?.processing) return;
      entry.processing = false;
      processing.delete(entry);
      measure?.done(entry.started);
      if (entry.dirty) enqueue(entry);
      else if (entry.place < 0) entries.delete(key);
      if (closed && processing.size === 0) {
        measure?.close();
        for (const resolve of drained.splice(0)) resolve();
      }
    },
    shutDown,
    shutDownWithDrain() {
      shutDown();
      return processing.size === 0 ? Promise.resolve() : new Promise((resolve) => drained.push(resolve));
    },
    get length() {
      return lanes.size;
    },
  };
  return queue;
}

function checkPriority(key: string, priority: number): number {
  if (Number.isFinite(priority)) return priority;
  throw new RangeError(`Cannot add "${key}" with priority ${priority}: expected a number`);
}
