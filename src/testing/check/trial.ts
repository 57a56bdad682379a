/**
 * One flow, run with some of the acts of a seed.
 *
 * @module
 */
import { thrownText } from "../../errors.ts";
import { resultOf } from "../../flow/flow-result.ts";
import { type Flow, isFlow } from "../../flow/plan.ts";
import { statusOf, waitOf, whatItWaitsFor } from "../../flow/standing.ts";
import { workedJobsOf } from "../../flow/handler.ts";
import {
  ANYTHING,
  checkOptions,
  FUNCTION,
  listOf,
  meantOf,
  type Members,
  membersFault,
  OBJECT,
  optionsFault,
  refuse,
  TRUTH,
} from "../../options.ts";
import type { PartialImplementation } from "../../programs/implementations.ts";
import type { ClientOptions } from "../../programs/client/options.ts";
import type { FlowRun } from "../../programs/client/run.ts";
import { startFlow } from "../../programs/client/start.ts";
import { attemptOf, isOver, type RequestState } from "../../request-state.ts";
import { createVirtualClock } from "../../runtime/time/clock.ts";
import { createDice, withDice } from "../dice.ts";
import type { Goal } from "../driver.ts";
import { prospectOf } from "../prospect.ts";
import { setRealTimer } from "../real-time.ts";
import { OWNERS, type Scene, setScene } from "../scene.ts";
import { drawActs, type Stock } from "./acts.ts";
import { direct } from "./direction.ts";
import { isEndless } from "./definition.ts";
import { createHands, type Fault, type Hands, type Tally } from "./hands.ts";
import { lineOf } from "./report.ts";
import type { Answers, CheckedFlow, CheckSetup, Finished, People } from "./setup.ts";

/** How flows are tried. */
export interface Limits {
  /** How long a handler may go on after its signal, in milliseconds. */
  readonly heed: number;
  /** How often a job may ask to be tried again later. */
  readonly polls: number;
  /** How long a flow may take, in milliseconds of the world's time. */
  readonly limit: number;
  /** How long a handler may be at work in real time, in milliseconds. */
  readonly realTime: number;
  /** Whether a fault was found before: it need not be waited for as long. */
  readonly known: (id: string) => boolean;
}

/** What became of one flow. */
export interface Trial {
  readonly flow: Flow;
  readonly people: People;
  /** How many acts its seed has. */
  readonly acts: number;
  readonly faults: readonly Fault[];
  readonly tallies: readonly Tally[];
  readonly schedule: readonly string[];
  /** Jobs and outcomes that it came to, as in `job refund`. */
  readonly reached: ReadonlySet<string>;
  /** A handler has used up its real time. */
  readonly isSlow: boolean;
}

/** How long the programs may take to end, in milliseconds of the world's time. */
const END = 120_000;

/** How long is waited for handlers that go on after the end of the flow, in milliseconds of the world's time. */
const AFTERMATH = 600_000;

/** How often a job may ask to be tried again later, when it is known to do so for ever. */
const KNOWN_POLLS = 3;

/** How long handlers may take to end once the check is over, in milliseconds of real time. */
const RELEASE = 20;

/** Runs one flow. @param only The acts that shall happen. @default {All of the seed} */
export function tryFlow(setup: CheckSetup, seed: number, limits: Limits, only?: readonly number[]): Promise<Trial> {
  return withDice(createDice(`${seed} platform`), () => runTrial(setup, seed, limits, only));
}

async function runTrial(setup: CheckSetup, seed: number, limits: Limits, only?: readonly number[]): Promise<Trial> {
  const clock = createVirtualClock();
  const begun = clock.now();
  const lines: { readonly at: number; readonly text: string }[] = [];
  const note = (text: string, act?: number) =>
    void lines.push({ at: clock.now() - begun, text: act === undefined ? text : `[${act}] ${text}` });
  let scene: Scene | undefined = undefined as Scene | undefined;
  const hands = createHands({
    ...{ seed, clock, heed: limits.heed, note },
    nameOf: ({ machine }) => scene?.crew.alive.find((program) => program.machine === machine)?.name ?? "a worker",
  });
  const checked = await setup(hands.world);
  const { implementation, input, check, crds = [] } = checkedSetup(checked);
  const people = checked as People;
  const { flow } = implementation;
  const workers = createDice(`${seed} workers`).between(1, 2);
  const staging = { enclose: hands.enclose(flow), leapsOverFaults: true };
  scene = await setScene([implementation], { clock, seed, workers, crds, realTime: limits.realTime }, staging);
  try {
    const played = await play({ scene, hands, flow, people, input, check, seed, limits, only, note });
    const lost = await close(scene, hands);
    if (lost) throw lost;
    // Who was still at work is named only by the end of the programs.
    const faults = [...played.faults, ...hands.faults];
    return { ...played, faults, flow, people, tallies: hands.tallies, schedule: lines.map(({ at, text }) => lineOf(at, text)) };
  } finally {
    hands.release();
    for (const { machine } of scene.crew.alive) machine.kill(); // where something was thrown
    scene.witness.end();
    scene.fake.close();
  }
}

