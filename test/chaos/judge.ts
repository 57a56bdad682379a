import { type Flow, type HistoryEntry, isOver, type RequestState, SAMPLE } from "../../mod.ts";
import { conditionOf, momentOf } from "../../src/request-state.ts";
import { holderOf, type Lease } from "../../src/runtime/leases/lease.ts";
import { faultsIn } from "../properties/invariants.ts";
import type { Span } from "./blows.ts";
import type { Recorded } from "./recorder.ts";

/** What a record shows. */
export interface Verdict {
  /** The requests of which an invariant is broken, or which are not over. */
  readonly faulty: readonly Faulty[];
  readonly flows: number;
  readonly versions: number;
  /** How they ended: by flow, then by status. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<End, number>>;
  readonly takeovers: readonly Takeover[];
  /** When the last flow was over, in milliseconds since the Unix epoch. */
  readonly lastEnd: number;
}

/** How a flow can end. */
export type End = "succeeded" | "failed" | "cancelled" | "not over";

/** A request that is not as it should be. */
export interface Faulty {
  /** Of the request. */
  readonly name: string;
  /** What is wrong, as sentences. */
  readonly faults: readonly string[];
  /** All entries that its history ever had, a line each. */
  readonly history: readonly string[];
}

/** A job that was taken from a worker. */
export interface Takeover {
  /** From the last renewal of the worker's lease, in milliseconds. */
  readonly ms: number;
  /** What there was meanwhile: an outage of the API server, or another leader than before. */
  readonly amid: "outage" | "election" | "neither";
}

/** Clocks are one machine's here; a process may stand between looking at its clock and writing. */
const SLACK = 1_000;

/** Who held a lease from when on. */
interface Holding {
  readonly at: number;
  readonly holder: string | undefined;
}

/** Judges a record of all changes of requests and leases by the invariants of the protocol; it has seen nothing else. */
export function judge(
  requests: readonly Recorded<RequestState>[],
  leases: readonly Recorded<Lease>[],
  { flows, outages }: { readonly flows: readonly Flow[]; readonly outages: readonly Span[] },
): Verdict {
  const renewals = renewalsIn(leases);
  const leaders = leadersIn(leases);
  const faulty: Faulty[] = [];
  const ends = new Map<string, Map<End, number>>();
  const takeovers: Takeover[] = [];
  let lastEnd = 0;
  const byUid = Map.groupBy(requests, ({ object }) => object.metadata.uid!);
  for (const changes of byUid.values()) {
    const last = changes.at(-1)!.object;
    const flow = flows.find(({ name }) => name === (last.spec.flow ?? SAMPLE.name));
    if (!flow) throw new Error(`A request of flow "${last.spec.flow}", which is none of this run`);
    const faults = faultsIn(changes, {
      ...{ flow, epoch: 0, slack: SLACK, wasDeleted: false },
      renewals: (worker) => renewals.get(worker) ?? [],
    });
    const end = endOf(last);
    if (end === "not over") faults.push(`I13: it stands at ${last.spec.job}/${last.spec.state}: ${JSON.stringify(last.status)}`);
    else lastEnd = Math.max(lastEnd, momentOf(last.status!.completionTime!));
    const counts = ends.get(flow.name) ?? new Map<End, number>();
    ends.set(flow.name, counts.set(end, (counts.get(end) ?? 0) + 1));
    if (faults.length > 0) faulty.push({ name: last.metadata.name!, faults, history: historyOf(changes) });
    changes.forEach(({ object }, index) => {
      const entry = object.status?.history?.at(-1);
      const before = changes[index - 1]?.object;
      if (entry?.reason !== "WorkerLost" || before?.spec.state !== "STARTED") return;
      const decided = momentOf(entry.timestamp);
      const renewal = renewals.get(before.status!.claim!.holderIdentity)?.findLast((at) => at < decided);
      if (renewal === undefined) return;
      const span = { from: renewal, until: decided };
      const amid = outages.some((outage) => outage.from < decided && renewal < outage.until)
        ? "outage"
        : isOneLeader(leaders, span, entry.by)
        ? "neither"
        : "election";
      takeovers.push({ ms: decided - renewal, amid });
    });
  }
  return { faulty, flows: byUid.size, versions: requests.length, ends, takeovers, lastEnd };
}

function endOf(request: RequestState): End {
  if (!isOver(request)) return "not over";
  if (request.spec.state === "CANCELLED") return "cancelled";
  return conditionOf(request, "Succeeded")?.status === "True" ? "succeeded" : "failed";
}

/** By worker, the oldest first. */
function renewalsIn(leases: readonly Recorded<Lease>[]): ReadonlyMap<string, readonly number[]> {
  const renewals = new Map<string, number[]>();
  for (const { object: { spec } } of leases) {
    if (!spec?.holderIdentity || !spec.renewTime) continue;
    const known = renewals.get(spec.holderIdentity) ?? [];
    const at = momentOf(spec.renewTime);
    if (known.at(-1) !== at) known.push(at);
    renewals.set(spec.holderIdentity, known);
  }
  return renewals;
}

/** Who led, the oldest first. */
function leadersIn(leases: readonly Recorded<Lease>[]): readonly Holding[] {
  const holdings: Holding[] = [];
  for (const { object, at } of leases) {
    const holder = holderOf(object);
    if (object.metadata.labels?.["app.kubernetes.io/component"] === "worker" || holdings.at(-1)?.holder === holder) continue;
    holdings.push({ at, holder });
  }
  return holdings;
}

const isOneLeader = (leaders: readonly Holding[], { from, until }: Span, leader: string | undefined): boolean =>
  leaders.findLast(({ at }) => at <= from)?.holder === leader && !leaders.some(({ at }) => at > from && at <= until);

function historyOf(changes: readonly Recorded<RequestState>[]): string[] {
  const entries: HistoryEntry[] = [];
  for (const { object: { status } } of changes) {
    status?.history?.forEach((entry, index) => entries[(status.historyDropped ?? 0) + index] ??= entry);
  }
  return entries.map(({ seq, timestamp, job, state, attempt, by, reason, outcome }) =>
    [seq, timestamp, job, state, attempt, by, reason, outcome].filter((word) => word !== undefined).join(" ")
  );
}
