import type { Flow } from "../flow/plan.ts";
import {
  checkOptions,
  checkValue,
  type Expectation,
  FUNCTION,
  listOf,
  type Members,
  numberFrom,
  refuse,
  TRUTH,
  valueText,
  wholeFrom,
} from "../options.ts";
import { faultsOfDefinition } from "./check/definition.ts";
import { outcomeText } from "./check/direction.ts";
import type { Fault, Tally } from "./check/hands.ts";
import { CheckFlowError, type CheckReport, createReport, type Finding } from "./check/report.ts";
import type { CheckSetup } from "./check/setup.ts";
import { type Limits, type Trial, tryFlow } from "./check/trial.ts";
import { shrinkActs } from "./shrink.ts";

/** How a flow is checked. */
export interface CheckFlowOptions {
  /** How many seeds are tried: 1, 2, 3, ... @default {100} */
  readonly seeds?: number;
  /** The first of them. @default {1} */
  readonly from?: number;
  /** This seed alone, as a finding names it. @default {Those of `seeds`} */
  readonly seed?: number;
  /** With `seed`: only these of its acts, by number, as a finding names them. @default {All of them} */
  readonly acts?: readonly number[];
  /** Milliseconds of real time after which no further seed is begun; findings differ from machine to machine then. @default {No limit} */
  readonly time?: number;
  /** Gives the report whatever it says, instead of rejecting where there are findings. @default {false} */
  readonly report?: boolean;
  /**
   * Milliseconds of the world's time that a handler may go on after its signal was aborted: what it has touched, another attempt may touch
   * meanwhile. @default {10_000}
   */
  readonly heed?: number;
  /** How often a job may ask to be tried again later (`RetryAfterError`) before that is taken for endless. @default {50} */
  readonly polls?: number;
  /** Milliseconds of the world's time that a flow may take. @default {31_536_000_000, 365 days} */
  readonly limit?: number;
  /**
   * Milliseconds of real time that a handler may be at work (a `setTimeout`, a file) before the world's time goes on without it: mocks
   * need next to none. @default {500}
   */
  readonly realTime?: number;
}

/** A handler that has once used up its real time is given so much from then on, in milliseconds. */
const SLOW = 50;

/** Said of what is found once only. */
const NOT_AGAIN = "its seed has not shown it again, so that something else decides, too: the state of a module, or real time";

/** How often a seed is run again to find out which of its acts are needed. */
const SHRINKING = 40;

/**
 * Runs a flow with its handlers again and again on a fake cluster, in virtual time, while something else goes wrong each time: workers die
 * before, in and after a handler, stand still, are replaced; answers are lost, writes collide, the API server is away; calls to the world
 * outside fail, or are answered with nothing; people cancel, suspend, answer early, late or never. What goes wrong is drawn from a
 * seed. It says which handler is not idempotent, which does not heed its signal, which outcome leads nowhere, which flow does not come to
 * its end: see {@linkcode FindingKind}.
 *
 * It needs no test runner, no permission, no socket.
 *
 * **Guarantees**: what is found is found again with the seed and the acts that the finding names, and with no fewer of them that were
 * tried; where it is not, because something else decides, too (the state of a module, real time), the finding says so. Of a flow that comes to its end nothing is left behind but what its handlers leave that do not heed their signal. Checks of one
 * process run one after the other.
 *
 * **Assumptions**: what handlers call is mocked, and tells the world of its effects ({@linkcode CheckWorld.effect}); it is there that
 * workers die and calls fail. Handlers do not depend on real time or on another flow. While a check runs, `Math.random` and
 * `crypto.randomUUID` of the process are those of the seed.
 *
 * What counts as an effect that is had twice: an effect is done anew where none of its name and key was done before in its world, and
 * always where it has no key. A handler is not idempotent when the attempts of one job have together done more of one name anew than
 * any single attempt of that job was seen to have. So an order of three lines may have three.
 *
 * @param setup Makes the implementation with its mocks; called anew for each flow that is run.
 * @returns What was found.
 * @throws {CheckFlowError} When something was found; `report` says what. With `report: true` it does not.
 * @throws {TypeError} When the setup gives no implementation, its input does not fit, its signals are of no job that waits for one, or an
 * option is unknown.
 * @throws {RangeError} When an option is no number that can be.
 *
 * @example A handler that charges twice when its worker dies at the wrong moment
 * ```ts
 * import { defineFlow, implementFlow } from "crd-watcher";
 * import { checkFlow } from "crd-watcher/testing";
 *
 * const order = defineFlow("order", ["charge", "ship"]);
 * const { findings } = await checkFlow((world) => ({
 *   implementation: implementFlow(order, {
 *     charge: async () => void await world.effect("charge"), // the bank is given no key
 *     ship: async ({ idempotencyKey }) => void await world.effect("parcel", idempotencyKey),
 *   }),
 * }), { seeds: 20, report: true });
 * for (const { kind, job, seed, acts } of findings) console.log(kind, job, seed, acts);
 * ```
 */
export function checkFlow<F extends Flow>(setup: CheckSetup<F>, options: CheckFlowOptions = {}): Promise<CheckReport> {
  const checking = last.then(() => check(setup as unknown as CheckSetup, options));
  last = checking.catch(() => {});
  return checking;
}

/** The check before: the chances of the process are those of one seed at a time. */
let last: Promise<unknown> = Promise.resolve();

