import type { Metrics } from "../../ports.ts";

/** Counts nothing: what the library uses unless told otherwise. */
export const silentMetrics: Metrics = { counter: () => () => {}, histogram: () => () => {}, gauge: () => () => {} };
