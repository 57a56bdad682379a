/**
 * What directors, workers and the calls of a client may be told. One object is often given to all of them: what any of them knows is
 * taken by each, and means nothing where it is not for it; a name that none of them knows is refused.
 *
 * @module
 */
import { FLOW } from "../flow/plan.ts";
import {
  ANY_TEXT,
  ANYTHING,
  checkOptions,
  CLOCK,
  FUNCTION,
  HEALTH,
  LIMIT,
  listOf,
  LOG,
  type Members,
  METRICS,
  NAMESPACE,
  OBJECT,
  oneOf,
  SIGNAL,
  TEXT,
  TRUTH,
  wholeFrom,
} from "../options.ts";
import { MOST_AT_ONCE } from "../runtime/controller/controller.ts";
import { ELECTION_TIMES } from "../runtime/leases/election.ts";
import { LONGEST_LEASE } from "../runtime/leases/lease.ts";
import type { ClientOptions, FlowOptions } from "./client/options.ts";
import type { PageOptions } from "./client/pages.ts";
import type { SignalOptions } from "./client/signal.ts";
import type { DirectorOptions } from "./director.ts";
import type { DirectorElection } from "./director-election.ts";
import type { RunOptions } from "./running.ts";
import type { SetupOptions } from "./setup.ts";
import type { WorkerOptions } from "./worker.ts";

/** What is the same wherever it is given. */
const COMMON: Members<Omit<ClientOptions, never>> = {
  cluster: ANYTHING, // looked at by itself, for more than it being there
  namespace: NAMESPACE,
  identity: TEXT,
  signal: SIGNAL,
  clock: CLOCK,
  log: LOG,
};

/** What calls of a client are told. */
export const CLIENT: Members<ClientOptions> = COMMON;
/** Those of flows that were not started here. */
export const FLOW_OPTIONS: Members<FlowOptions> = { ...COMMON, flow: FLOW };
/** Those that give signals. */
export const SIGNAL_OPTIONS: Members<SignalOptions> = { ...FLOW_OPTIONS, by: ANY_TEXT };
/** Those that read pages. */
export const PAGES: Members<PageOptions> = { ...COMMON, limit: wholeFrom(1) };

const RUN: Members<RunOptions> = { ...COMMON, metrics: METRICS, health: HEALTH, onChange: FUNCTION };

/** What a director is told. */
export const DIRECTOR: Members<DirectorOptions> = {
  ...RUN,
  request: { ...OBJECT, expected: "a request, as run.request is" },
  concurrency: wholeFrom(1, MOST_AT_ONCE),
  leaderElect: { expected: "true, false or an object", fits: (value) => TRUTH.fits(value) || OBJECT.fits(value) },
  cancelGrace: LIMIT,
  legacyTimeout: LIMIT,
};

/** How directors elect their leader. */
export const ELECTION: Members<DirectorElection> = { ...ELECTION_TIMES, name: TEXT };

/** What a worker is told. */
export const WORKER: Members<WorkerOptions> = {
  ...RUN,
  concurrency: wholeFrom(1, MOST_AT_ONCE),
  grace: LIMIT,
  leaseDuration: {
    expected: `whole seconds in milliseconds, from 1000 to ${LONGEST_LEASE}`,
    fits: (value) => Number.isInteger(value as number / 1_000) && value as number > 0 && value as number <= LONGEST_LEASE,
    isNumber: true,
  },
  use: listOf("functions", FUNCTION.fits),
  onLeaseLost: oneOf(["abort"]),
};

/** What a program wants to do on a cluster. */
export const SETUP: Members<SetupOptions> = {
  namespace: { ...NAMESPACE, isRequired: true },
  writes: { ...listOf('"create" and "patch"', (each) => each === "create" || each === "patch") },
  leases: oneOf(["lead", "live"]),
  clock: CLOCK,
  signal: SIGNAL,
};

const SHARED: readonly string[] = [
  ...new Set([SIGNAL_OPTIONS, PAGES, DIRECTOR, WORKER].flatMap((members) => Object.keys(members))),
];

/**
 * Looks at options that may be those of others, too.
 *
 * @param action As in `Cannot run a worker`.
 * @throws {TypeError | RangeError} When a member is known to none of them, or is not what it has to be here.
 */
export const checkShared = <T>(action: string, options: unknown, members: Members<T>): void =>
  checkOptions(action, options, members, undefined, SHARED);
