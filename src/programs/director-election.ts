import { digestOf } from "../flow/digest.ts";
import type { Flow } from "../flow/plan.ts";
import type { ElectionTimes } from "../runtime/leases/election.ts";

/** How directors elect their leader. */
export interface DirectorElection extends ElectionTimes {
  /** The name of the lease. @default {`crd-watcher-director-` and what tells its flows from others, their graphs included} */
  readonly name?: string;
}

/** Directors that would make the same decisions share a lease: those of another version of a flow drive other requests. */
export function leaseNameOf(flows: readonly Flow[]): string {
  const [first, ...others] = flows;
  const what = first && others.length === 0 ? first.name : `${flows.length}-flows`;
  return `crd-watcher-director-${what}-${digestOf(flows.map(({ name, digest }) => `${name} ${digest}`).sort()).slice(0, 8)}`;
}
