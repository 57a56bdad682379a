import { isAlreadyExists, isNoAnswer, isNotFound, isStatus, wholeText } from "../../errors.ts";
import {
  ANY_TEXT,
  ANYTHING,
  checkCluster,
  checkOptions,
  CLOCK,
  LOG,
  type Members,
  METRICS,
  required,
  SIGNAL,
  TEXT,
} from "../../options.ts";
import type { Clock, KubernetesObject, Log, Metrics, Writer } from "../../ports.ts";
import { waitAfter } from "../time/backoff.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { createEventCorrelator } from "./event-correlator.ts";
import { eventObject, eventPatch, type EventRecord, EVENTS, faultOf, type NewEvent, referenceTo } from "./event.ts";
import { uniqueIdentity } from "../leases/identity.ts";
import { tolerantLog, warningLog } from "../log/log.ts";
import { createLru } from "../store/lru.ts";

/** Who tells, and where. */
export interface EventRecorderOptions {
  /** The cluster to write to. Needs the rights to create and patch events. */
  readonly cluster: Writer;
  /** Which program tells: `kubectl describe` shows it as `From`. As in `crd-watcher-director` or `example.com/websites`. */
  readonly component: string;
  /** Which of its processes. @default {The component and eight random digits} */
  readonly instance?: string;
  /** Ends it: what is not written yet is dropped. */
  readonly signal?: AbortSignal;
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Where it tells what it has dropped, and of events that are none. @default {Warnings and errors go to the console; see `createConsoleLog`} */
  readonly log?: Log;
  /** Where `crd_watcher_events_total` is counted. @default {Nothing is counted} */
  readonly metrics?: Metrics;
}

/** Tells people what happens to objects. */
export interface EventRecorder {
  /**
   * Something has happened that a person should know of. Returns at once, and never throws: what cannot be told is dropped.
   *
   * @param object As it was last seen.
   */
  record(object: KubernetesObject, event: NewEvent): void;
  /** Waits until all is written or dropped, for at most `limit` milliseconds. @default {5_000} */
  flush(limit?: number): Promise<void>;
}

const OPTIONS: Members<EventRecorderOptions> = {
  cluster: ANYTHING, // looked at by itself
  component: required(ANY_TEXT), // looked at by itself
  instance: TEXT,
  signal: SIGNAL,
  clock: CLOCK,
  log: LOG,
  metrics: METRICS,
};

/** client-go's: what waits to be written; how often that is tried. */
const LONGEST_QUEUE = 1_000;
const TRIES = 12;
/** How the waits between those grow, in milliseconds. */
const WAITS = { initial: 1_000, max: 10_000 };
/** So long nothing is written to a namespace that has refused an event, in milliseconds: it will refuse the next one, too. */
const HOLD = 60_000;
/** Namespaces that are remembered to have refused. */
const NAMESPACES = 1_000;
/** `metav1.IsQualifiedName`. */
const COMPONENT =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LONGEST_INSTANCE = 128;

/** The verb that this user may not use, by RBAC's words: that does not mend itself. */
const lackedRight = (why: string): string | undefined => /\bcannot (\w+) resource "events"/.exec(why)?.[1];

