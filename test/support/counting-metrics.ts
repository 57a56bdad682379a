import type { MetricDescription, MetricLabels, Metrics } from "../../src/ports.ts";

/** Metrics that can be looked at: `name{label="value"}` in the order of the labels' names. */
export interface CountingMetrics extends Metrics {
  /** What a counter has come to, or a gauge says now; undefined where there is none. */
  value(series: string): number | undefined;
  /** The values that a histogram has noted. */
  observed(series: string): readonly number[];
  /** All series there are, sorted. */
  readonly series: string[];
}

/** Makes empty metrics. Refuses labels that were not described, as a registry does. */
export function createCountingMetrics(): CountingMetrics {
  const counters = new Map<string, number>();
  const histograms = new Map<string, number[]>();
  const gauges = new Map<string, () => number | undefined>();
  const seriesOf = ({ name, labels: names = [] }: MetricDescription, labels: MetricLabels = {}) => {
    const given = Object.keys(labels).sort();
    if (given.join() !== [...names].sort().join()) throw new Error(`${name} has the labels ${names}, got ${given}`);
    return given.length === 0 ? name : `${name}{${given.map((label) => `${label}="${labels[label]}"`).join()}}`;
  };
  return {
    counter: (description) => (labels, value = 1) => {
      const series = seriesOf(description, labels);
      counters.set(series, (counters.get(series) ?? 0) + value);
    },
    histogram: (description) => (value, labels) => {
      const series = seriesOf(description, labels);
      histograms.set(series, [...histograms.get(series) ?? [], value]);
    },
    gauge(description, labels, read) {
      const series = seriesOf(description, labels);
      gauges.set(series, read);
      return () => void (gauges.get(series) === read && gauges.delete(series));
    },
    value: (series) => counters.get(series) ?? gauges.get(series)?.(),
    observed: (series) => histograms.get(series) ?? [],
    get series() {
      return [...counters.keys(), ...histograms.keys(), ...gauges.keys()].sort();
    },
  };
}
