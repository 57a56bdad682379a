/**
 * What lies before a job in the graph of a flow. Pure.
 *
 * @module
 */

import { edgesOf } from "./digest.ts";
import type { Flow } from "./plan.ts";

/** The jobs from which a job can be reached. */
export function jobsBefore(flow: Flow, job: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let size = -1; size < found.size;) {
    size = found.size;
    for (const each of flow.jobs) if (edgesOf(flow.plans[each]!).some(([, to]) => to === job || found.has(to))) found.add(each);
  }
  return found;
}