/**
 * Makes a recorder of events (`core/v1`), by the rules of client-go's: for what a person must see who looks at an object, not
 * for what a program needs to know. The server forgets events after an hour.
 *
 * **Guarantees**
 * - `record` neither waits nor throws; what is refused (403, 404, 429, a namespace that is being deleted) is dropped, with one
 *   line at debug until an event is written again; a right that is missing is warned of, once.
 * - What happens again counts the event of before; ten that differ in their message only, each within ten minutes of the one
 *   before, become one, which shows the last of them.
 * - At most 25 writes about an object at once, and one more every five minutes; what was not written counts in the next one.
 * - One request at a time; while the server is away up to 1,000 events wait for it. Without any it has no timer.
 *
 * **Assumptions**: nobody decides by events: one may be lost.
 *
 * @throws {TypeError} When `component` is nothing that an event can be reported by.
 *
 * @example Tell why something is not ready
 * ```ts
 * import { type Cluster, createEventRecorder, type KubernetesObject } from "crd-watcher/runtime";
 *
 * function tell(cluster: Cluster, site: KubernetesObject) {
 *   const events = createEventRecorder({ cluster, component: "example.com/websites" });
 *   events.record(site, { type: "Warning", reason: "PageTooLarge", message: "The page has 3 MiB, 1 MiB is the limit" });
 * }
 * ```
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  checkCluster("Cannot record events", options?.cluster);
  checkOptions("Cannot record events", options, OPTIONS);
  const { cluster, component, instance = uniqueIdentity(component), signal, clock = systemClock, metrics } = options;
  const log = tolerantLog(options.log ?? warningLog);
  if (!COMPONENT.test(component)) {
    throw new TypeError(`Cannot record events: component is "${component}", expected a name such as example.com/websites`);
  }
  const reporter = { component, instance: instance.slice(0, LONGEST_INSTANCE) };
  const count = metrics?.counter({
    name: "crd_watcher_events_total",
    help: "Events by what became of them: recorded, dropped because they could not be written, or too many of one object.",
    labels: ["result"],
  });
  const correlator = createEventCorrelator(clock);
  const waiting = new Set<EventRecord>(); // in order
  /** By namespace: until when nothing is written there, on the monotonic clock. */
  const held = createLru<number>(NAMESPACES);
  const toldDropped = new Set<string>();
  const toldDenied = new Set<string>();
  const toldFaults = new Set<string>();
  let sending: Promise<void> | undefined;

  function drop({ about, reason }: EventRecord, what: string, why: string): void {
    count?.({ result: "dropped" });
    const object = about.namespace === undefined ? about.name : `${about.namespace}/${about.name}`;
    const right = lackedRight(why);
    // What may be created and not patched would be told again and again.
    const told = right === undefined ? toldDropped : toldDenied;
    const kind = right === undefined ? what : `${right} ${about.namespace}`;
    if (told.has(kind) || told.size >= NAMESPACES) return;
    told.add(kind);
    log[right === undefined ? "debug" : "warn"](
      `Dropped event ${reason} of ${about.kind} "${object}", and others like it: ${why}`,
    );
  }

  async function write(record: EventRecord): Promise<void> {
    if (record.stored) {
      try {
        return void await cluster.patch(EVENTS, record.key, eventPatch(record), { signal, metadataOnly: true });
      } catch (error) {
        if (!isNotFound(error)) throw error; // it was forgotten: an hour has passed
      }
    }
    try {
      await cluster.create(EVENTS, eventObject(record, reporter), { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error; // an answer was lost
    }
    record.stored = true;
  }

  async function deliver(record: EventRecord): Promise<void> {
    const namespace = record.key.namespace!;
    if ((held.get(namespace) ?? -Infinity) > clock.monotonic()) return count?.({ result: "dropped" });
    for (let tries = 1;; tries++) {
      try {
        await write(record);
        toldDropped.clear();
        return count?.({ result: "recorded" });
      } catch (error) {
        const away = isNoAnswer(error) || isStatus(error) && error.status.code >= 500;
        if (signal?.aborted) return drop(record, "ended", "the recorder has ended");
        if (!away || tries === TRIES) {
          const status = isStatus(error) ? error.status : undefined;
          if (status && [403, 404, 429].includes(status.code)) {
            held.set(namespace, clock.monotonic() + (status.retryAfter ?? HOLD));
          }
          return drop(record, `${status?.code} ${namespace}`, wholeText(error));
        }
        await sleep(clock, waitAfter(tries, Math.random(), WAITS), signal).catch(() => {}); // ended: seen above
      }
    }
  }

  async function send(): Promise<void> {
    for (const record of waiting) {
      waiting.delete(record); // before it is written: what happens meanwhile is written afterwards
      if (signal?.aborted) drop(record, "ended", "the recorder has ended");
      else await deliver(record);
    }
    sending = undefined;
  }

  return {
    record(object, event) {
      const fault = faultOf(event);
      const about = referenceTo(object);
      if (fault || !about) {
        const why = fault ?? "its object does not say its apiVersion, kind and name";
        if (!toldFaults.has(why)) log.error(`Cannot record event "${event.reason}": ${why}`);
        return void toldFaults.add(why);
      }
      const record = correlator.note(about, event);
      if (waiting.has(record)) return; // it will be told with it
      if (!correlator.admits(about)) return count?.({ result: "filtered" });
      if (waiting.size >= LONGEST_QUEUE) return drop(record, "queue", `${LONGEST_QUEUE} others wait to be written`);
      waiting.add(record);
      sending ??= Promise.resolve().then(send);
    },
    async flush(limit = 5_000) {
      const over = new AbortController();
      const done = sending?.then(() => over.abort());
      if (done) await Promise.race([done, sleep(clock, limit, over.signal).catch(() => done)]);
    },
  };
}
