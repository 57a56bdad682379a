/**
 * Handlers under a check: what they do to the world outside, what happens to them meanwhile, and what is to be said of it.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { retryAfterOf, thrownText } from "../../errors.ts";
import { isJobAborted, JobAbortedError } from "../../flow/aborted.ts";
import type { Job } from "../../flow/handler.ts";
import type { Flow, JobPlan } from "../../flow/plan.ts";
import { resultOfHandler, strayText } from "../../flow/result.ts";
import { checkValue, LIMIT } from "../../options.ts";
import type { Clock } from "../../ports.ts";
import { sleep, type VirtualClock } from "../../runtime/time/clock.ts";
import { createDice } from "../dice.ts";
import { spanText } from "../driver.ts";
import type { Enclose, Player } from "../stage.ts";
import type { FindingKind } from "./report.ts";
import type { CheckWorld, WorldEffect } from "./world.ts";

/** A point in a handler at which something may happen to it. */
export type Point = "begin" | "before effect" | "after effect" | "end";

/** What shall happen when a handler comes to a point. */
export interface Trap {
  /** The act that has set it. */
  readonly act: number;
  readonly job: string;
  readonly point: Point;
  /** `die`: its worker is killed there; `fail`: what it awaits there throws. */
  readonly does: "die" | "fail";
  /** At which of the effects of an attempt; counts from 1. */
  readonly nth: number;
  /** How often it snaps. */
  times: number;
}

