/**
 * What the test kit may be told.
 *
 * @module
 */
import {
  ANYTHING,
  CLOCK,
  type Expectation,
  hasFunctions,
  LIMIT,
  listOf,
  LOG,
  type Members,
  NAMESPACE,
  NUMBER,
  numberFrom,
  OBJECT,
  oneOf,
  type OptionFault,
  optionsFault,
  refuse,
  TRUTH,
  wholeFrom,
} from "../options.ts";
import type { VirtualClock } from "../runtime/time/clock.ts";
import { DIRECTOR, WORKER } from "../programs/given-options.ts";
import type { CrashOptions, TestFlowOptions } from "./flow-test.ts";

/** Objects, parsed or not. */
export const OBJECTS: Expectation = listOf("objects");

/** How a worker may die. */
export const CRASH: Members<CrashOptions> = { at: oneOf(["begin", "end"]) };

const OPTIONS: Members<TestFlowOptions> = {
  mocks: { ...OBJECT, expected: "handlers by job" },
  objects: OBJECTS,
  clock: { ...CLOCK, fits: (value) => CLOCK.fits(value) && hasFunctions<VirtualClock>(value, ["advance", "leap", "settle"]) },
  namespace: NAMESPACE,
  workers: wholeFrom(0),
  worker: ANYTHING, // looked at below, as the director
  director: ANYTHING,
  crds: OBJECTS,
  seed: NUMBER,
  limit: LIMIT,
  attempts: numberFrom(1),
  realTime: LIMIT,
  mustFinish: TRUTH,
  log: LOG,
};

/** What a test does not say of its programs itself. */
const { concurrency, grace, leaseDuration, use, onLeaseLost } = WORKER;
const OF_WORKER: Members<NonNullable<TestFlowOptions["worker"]>> = { concurrency, grace, leaseDuration, use, onLeaseLost };
const { leaderElect, cancelGrace, legacyTimeout } = DIRECTOR;
const OF_DIRECTOR: Members<NonNullable<TestFlowOptions["director"]>> = {
  concurrency: DIRECTOR.concurrency,
  leaderElect,
  cancelGrace,
  legacyTimeout,
};

/** @throws {TypeError | RangeError} When an option is unknown, or none that can be. */
export function checkTestOptions(options: TestFlowOptions): void {
  const programs: () => OptionFault | undefined = () =>
    optionsFault(options.worker ?? {}, OF_WORKER, "worker") ?? optionsFault(options.director ?? {}, OF_DIRECTOR, "director");
  refuse("Cannot set up the test", optionsFault(options, OPTIONS) ?? programs());
}
