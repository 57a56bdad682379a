import type { Clock, Metrics } from "../../ports.ts";

/** Notes a request that goes out. @returns Notes its answer: the HTTP status code, or nothing where none came. */
export type CallMetrics = (method: string) => (code?: number) => void;

/** Of client-go's `rest_client_request_duration_seconds`, in seconds. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/**
 * Counts requests under the names of client-go, so that dashboards and alerts made for it work
 * (https://kubernetes.io/docs/reference/instrumentation/metrics/). Watches are counted when they begin; they have no
 * duration.
 *
 * @param server The server's URL.
 */
export function createCallMetrics(metrics: Metrics, server: string, clock: Clock): CallMetrics {
  const { host } = new URL(server);
  const requests = metrics.counter({
    name: "rest_client_requests_total",
    help: "Number of HTTP requests, partitioned by status code, method, and host",
    labels: ["code", "method", "host"],
  });
  const durations = metrics.histogram({
    name: "rest_client_request_duration_seconds",
    help: "Request latency in seconds, broken down by verb and host",
    labels: ["verb", "host"],
    buckets: BUCKETS,
  });
  return (method) => {
    const began = clock.monotonic();
    return (code) => {
      const watch = method === "WATCH";
      requests({ code: code === undefined ? "<error>" : `${code}`, method: watch ? "GET" : method, host });
      if (!watch) durations((clock.monotonic() - began) / 1000, { verb: method, host });
    };
  };
}
