/**
 * Who sees to it that the acts of a seed happen, and that people do their part: they answer, and look after what is parked.
 *
 * @module
 */
import { isCrdWatcherError } from "../../errors.ts";
import type { Flow } from "../../flow/plan.ts";
import { cancelFlow, resumeFlow, suspendFlow } from "../../programs/client/desire.ts";
import { retryFlow } from "../../programs/client/fork.ts";
import type { FlowOptions } from "../../programs/client/options.ts";
import { signalFlow } from "../../programs/client/signal.ts";
import { isOver, isParked, type RequestState } from "../../request-state.ts";
import type { Program } from "../crew.ts";
import { createDice } from "../dice.ts";
import { spanText } from "../driver.ts";
import { createTestFaults } from "../faults.ts";
import { OWNERS, type Scene } from "../scene.ts";
import type { Act, Deed, Stock } from "./acts.ts";
import type { Hands } from "./hands.ts";
import type { People } from "./setup.ts";

/** What is directed. */
export interface DirectionOptions {
  readonly scene: Scene;
  readonly hands: Hands;
  readonly stock: Stock;
  readonly people: People;
  readonly seed: number;
  /** How people ask. */
  readonly own: FlowOptions;
  readonly note: (text: string, act?: number) => void;
  /** Takes jobs and outcomes that the flow came to. */
  readonly reached: Set<string>;
}

/** The acts of one flow. */
export interface Direction {
  /** What people did was wrong in itself: data that does not fit. */
  readonly failure: Error | undefined;
  /** Nobody waits for the flow any more: it is cancelled. */
  giveUp(): void;
  /** Nothing happens any more. */
  end(): void;
}

/** How long an operator takes, in milliseconds. */
const OPERATOR = 10_000;

