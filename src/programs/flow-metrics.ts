/**
 * What directors and workers count. Names of flows, jobs and states come from definitions, so there are few of them; those
 * of objects never are in a label. A director cancels flows of other names, too, and these anybody chooses: they are counted as one.
 *
 * @module
 */

import type { Flow } from "../flow/plan.ts";
import type { Metrics } from "../ports.ts";
import { flowNameOf, hasSucceeded, isOver, type RequestState } from "../request-state.ts";
import { silentMetrics } from "../runtime/log/metrics.ts";

/** What becomes of a job that a worker has claimed. */
export type JobEnd = "completed" | "failed" | "released" | "cancelled" | "lost";

/** Where directors and workers count. */
export interface FlowMetrics {
  /** A transition of this process took effect. @param request As it left the request. */
  wrote(request: RequestState): void;
  /** A write was refused, because somebody else wrote first. */
  conflict(): void;
  /** A claim was tried. @param flow By its name, as below. */
  claimed(flow: string, outcome: "won" | "lost"): void;
  /** A claimed job has ended here. @param ms How long its handler took. */
  worked(flow: string, job: string, end: JobEnd, ms: number): void;
  /** Takes the readings away. */
  close(): void;
}

/** From what a quick step takes to a day's work, in seconds. */
const BUCKETS: readonly number[] = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

/** Stands for all flows whose definitions a program does not have. */
const OTHERS = "<other>";

/**
 * Makes the counters of a program.
 *
 * @param flows What it knows.
 * @param running Gives how many jobs of a flow are under way, in a worker.
 */
export function createFlowMetrics(
  metrics: Metrics = silentMetrics,
  { flows: known = [], running }: { readonly flows?: readonly Flow[]; readonly running?: (flow: string) => number } = {},
): FlowMetrics {
  const own = (name: string, help: string, ...labels: string[]) => ({ name: `crd_watcher_${name}`, help, labels });
  const writes = metrics.counter(
    own("writes_total", "Writes of requests by this process, by the state that the request is in then.", "flow", "state"),
  );
  const flows = metrics.counter(own("flows_total", "Flows that this process has brought to their end.", "flow", "outcome"));
  const conflicts = metrics.counter(own("conflicts_total", "Writes that were refused because somebody else wrote first."));
  conflicts({}, 0);
  const names = new Set(known.map(({ name }) => name));
  const claims = metrics.counter(
    own("claims_total", "Claims of jobs that were tried: won, or lost to another worker.", "flow", "outcome"),
  );
  const duration = metrics.histogram({
    ...own("job_duration_seconds", "How long handlers of jobs took, by how they ended.", "flow", "job", "outcome"),
    buckets: BUCKETS,
  });
  const gauges = (running ? [...names] : []).map((flow) => {
    for (const outcome of ["won", "lost"]) claims({ flow, outcome }, 0);
    const read = () => running?.(flow);
    return metrics.gauge(own("jobs_running", "Jobs that are under way here.", "flow"), { flow }, read);
  });
  return {
    wrote(request) {
      const name = flowNameOf(request);
      const flow = names.has(name) ? name : OTHERS;
      writes({ flow, state: request.spec.state });
      if (isOver(request)) flows({ flow, outcome: outcomeOf(request) });
    },
    conflict: () => conflicts(),
    claimed: (flow, outcome) => claims({ flow, outcome }),
    worked: (flow, job, outcome, ms) => duration(ms / 1_000, { flow, job, outcome }),
    close: () => gauges.forEach((close) => close()),
  };
}

/** How a flow has ended, in a word. */
function outcomeOf(request: RequestState): "succeeded" | "cancelled" | "failed" {
  if (hasSucceeded(request)) return "succeeded";
  const reason = request.status?.conditions?.find(({ type }) => type === "Succeeded")?.reason;
  return reason === "Cancelled" ? "cancelled" : "failed";
}
