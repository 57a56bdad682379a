import { isDeepStrictEqual } from "node:util";
import type { Version } from "../../src/testing/witness.ts";
import { roleOf } from "./invariants.ts";
import type { HandlerRun } from "./random-handler.ts";
import type { Timeline } from "./timelines.ts";

/** How far times may differ. */
export interface Tolerance {
  /** How long what is sent may take, in milliseconds. */
  readonly delay: number;
  /** By how much clocks may have differed from each other, and timers with them, in milliseconds. */
  readonly slack: number;
}

/** So long after a restore a worker may go on with what it claimed before: then its lease has run out, or it has been told. */
const LEASE = 15_000;

/** I11, I12: what handlers did for a request, and what became of it. */
export function runFaults(timelines: readonly Timeline[], runs: readonly HandlerRun[], tolerance: Tolerance): string[] {
  const { uid, name } = timelines.find(({ versions }) => versions.length > 0)!.versions[0]!.object.metadata;
  const own = runs.filter((run) => run.uid === uid);
  const faults = own.flatMap((run) => beginFaults(timelines, run, own, tolerance));
  faults.push(...timelines.flatMap(({ versions }) => endFaults(versions, own)));
  return faults.map((fault) => `${fault} (requeststates ${name})`);
}

const isClaimOf = ({ worker, job, attempt, claim }: HandlerRun, { object: { spec, status } }: Version): boolean =>
  spec.state === "STARTED" && spec.job === job && status?.claim?.holderIdentity === worker &&
  status.claim.attempt === attempt && status.claim.id === claim;

/** I11 */
function beginFaults(
  timelines: readonly Timeline[],
  run: HandlerRun,
  own: readonly HandlerRun[],
  { delay, slack }: Tolerance,
): string[] {
  const faults: string[] = [];
  const what = `${run.job} ${run.attempt}`;
  const claimed = timelines.filter(({ versions }) =>
    versions.some((version) => isClaimOf(run, version) && version.at <= run.begun)
  );
  if (claimed.length === 0) faults.push(`I11: ${run.worker} has begun ${what} without a claim`);
  const present = timelines.find(({ from, to }) => from <= run.begun && run.begun < to)!;
  const last = claimed.at(-1);
  if (last && last !== present && last.to + LEASE + delay + slack < run.begun) {
    faults.push(
      `I11: ${run.worker} has begun ${what} ${Math.round(run.begun - last.to)} ms after a restore has undone its claim`,
    );
  }
  const lost = last === present &&
    present.versions.find(({ object: { status } }, index) =>
      status?.history?.at(-1)?.reason === "WorkerLost" && index > 0 && isClaimOf(run, present.versions[index - 1]!)
    );
  if (lost && lost.at + delay + slack < run.begun) {
    faults.push(`I11: ${run.worker} has begun ${what} ${Math.round(run.begun - lost.at)} ms after it was lost`);
  }
  // Each claim stands in one timeline, or in those that come of it; in each of them an attempt is started once (I3).
  if (own.some((other) => other !== run && other.claim === run.claim)) faults.push(`I11: ${what} was run twice`);
  return faults;
}

/** I12 */
function endFaults(versions: readonly Version[], own: readonly HandlerRun[]): string[] {
  const faults: string[] = [];
  versions.forEach(({ object: { spec, status }, at }, index) => {
    const before = versions[index - 1]?.object;
    const last = status?.history?.at(-1);
    if (!before || before.spec.state !== "STARTED" || roleOf(last?.by) !== "worker") return;
    if (spec.state !== "COMPLETED" && spec.state !== "FAILED" || last?.reason === "TimedOut") return;
    const run = own.find(({ claim }) => claim === before.status?.claim?.id);
    const what = `${spec.job} ${last!.attempt}`;
    if (run?.worker !== last!.by || run?.job !== spec.job || run.attempt !== last!.attempt || !run.end || run.end.at > at) {
      faults.push(`I12: ${what} is ${spec.state}, and ${last!.by} has not ended it`);
    } else if (run.end.state !== spec.state) {
      faults.push(`I12: ${what} is ${spec.state}, its handler said ${run.end.state}`);
    } else if (spec.state === "COMPLETED" && !isDeepStrictEqual(status!.outputs?.[spec.job], run.end.output)) {
      faults.push(`I12: the output of ${what} is not its handler's`);
    }
  });
  return faults;
}