/** Sees to the acts. @param only Those that shall happen, by number. @default {All} */
export function direct(options: DirectionOptions, acts: readonly Act[], only?: readonly number[]): Direction {
  const { scene, hands, stock, people, seed, own, note, reached } = options;
  const { crew, fake, witness, driver, timers } = scene;
  const { flow } = stock;
  const book = createTestFaults<Flow>({
    ...{ fake, crew, flows: scene.flows, onChange: driver.changed },
    setTimer: (ms, callback) => void timers.of(OWNERS.faults).setTimer(ms, callback),
  });
  const awaited = new Map<string, (() => void)[]>(); // what happens when a job comes to a state
  const answers = new Map<string, "early" | "late" | "never">();
  const seen = new Set<string>();
  let failure: Error | undefined;
  let isOverNow = false;
  const parked = new Set<string>(); // attempts that an operator has seen
  let hasGivenUp = false;
  let last = "";

  const later = (ms: number, act: () => void) =>
    void timers.of(OWNERS.faults).setTimer(ms, () => {
      if (!isOverNow) act();
    });
  const present = (): RequestState | undefined => witness.present()[0];
  /** Asks as people do, who may come too late. */
  const ask = (call: (request: RequestState) => Promise<unknown>) => {
    const request = present();
    if (!request || isOver(request)) return;
    call(request).catch((error: Error) => {
      if (!isCrdWatcherError(error)) failure ??= error;
      driver.changed();
    });
  };
  const running = (kind: Program["kind"]) => crew.alive.filter((program) => program.kind === kind && program.machine.runs);
  /** The worker that does the job, or another one. */
  const victim = (): Program | undefined => {
    const holder = present()?.status?.claim?.holderIdentity;
    const workers = running("worker");
    return workers.find(({ identity }) => identity === holder) ?? workers[0];
  };
  const kill = (program: Program) => {
    crew.crash(program);
    hands.bury(program.machine);
  };

  const perform = (deed: Deed, act: number): void => {
    const worker = victim();
    switch (deed.does) {
      case "kill":
        if (!worker) return;
        note(`${worker.name} is killed`, act);
        return kill(worker);
      case "freeze":
        if (!worker) return;
        note(`${worker.name} stands still for ${spanText(deed.ms)}`, act);
        worker.machine.stop();
        if (running("worker").length === 0) crew.start("worker");
        return later(deed.ms, () => {
          if (worker.isGone) return;
          note(`${worker.name} goes on`, act);
          void worker.machine.resume().then(() => hands.wake(worker.machine));
          driver.changed();
        });
      case "drain":
        if (!worker) return;
        note(`${worker.name} is told to end, another one takes its place`, act);
        crew.start("worker");
        return worker.end();
      case "restart":
        note("the director is killed, another one takes its place", act);
        return running("director").forEach(kill);
      case "outage":
        note(`nobody reaches the API server for ${spanText(deed.ms)}`, act);
        return book.faults.outage(deed.ms);
      case "drop":
        note("all watches break", act);
        return book.faults.dropWatches();
      case "forget":
        note("the API server forgets old versions, and all watches break", act);
        return book.faults.forgetVersions();
      case "cancel":
        note("somebody cancels the flow", act);
        return ask((request) => cancelFlow(request, own));
      case "suspend":
        note(`somebody suspends the flow for ${spanText(deed.ms)}`, act);
        later(deed.ms, () => ask((request) => resumeFlow(request, own)));
        return ask((request) => suspendFlow(request, own));
    }
  };
  const arm = (act: Act, index: number): void => {
    switch (act.kind) {
      case "trap":
        return void hands.traps.push({ ...act.trap, act: index });
      case "signal":
        if (act.when !== "early") note(`${act.when === "late" ? "too late" : "nobody"}: the signal for ${act.job}`, index);
        return void answers.set(act.job, act.when);
      case "write": {
        const { faults } = book;
        const target = { on: act.on, times: act.times } as object;
        note(`${act.fault} will hit the write of ${act.on}${act.times > 1 ? `, ${act.times} times` : ""}`, index);
        if (act.fault === "landLate" || act.fault === "delay") faults[act.fault](act.ms, target);
        else if (act.fault === "tooManyRequests") faults.tooManyRequests(1, target);
        else faults[act.fault](target);
        return;
      }
      case "deed": {
        const due = awaited.get(act.at.on) ?? [];
        awaited.set(act.at.on, due);
        due.push(() => later(act.at.after, () => perform(act.deed, index)));
      }
    }
  };

  /** Somebody answers, in time unless an act wants it otherwise. */
  const answer = (job: string, isEarly: boolean) => {
    const when = answers.get(job);
    if (isEarly !== (when === "early") || when === "never") return;
    const { waits, timeout, outcomes } = flow.plans[job]!;
    const dice = createDice(`${seed} people ${job}`);
    const { outcomes: given = outcomes, data } = people.signals?.[job] ?? {};
    const outcome = given.length > 0 ? dice.pick(given) : undefined;
    const limit = waits!.after ?? timeout ?? Infinity;
    const soon = Math.min(dice.pick([0, 1_000, 20_000]), limit / 2);
    if (when === "late" && limit === Infinity) return;
    later(when === "late" ? limit + 1_000 : soon, () =>
      ask((request) => {
        note(`somebody answers for ${job}: ${outcome ?? "done"}`);
        return signalFlow(request, job, outcome, data as never, { ...own, flow });
      }));
  };
  const lookAfter = (isFirst: boolean) => {
    later(OPERATOR, () =>
      ask((request) => {
        note(`an operator ${isFirst ? "retries" : "cancels"} what is parked`);
        return isFirst ? retryFlow(request, { ...own, flow }) : cancelFlow(request, own);
      }));
  };

  const end = fake.follow("requeststates.com.redhat.ecosystem.sample", ({ type, object }) => {
    const request = object as RequestState;
    const { job, state, attempt = 1 } = request.spec;
    const entry = request.status?.history?.at(-1);
    if (type === "ADDED") { for (const each of stock.signalled) answer(each, true); }
    const place = `${job}/${state}`;
    const now = `${place} ${attempt}`;
    if (now !== last) {
      last = now;
      const more = [entry?.reason, entry?.outcome].filter((each) => each !== undefined).join(", ");
      note(`${place}${attempt > 1 ? `, attempt ${attempt}` : ""}${more ? `: ${more}` : ""}`);
      reached.add(`job ${job}`);
      if (state === "COMPLETED" && entry?.outcome !== undefined) reached.add(outcomeText(job, entry.outcome));
    }
    if (isParked(request) && !parked.has(now)) {
      lookAfter(parked.size === 0);
      parked.add(now);
    }
    if (seen.has(place)) return;
    seen.add(place);
    for (const due of awaited.get(place) ?? []) due();
    if (state === "REQUESTED" && stock.signalled.includes(job)) answer(job, false);
  });

  acts.forEach((act, index) => {
    if (!only || only.includes(index)) arm(act, index);
  });
  return {
    get failure() {
      return failure;
    },
    giveUp() {
      if (hasGivenUp) return;
      hasGivenUp = true;
      note("the deadline of the flow is not waited for: it is cancelled");
      later(0, () => ask((request) => cancelFlow(request, own)));
    },
    end() {
      isOverNow = true;
      end();
      fake.faults.clear();
      crew.cut("works");
    },
  };
}

/** An outcome, as reports name it. */
export const outcomeText = (job: string, outcome: string): string => `outcome "${outcome}" of job ${job}`;
