import { type Expiry, runExpiry } from "./expiry.ts";
import { type AttendanceOptions, watchAttendance } from "./attendance.ts";
import type { Holders } from "./holders.ts";
import { guardWrites, type Leadership } from "../runtime/leases/leadership.ts";
import { labelsOf } from "../runtime/leases/lease.ts";
import { runLeaseCollector } from "../runtime/leases/lease-collector.ts";
import type { Cluster } from "../ports.ts";

/** What a director does beside driving requests, as long as it may write. */
export interface Duty {
  readonly leadership: Leadership;
  /** Writes nothing once the leadership is over. */
  readonly cluster: Cluster;
  readonly holders: Holders;
  /** Undefined where finished requests are not its business. */
  readonly expiry: Expiry | undefined;
  /** Resolves after the end of the leadership. */
  readonly finished: Promise<void>;
}

/** What a duty needs. */
export interface DutyOptions extends Omit<AttendanceOptions, "cluster" | "signal"> {
  readonly cluster: Cluster;
  readonly leadership: Leadership;
  /** The workers that hold jobs, looked after before this already. */
  readonly holders: Holders;
  /** Whether it drives one request only: then it deletes nothing. */
  readonly isSingle: boolean;
  /** Whether it was elected: then it deletes the leases of workers that died. */
  readonly isElected: boolean;
}

/** Begins it. */
export function beginDuty({ flows, leadership, holders, isSingle, isElected, ...options }: DutyOptions): Duty {
  const { namespace, clock, log } = options;
  const cluster = isElected ? guardWrites(options.cluster, leadership) : options.cluster;
  const common = { cluster, namespace, clock, log, signal: leadership.signal };
  holders.lead();
  const attendance = watchAttendance({ ...options, ...common, flows });
  const expiry = isSingle ? undefined : runExpiry({ ...common, flows });
  const collector = isElected ? runLeaseCollector({ ...common, labels: labelsOf("worker") }) : undefined;
  const finished = Promise.all([attendance, expiry?.finished, collector]).then(() => {});
  return { leadership, cluster, holders, expiry, finished };
}