interface Play {
  readonly scene: Scene;
  readonly hands: Hands;
  readonly flow: Flow;
  readonly people: People;
  readonly input: unknown;
  readonly check: ((finished: Finished) => unknown) | undefined;
  readonly seed: number;
  readonly limits: Limits;
  readonly only: readonly number[] | undefined;
  readonly note: (text: string, act?: number) => void;
}

async function play(options: Play): Promise<Pick<Trial, "acts" | "faults" | "reached" | "isSlow">> {
  const { scene, hands, flow, people, input, check, seed, limits, only, note } = options;
  const { driver, timers, clock, stage, client, around } = scene;
  const stock = stockOf(flow, people);
  const acts = drawActs(seed, stock);
  const own: ClientOptions = { cluster: client.cluster, clock: client.clock, identity: "check" };
  const reached = new Set<string>();
  const faults: Fault[] = [];
  let isSlow = false;
  hands.onAbort.tell = (signal) => {
    for (const run of stage.running) if (run.signal === signal) [run.worked, run.slow] = [0, false];
  };
  const direction = direct({ scene, hands, people, stock, own, note, seed, reached }, acts, only);
  const isComputing = () => client.calls === 0 && timers.next(OWNERS.client) === undefined;
  const run = await driver.ask("it is started", () => startFlow(flow, { input } as object, own), isComputing) as FlowRun;
  const { uid } = run.request.metadata;
  const newest = (): RequestState => scene.witness.newest(`${run.namespace}/${run.name}`)!.object;
  const polls = () =>
    scene.witness.entries(uid!).filter(({ reason, job }) => reason === "RetryAfter" && job === newest().spec.job).length;
  const hasDeadline = flow.deadline !== undefined;
  const isEndlessPoll = () => polls() > (limits.known(`retries ${newest().spec.job}`) ? KNOWN_POLLS : limits.polls);
  const goal: Goal = {
    what: "the flow is over",
    reached: () => {
      if (hasDeadline && isEndlessPoll()) direction.giveUp();
      if (direction.failure) throw direction.failure;
      return isOver(newest());
    },
    hopeless: () => !hasDeadline && isEndlessPoll() ? "it is tried again and again" : undefined,
    prospect: () => {
      const prospect = prospectOf(newest(), around());
      const next = timers.next(OWNERS.faults);
      return prospect.kind === "never" && next !== undefined ? { kind: "at", moment: next } : prospect;
    },
    standing: () => whatItWaitsFor(newest(), clock.now()) ?? "it is over",
    limit: limits.limit,
  };
  const why = await driver.reach(goal).then(() => undefined, (error: unknown) => error);
  const failure = direction.failure ?? scene.crew.failure;
  if (failure) throw failure;
  isSlow = [...stage.running].some(({ slow }) => slow);
  if (why !== undefined) {
    faults.push(endlessFault(newest(), { clock: clock.now(), polls: isEndlessPoll() ? polls() : undefined, stage, why }));
    note(faults[0]!.message);
  } else {
    const { status, reason } = resultOf(newest());
    note(`the flow is over: ${status} (${reason})`);
    await driver.reach(aftermath(scene, hands, limits)).catch(() => {}); // who has not ended then is named below
    const said = check && await asked(check, newest());
    if (said !== undefined) faults.push({ id: "check", kind: "check", message: said });
  }
  isSlow ||= [...stage.running].some(({ slow }) => slow);
  direction.end();
  return { acts: acts.length, faults, reached, isSlow };
}

/** Until nothing is left that could still have an effect. */
function aftermath({ timers, clock }: Scene, hands: Hands, { heed }: Limits): Goal {
  const end = clock.now() + Math.max(AFTERMATH, 2 * heed);
  return {
    what: "the handlers have ended",
    reached: () => hands.busy === 0 && timers.next(OWNERS.faults) === undefined || clock.now() >= end,
    prospect: () => ({ kind: "at", moment: Math.min(end, timers.next(OWNERS.faults) ?? end, timers.next(OWNERS.test) ?? end) }),
    standing: () => "handlers are at work",
  };
}

async function asked(check: (finished: Finished) => unknown, request: RequestState): Promise<string | undefined> {
  try {
    const said = await check({ ...resultOf(request), request } as Finished);
    return typeof said === "string" ? said : undefined;
  } catch (error) {
    return thrownText(error);
  }
}