/** Something that is wrong, in one try. */
export interface Fault {
  /** What it has in common with the same one in another try. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly job?: string;
  readonly message: string;
}

/** How often the attempts of one job had an effect. */
export interface Tally {
  readonly job: string;
  readonly name: string;
  /** All of them together, in as far as it was done anew. */
  anew: number;
  /** The attempt that had it most often, whether it was done anew or not. */
  most: number;
  /** By which attempts and keys it was done anew. */
  readonly by: string[];
}

/** A handler that runs, or has run. */
interface Run {
  readonly job: string;
  readonly attempt: number;
  readonly player: Player;
  readonly signal: AbortSignal;
  /** Told to stop by the check itself, at its end. */
  readonly release: AbortController;
  readonly effects: Map<string, number>;
  readonly timers: Set<() => void>;
  effectCount: number;
  picks: number;
  /** Its process is gone. */
  dead: boolean;
  /** Since when its signal is aborted, in milliseconds since the Unix epoch. */
  abortedAt?: number;
}

/** What hands are made of. */
export interface HandsOptions {
  readonly seed: number;
  readonly clock: VirtualClock;
  /** How long a handler may go on after its signal, in milliseconds. */
  readonly heed: number;
  /** Takes a line of the schedule. */
  readonly note: (text: string, act?: number) => void;
  /** As in `worker-1`. */
  readonly nameOf: (player: Player) => string;
}

/** The handlers of one try. */
export interface Hands {
  readonly world: CheckWorld;
  readonly traps: Trap[];
  readonly faults: readonly Fault[];
  readonly tallies: readonly Tally[];
  /** Handlers that have not ended, and whose process is not gone. */
  readonly busy: number;
  /** Their flow. */
  enclose(flow: Flow): Enclose;
  /** A worker was killed: its handlers go no further. */
  bury(machine: Player["machine"]): void;
  /** A worker goes on: what its handlers were told meanwhile, they are told now. */
  wake(machine: Player["machine"]): void;
  /** All that still run are told to stop, and those that do not heed it are named. */
  release(): void;
  /** Whether a handler with this signal has just been told to stop; asked once. */
  readonly onAbort: { tell: (signal: AbortSignal) => void };
}

const current = new AsyncLocalStorage<Run>();
const never = () => new Promise<never>(() => {});

/** How long an effect takes, in milliseconds of the world's time. */
const SPANS = [0, 0, 0, 0, 20, 1_000, 4_000] as const;

/** Makes the hands of one try. */
export function createHands({ seed, clock, heed, note, nameOf }: HandsOptions): Hands {
  const begun = clock.now();
  const runs = new Set<Run>();
  const traps: Trap[] = [];
  const faults: Fault[] = [];
  const effects: WorldEffect[] = [];
  const known = new Set<string>();
  const tallies = new Map<string, Tally>();
  const onAbort = { tell: (_: AbortSignal) => {} };
  let picks = 0;
  const blame = (fault: Fault) => {
    if (!faults.some(({ id }) => id === fault.id)) faults.push(fault);
  };

  /** Fires only while the process runs. */
  const setTimer = (run: Run, ms: number, callback: () => void): () => void => {
    if (run.dead) return () => {};
    let cancel = () => {};
    const stop = () => {
      run.timers.delete(stop);
      cancel();
    };
    const fire = () => {
      run.timers.delete(stop);
      current.run(run, callback);
    };
    cancel = clock.setTimer(ms, () => {
      const { machine } = run.player;
      if (machine.runs) fire();
      else cancel = machine.clock.setTimer(0, fire); // when it goes on
    });
    run.timers.add(stop);
    return stop;
  };
  const ownClock = (run: Run | undefined): Clock =>
    run
      ? { now: clock.now, monotonic: clock.monotonic, setTimer: (ms, callback) => setTimer(run, ms, callback) }
      : { now: clock.now, monotonic: clock.monotonic, setTimer: clock.setTimer };

  /** Passes where the process runs; never, where it is gone. */
  const pass = async (run: Run, ms: number = 0): Promise<void> => {
    if (run.dead) await never();
    if (ms > 0 || !run.player.machine.runs) await sleep(ownClock(run), ms);
    if (run.dead) await never();
  };
  const bury = (machine: Player["machine"]) => {
    for (const run of runs) {
      if (run.player.machine !== machine) continue;
      run.dead = true;
      for (const stop of [...run.timers]) stop();
    }
  };
  const snap = async (run: Run, point: Point, texts: { readonly die: string; readonly fail: string }): Promise<void> => {
    const trap = traps.find(({ job, point: where, nth, times }) =>
      job === run.job && where === point && times > 0 && (!/effect/.test(point) || nth === run.effectCount)
    );
    if (!trap) return;
    trap.times--;
    if (trap.does === "fail") {
      note(texts.fail, trap.act);
      throw new Error(`${texts.fail}, as the check wants it`);
    }
    note(`${nameOf(run.player)} dies ${texts.die}`, trap.act);
    run.player.kill();
    bury(run.player.machine);
    await never();
  };

  const done = (run: Run | undefined, name: string, key: string | undefined, deed: () => void): boolean => {
    const id = JSON.stringify([name, key]);
    const isNew = key === undefined || !known.has(id);
    known.add(id);
    const { job, attempt } = run ?? {};
    if (run) count(run, name, key, isNew);
    note(
      `effect "${name}" of ${job ?? "nobody"} is ${isNew ? "done" : "known"}: ${key === undefined ? "no key" : shortKey(key)}`,
    );
    if (isNew) {
      const of = { ...key !== undefined && { key }, ...job !== undefined && { job }, ...attempt !== undefined && { attempt } };
      effects.push({ name, ...of, at: clock.now() - begun });
      deed();
    }
    return isNew;
  };
  const count = (run: Run, name: string, key: string | undefined, isNew: boolean) => {
    const { job, attempt } = run;
    const times = (run.effects.get(name) ?? 0) + 1;
    run.effects.set(name, times);
    const id = JSON.stringify([job, name]);
    const tally = tallies.get(id) ?? { job, name, anew: 0, most: 0, by: [] };
    tallies.set(id, tally);
    tally.most = Math.max(tally.most, times);
    if (!isNew) return;
    tally.anew++;
    tally.by.push(`by attempt ${attempt} ${key === undefined ? "without a key" : `with key ${shortKey(key)}`}`);
  };

  const effect = async (name: string, key: string | undefined, deed: () => void): Promise<boolean> => {
    const run = current.getStore();
    if (!run) return done(undefined, name, key, deed);
    const dice = createDice(`${seed} effect ${run.job} ${run.attempt} ${++run.effectCount}`);
    const span = () => run.signal.aborted ? 0 : dice.pick(SPANS);
    await pass(run, span());
    await snap(run, "before effect", { die: `right before effect "${name}"`, fail: `effect "${name}" is refused` });
    const isNew = done(run, name, key, deed);
    await snap(run, "after effect", { die: `right after effect "${name}"`, fail: `the answer to effect "${name}" is lost` });
    await pass(run, span());
    return isNew;
  };

  const world: CheckWorld = {
    seed,
    effects,
    clock: {
      now: clock.now,
      monotonic: clock.monotonic,
      setTimer: (ms, callback) => ownClock(current.getStore()).setTimer(ms, callback),
    },
    effect(name, key, deed = () => {}) {
      const asked = effect(name, key, deed);
      asked.catch(() => {}); // who does not wait for it is not told either
      return asked;
    },
    sleep: (ms, signal) => LIMIT.fits(ms) ? sleep(ownClock(current.getStore()), ms, signal) : sleepless(ms),
    pick(of) {
      if (of.length === 0) throw new RangeError("Cannot pick one of none: of is empty");
      const run = current.getStore();
      const place = run ? `${run.job} ${run.attempt} ${run.picks++}` : `world ${picks++}`;
      return createDice(`${seed} pick ${place}`).pick(of);
    },
  };

  const ended = (run: Run) => {
    runs.delete(run);
    const late = run.abortedAt === undefined ? 0 : clock.now() - run.abortedAt;
    if (late > heed) blame(signalFault(run, `it has ended ${spanText(Math.round(late))} later`));
  };
  const perform = async (run: Run, plan: JobPlan, handle: () => unknown, request: Job["request"]): Promise<unknown> => {
    const who = `${nameOf(run.player)}: ${run.job}`;
    try {
      await snap(run, "begin", { die: `before handler ${run.job}`, fail: `handler ${run.job} fails at once` });
      note(`${who} begins, attempt ${run.attempt}`);
      const given = await handle();
      await pass(run);
      ended(run);
      if (!run.signal.aborted) { for (const fault of await resultFaults(plan, given, request)) blame(fault); }
      note(`${who} gives back ${givenText(given)}`);
      await snap(run, "end", { die: `after handler ${run.job}, before its report`, fail: `handler ${run.job} fails at its end` });
      return given;
    } catch (error) {
      await pass(run);
      ended(run);
      note(`${who} throws: ${retryAfterOf(error) === undefined ? "" : "try again later, "}${thrownText(error)}`);
      if (!isError(error) && !isJobAborted(error)) blame(thrownFault(run.job, error));
      throw error;
    }
  };

  return {
    world,
    traps,
    faults,
    onAbort,
    get tallies() {
      return [...tallies.values()];
    },
    get busy() {
      return [...runs].filter(({ dead }) => !dead).length;
    },
    enclose: (flow) => (performer, player) => (job) => {
      const release = new AbortController();
      const run: Run = {
        ...{ job: job.job, attempt: job.attempt, player, release, signal: AbortSignal.any([job.signal, release.signal]) },
        ...{ effects: new Map(), timers: new Set(), effectCount: 0, picks: 0, dead: false },
      };
      runs.add(run);
      job.signal.addEventListener("abort", () => {
        if (!runs.has(run)) return;
        run.abortedAt = clock.now();
        const { reason } = job.signal;
        note(`${nameOf(player)}: ${run.job} is told to stop: ${isJobAborted(reason) ? reason.reason : thrownText(reason)}`);
        onAbort.tell(run.signal);
      }, { once: true });
      const handle = () => performer({ ...job, signal: run.signal });
      return current.run(run, () => perform(run, flow.plans[job.job]!, handle, job.request));
    },
    bury,
    wake(machine) {
      for (const run of runs) if (run.player.machine === machine && run.abortedAt !== undefined) run.abortedAt = clock.now();
    },
    release() {
      for (const run of [...runs]) {
        const late = run.abortedAt === undefined || run.dead ? 0 : clock.now() - run.abortedAt;
        if (late > heed) blame(signalFault(run, `it was still at work ${spanText(Math.round(late))} later`));
        runs.delete(run);
        for (const stop of [...run.timers]) stop();
        run.release.abort(new JobAbortedError("Draining", "The check is over"));
      }
    },
  };
}

function signalFault({ job, signal }: Run, how: string): Fault {
  const reason = isJobAborted(signal.reason) ? ` (${signal.reason.reason})` : "";
  const remedy = "give the job's signal to what it waits for, or call signal.throwIfAborted() between its steps";
  return {
    id: `signal ${job}`,
    kind: "signal",
    job,
    message: `The handler of job ${job} does not heed its signal${reason}: ${how}; ${remedy}`,
  };
}

const thrownFault = (job: string, thrown: unknown): Fault => ({
  id: `thrown ${job}`,
  kind: "thrown",
  job,
  message: `The handler of job ${job} throws ${
    thrown === null ? "null" : `${typeof thrown === "object" ? "an" : "a"} ${typeof thrown}`
  } (${thrownText(thrown)}), which has neither name nor stack: throw an Error`,
});

/** What is wrong with what a handler gave back, as its worker would report it. */
async function resultFaults(plan: JobPlan, given: unknown, request: Job["request"]): Promise<Fault[]> {
  const result = await resultOfHandler(plan, given, request);
  if (result.state !== "FAILED") {
    const stray = strayText(plan.name, given);
    return stray === undefined ? [] : [{ id: `stray ${plan.name}`, kind: "result", job: plan.name, message: stray }];
  }
  const { message } = result.error;
  const { outcome } = Object(given ?? {}) as { readonly outcome?: unknown };
  const isNowhere = plan.outcomes.length > 0 ? !plan.outcomes.includes(outcome as string) : outcome !== undefined;
  const { name: job } = plan;
  return isNowhere
    ? [{
      ...{ id: `outcome ${job} ${String(outcome)}`, kind: "outcome", job },
      message: `${message}: the job fails for good; name the outcome in the definition's on, or give back one that it names`,
    }]
    : [{ ...{ id: `result ${job}`, kind: "result", job }, message: `Job ${job} fails for good: ${message}` }];
}

function isError(thrown: unknown): boolean {
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
  } catch {
    return false; // a Proxy that throws when it is looked at
  }
}

const shortKey = (key: string): string => key.length <= 24 ? key : `…${key.slice(-23)}`;

function givenText(given: unknown): string {
  if (given === undefined) return "nothing";
  try {
    return JSON.stringify(given) ?? String(given);
  } catch {
    return `a ${typeof given}`;
  }
}

/** @throws {RangeError} When this is no time to sleep. */
const sleepless = async (ms: unknown): Promise<void> => checkValue("Cannot sleep", "ms", ms, LIMIT);