async function check(setup: CheckSetup, options: CheckFlowOptions): Promise<CheckReport> {
  checkGiven(setup, options);
  const { seed, seeds = 100, from = 1, acts, time = Infinity, report = false } = options;
  const { heed = 10_000, polls = 50, limit = 31_536_000_000, realTime = 500 } = options;
  const begun = performance.now();
  const most = new Map<string, number>(); // of an effect, by one attempt
  const reached = new Set<string>();
  const findings = new Map<string, Finding>();
  let limits: Omit<Limits, "known"> = { heed, polls, limit, realTime };
  let flows = 0;
  let flow: Flow | undefined;

  const run = async (seed: number, only?: readonly number[]): Promise<Trial> => {
    const trial = await tryFlow(setup, seed, { ...limits, known: (id) => findings.has(id) }, only);
    flows++;
    flow ??= trial.flow;
    if (trial.isSlow) limits = { ...limits, realTime: Math.min(limits.realTime, SLOW) };
    for (const tally of trial.tallies) most.set(idOf(tally), Math.max(most.get(idOf(tally)) ?? 0, tally.most));
    for (const each of trial.reached) reached.add(each);
    return trial;
  };
  const faultsIn = ({ faults, tallies }: Trial): readonly Fault[] => [
    ...faults,
    ...tallies.filter((tally) => tally.anew > most.get(idOf(tally))!).map(effectFault),
  ];
  /** The least acts of a trial that show a fault. Most faults show by themselves, or by one act. */
  const shrink = async (whole: Trial, all: readonly number[], id: string, run: (some: readonly number[]) => Promise<Trial>) => {
    let least: { readonly trial: Trial; readonly acts: readonly number[] } = { trial: whole, acts: all };
    const shows = async (acts: readonly number[]) => {
      const trial = await run(acts);
      if (!faultsIn(trial).some((fault) => fault.id === id)) return false;
      least = { trial, acts };
      return true;
    };
    const isEasy = all.length === 0 || await shows([]) || await shows(all.slice(0, 1));
    if (!isEasy) await shrinkActs(all, shows, SHRINKING);
    return least;
  };
  const look = async (seed: number): Promise<void> => {
    const trial = await run(seed, acts);
    if (flows === 1) {
      for (const { id, ...fault } of faultsOfDefinition(trial.flow, trial.people)) {
        findings.set(id, { ...fault, acts: [], schedule: [] });
      }
    }
    const isNew = ({ id }: Fault) => !findings.has(id);
    // How often one attempt has an effect is seen where nothing goes wrong.
    if (faultsIn(trial).some((fault) => isNew(fault) && fault.kind === "effect")) await run(seed, []);
    for (const { id } of faultsIn(trial).filter(isNew)) {
      const all = acts ?? Array.from({ length: trial.acts }, (_, act) => act);
      const least = await shrink(trial, all, id, (some) => run(seed, some));
      const fault = faultsIn(least.trial).find((fault) => fault.id === id);
      if (!fault) continue; // an effect that one attempt has as often, as was seen meanwhile
      const { kind, job, message } = fault;
      // None of the runs with fewer acts has shown it again: does the same one?
      const isAgain = least.trial !== trial || faultsIn(await run(seed, all)).some((fault) => fault.id === id);
      findings.set(id, {
        kind,
        ...job !== undefined && { job },
        message: isAgain ? message : `${message}; ${NOT_AGAIN}`,
        seed,
        acts: least.acts,
        schedule: least.trial.schedule,
      });
    }
  };

  let tried = 0;
  for (const each of seed === undefined ? Array.from({ length: seeds }, (_, index) => from + index) : [seed]) {
    if (performance.now() - begun > time && tried > 0) break;
    await look(each);
    tried++;
  }
  const unreached = seed === undefined ? unreachedIn(flow!, reached) : [];
  const told = createReport(flow!.name, { findings: [...findings.values()], seeds: tried, flows, unreached });
  if (told.findings.length > 0 && !report) throw new CheckFlowError(told);
  return told;
}

const idOf = ({ job, name }: Tally): string => JSON.stringify([job, name]);

function effectFault(tally: Tally): Fault {
  const { job, name, anew, most, by } = tally;
  const remedy = "give whoever is called the job's idempotencyKey, or ask first whether it was done";
  return {
    id: `effect ${idOf(tally)}`,
    kind: "effect",
    job,
    message: `The handler of job ${job} is not idempotent: effect "${name}" was done ${anew} times (${
      by.join(", ")
    }), one attempt has it ${most === 1 ? "once" : `${most} times`}; ${remedy}`,
  };
}

/** What of a flow was not seen; `timedOut` and the like are outcomes, too. */
function unreachedIn(flow: Flow, reached: ReadonlySet<string>): string[] {
  return flow.jobs.flatMap((job) => {
    if (!reached.has(`job ${job}`)) return [`job ${job}`];
    return flow.plans[job]!.outcomes.map((outcome) => outcomeText(job, outcome)).filter((text) => !reached.has(text));
  });
}

const FROM_0 = numberFrom(0);
const SEED: Expectation = { expected: "a whole number", fits: Number.isSafeInteger, isNumber: true };
const OPTIONS: Members<CheckFlowOptions> = {
  seeds: wholeFrom(1),
  from: SEED,
  seed: SEED,
  acts: listOf("whole numbers from 0", wholeFrom(0).fits),
  time: FROM_0,
  report: TRUTH,
  heed: FROM_0,
  polls: FROM_0,
  limit: FROM_0,
  realTime: FROM_0,
};

function checkGiven(setup: unknown, options: CheckFlowOptions): void {
  const action = "Cannot check a flow";
  checkValue(action, "setup", setup, FUNCTION);
  checkOptions(action, options, OPTIONS);
  const { acts, seed } = options;
  if (acts === undefined || seed !== undefined) return;
  refuse(action, { why: `acts is ${valueText(acts)}, expected a seed with it: seed`, isNumber: true });
}