/** Ends the programs. @returns What one of them has failed with. */
async function close(scene: Scene, hands: Hands): Promise<Error | undefined> {
  const { driver, crew, stage } = scene;
  driver.abandon();
  scene.end();
  hands.release();
  for (let waited = 0; stage.running.size > 0 && waited < RELEASE; waited += 2) {
    await new Promise<void>((resolve) => setRealTimer(2, resolve));
  }
  crew.end();
  for (const program of crew.alive) if (!program.machine.runs) crew.crash(program); // it stands still
  const names = () => crew.alive.map(({ name }) => name).join(", ");
  const { failure } = crew;
  await driver.reach({
    what: "the programs have ended",
    reached: () => crew.alive.length === 0,
    prospect: () => ({ kind: "soon" }),
    standing: () => `${names()} are still there`,
    limit: END,
  });
  return failure ?? crew.failure;
}

/** Why a flow does not come to its end. */
function endlessFault(
  request: RequestState,
  { clock, polls, stage, why }: {
    readonly clock: number;
    readonly polls: number | undefined;
    readonly stage: Scene["stage"];
    readonly why: unknown;
  },
): Fault {
  const { job, state } = request.spec;
  const of = (kind: Fault["kind"], message: string): Fault => ({ id: `${kind} ${job}`, kind, job, message });
  if (polls !== undefined) {
    return of(
      "retries",
      `The handler of job ${job} has asked ${polls} times to be tried again later, and nothing ends that: give the flow a deadline, or let ` +
        "the handler fail after a while",
    );
  }
  const wait = waitOf(request, clock)?.for;
  const run = wait === "result" ? stage.find(request) : undefined;
  if (run) {
    // Of one that was waited for no longer nobody knows whether it would have ended.
    const how = run.slow ? "has not ended in the real time that it is given (realTime)" : "never ends";
    const remedy = `give the job a timeout, and what the handler waits for its signal${run.slow ? "; mock what is slow" : ""}`;
    return of(
      "hangs",
      `The handler of job ${job} (attempt ${attemptOf(request)}) ${how}, and nothing tells it to stop: ${remedy}`,
    );
  }
  const text = thrownText(why).replace(/^Waited in vain until the flow is over: /, "");
  return of("stuck", `The flow stands at ${job}/${state} (${statusOf(request, clock)}) and does not come to its end: ${text}`);
}

/** What a setup may give. */
const GIVEN: Members<CheckedFlow & { readonly input?: unknown }> = {
  implementation: ANYTHING,
  signals: { ...OBJECT, expected: "answers by job" },
  operator: TRUTH,
  crds: listOf("objects"),
  check: FUNCTION,
  input: ANYTHING,
};

/** What people may say, of outcomes that there are. */
const answersOf = (outcomes: readonly string[]): Members<Answers> => ({
  outcomes: {
    expected: `some of ${outcomes.join(", ")}`,
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every((each) => outcomes.includes(each)),
    meant: meantOf(outcomes),
  },
  data: ANYTHING,
  always: TRUTH,
});

/** What a setup has given. @throws {TypeError} When it is not what a check needs. */
function checkedSetup(given: Awaited<ReturnType<CheckSetup>>): {
  readonly implementation: PartialImplementation;
  readonly input?: unknown;
  readonly check?: (finished: Finished) => unknown;
  readonly crds?: readonly object[];
} {
  const { implementation, signals = {} } = (given ?? {}) as Awaited<ReturnType<CheckSetup>>;
  const fail = (what: string): never => {
    throw new TypeError(`Cannot check a flow: ${what}`);
  };
  if (!isFlow(implementation?.flow) || !implementation.handlers) {
    fail("the setup gives no implementation, expected { implementation: implementFlow(...) }");
  }
  const action = "Cannot check a flow";
  refuse(action, membersFault(given, Object.keys(GIVEN), "the setup's answer") ?? optionsFault(given, GIVEN));
  const { plans, jobs } = implementation.flow;
  for (const job of Object.keys(signals)) {
    if (plans[job]?.waits?.signal) {
      checkOptions<Answers>(action, signals[job as keyof typeof signals], answersOf(plans[job].outcomes), `signals.${job}`);
      continue;
    }
    fail(
      `signals names ${job}, which is no job that waits for a signal (${
        jobs.filter((job) => plans[job]!.waits?.signal).join(", ")
      })`,
    );
  }
  return given as never;
}

function stockOf(flow: Flow, { signals = {} }: People): Stock {
  const signalled = flow.jobs.filter((job) => flow.plans[job]!.waits?.signal);
  const isSure = (job: string) => signals[job]?.always || flow.deadline === undefined && isEndless(flow, job);
  return { flow, worked: workedJobsOf(flow), signalled, unsure: signalled.filter((job) => !isSure(job)) };
}
