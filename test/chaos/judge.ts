import { type Flow, isOver, type RequestState } from "../../mod.ts";
import { momentOf } from "../../src/request-state.ts";
import type { Lease } from "../../src/runtime/lease.ts";
import { faultsIn } from "../properties/invariants.ts";
import type { Recorded } from "./recorder.ts";

/** What a record shows. */
export interface Verdict {
  /** Every invariant that is broken, as a sentence. */
  readonly faults: readonly string[];
  readonly flows: number;
  readonly versions: number;
  /** How they ended, by the state of the last job and the reason. */
  readonly ends: ReadonlyMap<string, number>;
  /** From the last renewal of a worker that was lost to the takeover of its job, in milliseconds, sorted. */
  readonly takeovers: readonly number[];
  /** When the last flow was over, in milliseconds since the Unix epoch. */
  readonly lastEnd: number;
  readonly unfinished: readonly string[];
}

/** Clocks are one machine's here; a process may stand between looking at its clock and writing. */
const SLACK = 1_000;

/** Judges a record of all changes of requests and leases by the invariants of the protocol; it has seen nothing else. */
export function judge(
  requests: readonly Recorded<RequestState>[],
  leases: readonly Recorded<Lease>[],
  flows: ReadonlyMap<string, Flow>,
): Verdict {
  const byUid = Map.groupBy(requests, ({ object }) => object.metadata.uid!);
  const renewals = new Map<string, number[]>();
  for (const { object: { spec } } of leases) {
    if (!spec?.holderIdentity || !spec.renewTime) continue;
    const known = renewals.get(spec.holderIdentity) ?? [];
    const at = momentOf(spec.renewTime);
    if (known.at(-1) !== at) known.push(at);
    renewals.set(spec.holderIdentity, known);
  }
  const faults: string[] = [];
  const ends = new Map<string, number>();
  const takeovers: number[] = [];
  const unfinished: string[] = [];
  let lastEnd = 0;
  for (const changes of byUid.values()) {
    const last = changes.at(-1)!.object;
    const flow = flows.get(last.spec.flow ?? "");
    if (!flow) throw new Error(`A request of flow "${last.spec.flow}", which is none of this run`);
    faults.push(...faultsIn(changes, {
      flow,
      epoch: 0,
      slack: SLACK,
      renewals: (worker) => renewals.get(worker) ?? [],
      wasDeleted: false,
    }));
    if (!isOver(last)) unfinished.push(`${last.metadata.name} (${last.spec.flow}: ${last.spec.job}/${last.spec.state})`);
    else {
      lastEnd = Math.max(lastEnd, momentOf(last.status!.completionTime!));
      const how = `${last.spec.flow} ${
        last.status!.conditions?.find(({ type }) => type === "Succeeded")?.reason ?? last.spec.state
      }`;
      ends.set(how, (ends.get(how) ?? 0) + 1);
    }
    changes.forEach(({ object }, index) => {
      const entry = object.status?.history?.at(-1);
      const before = changes[index - 1]?.object;
      if (!before || entry?.reason !== "WorkerLost" || before.spec.state !== "STARTED") return;
      const decided = momentOf(entry.timestamp);
      const renewal = renewals.get(before.status!.claim!.holderIdentity)?.findLast((at) => at < decided);
      if (renewal !== undefined) takeovers.push(decided - renewal);
    });
  }
  return {
    faults,
    flows: byUid.size,
    versions: requests.length,
    ends,
    takeovers: takeovers.sort((a, b) => a - b),
    lastEnd,
    unfinished,
  };
}
