/**
 * The `Metrics` port over `prom-client`.
 *
 * @module
 */
import { Counter, Gauge, Histogram, type Metric, type Registry } from "prom-client";
import { checkValue, type Expectation, hasFunctions } from "../options.ts";
import type { MetricDescription, MetricLabels, Metrics } from "../ports.ts";

/** A registry of `prom-client`, as far as it is touched here. */
export interface PrometheusRegistry {
  /** The metric of this name. */
  getSingleMetric(name: string): object | undefined;
  /** Adds a metric. */
  registerMetric(metric: never): void;
}

/** What a gauge reads when it is asked for: by its labels, the readings that were added, the newest last. */
type Readings = Map<string, { readonly labels: MetricLabels; readonly reads: (() => number | undefined)[] }>;

/** Beside the gauge, so that two ports over one registry share it. */
const readingsOf: WeakMap<Metric, Readings> = new WeakMap();

const REGISTRY: Expectation = {
  expected: "a Registry of prom-client",
  fits: (value) => hasFunctions<PrometheusRegistry>(value, ["getSingleMetric", "registerMetric"]),
  meant: (value) =>
    REGISTRY.fits((value as { registry?: unknown } | null | undefined)?.registry) ? "options.registry" : undefined,
};

/**
 * Makes a place to count of a registry of `prom-client`. Does no IO; serve `registry.metrics()` where Prometheus asks.
 *
 * Of several readings of a gauge with the same labels the newest counts.
 *
 * @param registry Where the metrics are put; may hold others.
 * @returns The port, to be given to `runDirector`, `runWorker` and `connect`.
 * @throws {TypeError} When it is no registry.
 *
 * @example Count what a worker does
 * ```ts
 * import { Registry } from "prom-client";
 * import { createPrometheusMetrics } from "crd-watcher/prometheus";
 *
 * const registry = new Registry();
 * const metrics = createPrometheusMetrics(registry);
 * const seen = metrics.counter({ name: "seen_total", help: "Things that were seen", labels: ["kind"] });
 * seen({ kind: "bird" });
 * console.log(await registry.metrics());
 * ```
 */
export function createPrometheusMetrics(registry: PrometheusRegistry): Metrics {
  checkValue("Cannot make metrics", "registry", registry, REGISTRY);
  /** The metric of this name. @throws {TypeError} when there is one of another type. */
  function find<T extends Metric>(type: new (...args: never[]) => T, name: string): T | undefined {
    const found = registry.getSingleMetric(name);
    if (found === undefined || found.constructor.name === type.name) return found as T | undefined;
    throw new TypeError(`Cannot make the metric ${name}: the registry has one of that name, a ${found.constructor.name}`);
  }
  const settings = ({ name, help, labels = [] }: MetricDescription) => ({
    name,
    help,
    labelNames: labels,
    registers: [registry as Registry],
  });
  return {
    counter(description) {
      const counter = find(Counter, description.name) ?? new Counter(settings(description));
      return (labels = {}, value = 1) => counter.inc(labels, value);
    },
    histogram(description) {
      const histogram = find(Histogram, description.name) ??
        new Histogram({ ...settings(description), buckets: [...description.buckets] });
      return (value, labels = {}) => histogram.observe(labels, value);
    },
    gauge(description, labels, read) {
      const found = find(Gauge, description.name);
      const gauge = found ?? new Gauge({ ...settings(description), collect: collectReadings });
      if (!found) readingsOf.set(gauge, new Map());
      const readings = readingsOf.get(gauge);
      if (!readings) {
        throw new TypeError(
          `Cannot make the metric ${description.name}: the registry has one of that name, that is set, not read`,
        );
      }
      const key = JSON.stringify(Object.entries(labels).sort());
      const own = () => read();
      const { reads } = readings.get(key) ?? { reads: [] };
      readings.set(key, { labels, reads: [...reads, own] });
      return () => {
        const rest = readings.get(key)?.reads.filter((other) => other !== own) ?? [];
        if (rest.length > 0) readings.set(key, { labels, reads: rest });
        else readings.delete(key);
      };
    },
  };
}

/** Fills a gauge with what its readings say now. */
function collectReadings(this: Gauge): void {
  this.reset();
  this.remove({}); // one without labels would be 0 where nothing is read
  for (const { labels, reads } of readingsOf.get(this)?.values() ?? []) {
    const value = reads.at(-1)!();
    if (value !== undefined) this.set(labels, value);
  }
}
