/**
 * What directors and workers count. Names of flows, jobs and states come from definitions, so there are few of them; those
 * of objects never are in a label.
 *
 * @module
 */

import type { Flow } from "../flow/plan.ts";
import type { Metrics } from "../ports.ts";
import { flowNameOf, hasSucceeded, isOver, type RequestState } from "../request-state.ts";
import { silentMetrics } from "../runtime/metrics.ts";

/** What becomes of a job that a worker has claimed. */
export type JobEnd = "completed" | "failed" | "released" | "cancelled" | "lost";

/** Where directors and workers count. */
export interface FlowMetrics {
  /** A transition of this process took effect. @param request As it left the request. */
  wrote(request: RequestState): void;
  /** A write was refused, because somebody else wrote first. */
  conflict(): void;
  /** A claim was tried. */
  claimed(outcome: "won" | "lost"): void;
  /** A claimed job has ended here. @param ms How long its handler took. */
  worked(job: string, end: JobEnd, ms: number): void;
  /** Takes the readings away. */
  close(): void;
}

/** From what a quick step takes to a day's work, in seconds. */
const BUCKETS: readonly number[] = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

/**
 * Makes the counters of a program.
 *
 * @param flow The flow of a worker; a director has none.
 * @param running Gives how many jobs are under way.
 */
export function createFlowMetrics(
  metrics: Metrics = silentMetrics,
  { flow, running }: { readonly flow?: Flow; readonly running?: () => number } = {},
): FlowMetrics {
  const own = (name: string, help: string, ...labels: string[]) => ({ name: `crd_watcher_${name}`, help, labels });
  const writes = metrics.counter(
    own("writes_total", "Writes of requests by this process, by the state that the request is in then.", "flow", "state"),
  );
  const flows = metrics.counter(own("flows_total", "Flows that this process has brought to their end.", "flow", "outcome"));
  const conflicts = metrics.counter(own("conflicts_total", "Writes that were refused because somebody else wrote first."));
  conflicts({}, 0);
  const mine = flow && { flow: flow.name };
  const claims = metrics.counter(
    own("claims_total", "Claims of jobs that were tried: won, or lost to another worker.", "flow", "outcome"),
  );
  const duration = metrics.histogram({
    ...own("job_duration_seconds", "How long handlers of jobs took, by how they ended.", "flow", "job", "outcome"),
    buckets: BUCKETS,
  });
  if (mine) { for (const outcome of ["won", "lost"]) claims({ ...mine, outcome }, 0); }
  const close = mine && running && metrics.gauge(own("jobs_running", "Jobs that are under way here.", "flow"), mine, running);
  return {
    wrote(request) {
      const flow = flowNameOf(request);
      writes({ flow, state: request.spec.state });
      if (isOver(request)) flows({ flow, outcome: outcomeOf(request) });
    },
    conflict: () => conflicts(),
    claimed: (outcome) => claims({ ...mine, outcome }),
    worked: (job, outcome, ms) => duration(ms / 1_000, { ...mine, job, outcome }),
    close: () => close?.(),
  };
}

/** How a flow has ended, in a word. */
function outcomeOf(request: RequestState): "succeeded" | "cancelled" | "failed" {
  if (hasSucceeded(request)) return "succeeded";
  const reason = request.status?.conditions?.find(({ type }) => type === "Succeeded")?.reason;
  return reason === "Cancelled" ? "cancelled" : "failed";
}
