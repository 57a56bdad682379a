import type { Metrics } from "../../ports.ts";

/** How a call of reconcile ended, in controller-runtime's words; `requeue` is a conflict. */
export type ReconcileOutcome = "success" | "requeue_after" | "requeue" | "error";

/** What a controller counts. */
export interface ControllerMetrics {
  /** A call of reconcile has ended. @param ms How long it took. */
  reconciled(outcome: ReconcileOutcome, ms: number): void;
  /** A call was put off, because a cache does not show yet what was written before. */
  stale(): void;
  /** A cache did not show a write in time, so that the server was asked. */
  lookedUp(): void;
  /** A key causes itself to be reconciled. */
  hot(): void;
  /** Takes the readings away. */
  close(): void;
}

/** controller-runtime's, in seconds. */
const BUCKETS: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75],
  ...[2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
];

/** Makes the metrics of a controller, under controller-runtime's names where it has some. */
export function createControllerMetrics(
  metrics: Metrics,
  { name, concurrency, active }: { readonly name: string; readonly concurrency: number; readonly active: () => number },
): ControllerMetrics {
  const labels = { controller: name };
  const labelled = (metric: string, help: string, ...more: string[]) => ({ name: metric, help, labels: ["controller", ...more] });
  const own = (metric: string, help: string) => {
    const count = metrics.counter(labelled(`crd_watcher_${metric}`, help));
    return () => count(labels);
  };
  const total = metrics.counter(
    labelled("controller_runtime_reconcile_total", "Total number of reconciliations per controller", "result"),
  );
  const outcomes = { success: 0, requeue_after: 0, requeue: 0, error: 0 };
  const byOutcome = new Map(Object.keys(outcomes).map((result) => [result, { ...labels, result }]));
  const errors = metrics.counter(
    labelled("controller_runtime_reconcile_errors_total", "Total number of reconciliation errors per controller"),
  );
  // So that a rate can be made of them before the first one: as controller-runtime does.
  for (const of of byOutcome.values()) total(of, 0);
  errors(labels, 0);
  const time = metrics.histogram({
    ...labelled("controller_runtime_reconcile_time_seconds", "Length of time per reconciliation per controller"),
    buckets: BUCKETS,
  });
  const readings = [
    metrics.gauge(
      labelled("controller_runtime_active_workers", "Number of currently used workers per controller"),
      labels,
      active,
    ),
    metrics.gauge(
      labelled("controller_runtime_max_concurrent_reconciles", "Maximum number of concurrent reconciles per controller"),
      labels,
      () => concurrency,
    ),
  ];
  return {
    reconciled(outcome, ms) {
      total(byOutcome.get(outcome));
      if (outcome === "error") errors(labels);
      time(ms / 1_000, labels);
    },
    stale: own("stale_reads_total", "Reconciliations put off because a cache did not show yet what had been written before"),
    lookedUp: own("stale_lookups_total", "Writes that a cache did not show in time, so that the server was asked"),
    hot: own("hot_loops_total", "Keys that were found to cause their own reconciliation again and again"),
    close: () => readings.forEach((remove) => remove()),
  };
}
