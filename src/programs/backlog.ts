import type { Flow } from "../flow/plan.ts";
import { statusOf } from "../flow/standing.ts";
import type { Clock, Metrics } from "../ports.ts";
import { entriesOf, flowNameOf, isOver, momentOf, type RequestState } from "../request-state.ts";
import type { Cache } from "../runtime/controller/cache.ts";

/** Where a flow stands that is not over: `queued`, a worker could do its job now; the others as in `FlowStatus`. */
const STANDINGS = ["queued", "running", "waiting", "parked"] as const;

/** What is counted, and from where. */
export interface BacklogOptions {
  readonly metrics: Metrics;
  readonly flows: readonly Flow[];
  /** The requests that are not over. */
  readonly store: Pick<Cache<RequestState>, "keys" | "get">;
  readonly clock: Clock;
}

/** One count serves all readings of a scrape, in milliseconds. */
const KEPT = 500;

/**
 * Says by metrics how many requests of these flows are not over, where they stand, and since when the longest of those waits that a
 * worker could do: what workers are scaled by, and how an operator sees that there are none. Counted when somebody asks.
 *
 * @returns Takes the readings away.
 */
export function countBacklog({ metrics, flows, store, clock }: BacklogOptions): () => void {
  let backlog: Backlog | undefined;
  const count = (): Backlog => {
    const at = clock.monotonic();
    if (!backlog || at - backlog.at >= KEPT) backlog = backlogOf(store, clock.now(), at);
    return backlog;
  };
  const gauge = (name: string, help: string, labels: Readonly<Record<string, string>>, read: () => number) =>
    metrics.gauge({ name: `crd_watcher_${name}`, help, labels: Object.keys(labels) }, labels, read);
  const closes = [...new Set(flows.map(({ name }) => name))].flatMap((flow) => [
    gauge(
      "oldest_queued_seconds",
      "Since when the oldest request of a flow waits that a worker could do now; 0 where there is none.",
      { flow },
      () => (count().oldest.get(flow) ?? 0) / 1_000,
    ),
    ...STANDINGS.map((status) =>
      gauge(
        "unfinished_flows",
        "Flows that are not over: queued for a worker, running, waiting (for a signal, a moment, a resumption), parked.",
        { flow, status },
        () => count().standing.get(`${flow} ${status}`) ?? 0,
      )
    ),
  ]);
  return () => closes.forEach((close) => close());
}

interface Backlog {
  /** By the monotonic clock. */
  readonly at: number;
  /** By flow and standing. */
  readonly standing: ReadonlyMap<string, number>;
  /** By flow, in milliseconds. */
  readonly oldest: ReadonlyMap<string, number>;
}

function backlogOf(store: BacklogOptions["store"], now: number, at: number): Backlog {
  const standing = new Map<string, number>();
  const oldest = new Map<string, number>();
  for (const key of store.keys()) {
    const request = store.get(key)!;
    if (isOver(request)) continue;
    const flow = flowNameOf(request);
    const status = statusOf(request, now);
    const isQueued = status === "running" && request.spec.state === "REQUESTED" && request.spec.desiredState !== "Cancelled";
    const place = `${flow} ${isQueued ? "queued" : status}`;
    standing.set(place, (standing.get(place) ?? 0) + 1);
    if (!isQueued) continue;
    const since = Math.max(
      momentOf(entriesOf(request).at(-1)?.timestamp ?? request.metadata.creationTimestamp ?? "") || now,
      momentOf(request.spec.notBefore ?? "") || 0,
    );
    oldest.set(flow, Math.max(oldest.get(flow) ?? 0, now - since));
  }
  return { at, standing, oldest };
}
