import type { Clock, Metrics } from "../../ports.ts";

/** What a work queue counts, under the names that client-go gives it (`util/workqueue/metrics.go`). */
export interface QueueMetrics {
  /** A key became due. @returns When, to be given to `taken`. */
  added(): number;
  /** A key will become due later. */
  delayed(): void;
  /** A key was taken that had become due at `since`. @returns When, to be given to `done`. */
  taken(since: number): number;
  /** The work that had begun at `started` is done. */
  done(started: number): void;
  /** Takes the readings away. */
  close(): void;
}

/** What is read whenever the metrics are asked for. */
export interface QueueReadings {
  /** How many keys are due. */
  readonly depth: () => number;
  /** When the work that is under way has begun. */
  readonly started: () => Iterable<number>;
}

/** client-go's: from 10 ns, ten times as much each, twelve of them. */
const BUCKETS: readonly number[] = Array.from({ length: 12 }, (_, index) => Number(`1e${index - 8}`));

/** Makes the metrics of the queue with this name. */
export function createQueueMetrics(
  { name, clock, metrics, depth, started }:
    & { readonly name: string; readonly clock: Clock; readonly metrics: Metrics }
    & QueueReadings,
): QueueMetrics {
  const labels = { name };
  const about = (metric: string, help: string) => ({ name: `workqueue_${metric}`, help, labels: ["name"] });
  const adds = metrics.counter(about("adds_total", "Total number of adds handled by workqueue"));
  const retries = metrics.counter(
    about(
      "retries_total",
      "Total number of items added to the workqueue with a delay: retries, and what is to be looked at again",
    ),
  );
  const waits = metrics.histogram({
    ...about("queue_duration_seconds", "How long in seconds an item stays in workqueue before being requested"),
    buckets: BUCKETS,
  });
  const works = metrics.histogram({
    ...about("work_duration_seconds", "How long in seconds processing an item from workqueue takes"),
    buckets: BUCKETS,
  });
  const ages = () => {
    const now = clock.monotonic();
    return Array.from(started(), (since) => (now - since) / 1_000);
  };
  const readings = [
    metrics.gauge(about("depth", "Current depth of workqueue"), labels, depth),
    metrics.gauge(
      about(
        "unfinished_work_seconds",
        "How many seconds of work is in progress and has not been observed by work_duration; large values tell of stuck work",
      ),
      labels,
      () => ages().reduce((sum, age) => sum + age, 0),
    ),
    metrics.gauge(
      about("longest_running_processor_seconds", "How many seconds the longest running processor for workqueue has been running"),
      labels,
      () => ages().reduce((longest, age) => Math.max(longest, age), 0),
    ),
  ];
  const sinceNow = (then: number, now: number) => (now - then) / 1_000;
  return {
    added() {
      adds(labels);
      return clock.monotonic();
    },
    delayed: () => retries(labels),
    taken(since) {
      const now = clock.monotonic();
      waits(sinceNow(since, now), labels);
      return now;
    },
    done: (started) => works(sinceNow(started, clock.monotonic()), labels),
    close: () => readings.forEach((remove) => remove()),
  };
}
