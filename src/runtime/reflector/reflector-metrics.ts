import type { Metrics } from "../../ports.ts";
import type { WatchEffect } from "./watch-state.ts";

/** What a reflector counts. */
export interface ReflectorMetrics {
  /** Counts what a step says. */
  count(effect: WatchEffect & { type: "count" }): void;
  /** Counts an object that was left out. */
  malformed(): void;
  /** Counts an error of a handler. */
  handlerError(): void;
  /** Takes the gauges away. */
  end(): void;
}

/**
 * Makes the counters of a reflector.
 *
 * @param resource The plural.
 * @param read What the gauges show: seconds since the last byte, objects in the store.
 */
export function createReflectorMetrics(
  metrics: Metrics,
  resource: string,
  read: { readonly silence: () => number | undefined; readonly objects: () => number },
): ReflectorMetrics {
  const labels = { resource };
  const restarts = metrics.counter({
    name: "crd_watcher_watch_restarts_total",
    help: "Lists and watches that ended, so that they had to be begun again, by the reason why.",
    labels: ["resource", "reason"],
  });
  const relists = metrics.counter({
    name: "crd_watcher_relists_total",
    help: "Times that everything was listed again although it had been listed before, by the reason why.",
    labels: ["resource", "reason"],
  });
  const malformed = metrics.counter({
    name: "crd_watcher_malformed_objects_total",
    help: "Objects in lists and watches that lack what every object has.",
    labels: ["resource"],
  });
  const handlerErrors = metrics.counter({
    name: "crd_watcher_handler_errors_total",
    help: "Errors thrown by what is told of changes.",
    labels: ["resource"],
  });
  const ends = [
    metrics.gauge(
      {
        name: "crd_watcher_watch_last_byte_seconds",
        help: "Seconds since the last sign of life of the server on a list or a watch.",
        labels: ["resource"],
      },
      labels,
      read.silence,
    ),
    metrics.gauge(
      {
        name: "crd_watcher_store_objects",
        help: "Objects in the cache.",
        labels: ["resource"],
      },
      labels,
      read.objects,
    ),
  ];
  return {
    count: ({ what, reason }) => (what === "restart" ? restarts : relists)({ resource, reason }),
    malformed: () => malformed(labels),
    handlerError: () => handlerErrors(labels),
    end() {
      for (const end of ends) end();
    },
  };
}
