/**
 * What the test kit may be told.
 *
 * @module
 */
import {
  ANYTHING,
  CLOCK,
  type Expectation,
  FUNCTION,
  hasFunctions,
  LIMIT,
  listOf,
  type Members,
  NUMBER,
  numberFrom,
  OBJECT,
  oneOf,
  type OptionFault,
  optionsFault,
  refuse,
  SPAN,
  TRUTH,
  wholeFrom,
} from "../options.ts";
import type { VirtualClock } from "../runtime/time/clock.ts";
import { isName } from "../programs/client/options.ts";
import { LOG } from "./recorded-log.ts";
import type { CrashOptions, TestFlowOptions } from "./flow-test.ts";

/** Objects, parsed or not. */
export const OBJECTS: Expectation = listOf("objects");

/** How a worker may die. */
export const CRASH: Members<CrashOptions> = { at: oneOf(["begin", "end"]) };

const OPTIONS: Members<TestFlowOptions> = {
  mocks: { ...OBJECT, expected: "handlers by job" },
  objects: OBJECTS,
  clock: { ...CLOCK, fits: (value) => CLOCK.fits(value) && hasFunctions<VirtualClock>(value, ["advance", "leap", "settle"]) },
  namespace: { expected: 'one such as "default"', fits: isName },
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

const WORKER: Members<NonNullable<TestFlowOptions["worker"]>> = {
  concurrency: wholeFrom(1),
  grace: LIMIT,
  leaseDuration: SPAN,
  use: listOf("functions", FUNCTION.fits),
  onLeaseLost: oneOf(["abort"]),
};

const DIRECTOR: Members<NonNullable<TestFlowOptions["director"]>> = {
  concurrency: wholeFrom(1),
  leaderElect: { expected: "true, false or an object", fits: (value) => TRUTH.fits(value) || OBJECT.fits(value) },
  cancelGrace: LIMIT,
  legacyTimeout: LIMIT,
};

/** @throws {TypeError | RangeError} When an option is unknown, or none that can be. */
export function checkTestOptions(options: TestFlowOptions): void {
  const programs: () => OptionFault | undefined = () =>
    optionsFault(options.worker ?? {}, WORKER, "worker") ?? optionsFault(options.director ?? {}, DIRECTOR, "director");
  refuse("Cannot set up the test", optionsFault(options, OPTIONS) ?? programs());
}
