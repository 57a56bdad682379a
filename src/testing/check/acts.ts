/**
 * What may go wrong with a flow, and what people may do: drawn from a seed, each act by itself, so that without some of them the others
 * are as they were. Pure.
 *
 * @module
 */
import type { Flow } from "../../flow/plan.ts";
import { createDice, type Dice } from "../dice.ts";
import type { TestFaults } from "../faults.ts";
import type { Point, Trap } from "./hands.ts";

/** Something that happens when a job has come to a state for the first time, and so many milliseconds have passed. */
export interface Moment {
  readonly on: string;
  readonly after: number;
}

/** What goes wrong with a write. */
export type WriteFault = Exclude<keyof TestFaults, "dropWatches" | "forgetVersions" | "outage">;

/** What happens to programs, or is done by people. */
export type Deed =
  | { readonly does: "kill" | "drain" | "restart" | "drop" | "forget" | "cancel" }
  | { readonly does: "freeze" | "outage" | "suspend"; readonly ms: number };

/** One act of a seed. */
export type Act =
  | { readonly kind: "trap"; readonly trap: Omit<Trap, "act"> }
  | { readonly kind: "write"; readonly on: string; readonly fault: WriteFault; readonly times: number; readonly ms: number }
  | { readonly kind: "deed"; readonly deed: Deed; readonly at: Moment }
  | { readonly kind: "signal"; readonly job: string; readonly when: "early" | "late" | "never" };

/** What is known of the flow. */
export interface Stock {
  readonly flow: Flow;
  /** The jobs that workers do. */
  readonly worked: readonly string[];
  /** The jobs of which the signal may stay away. */
  readonly unsure: readonly string[];
  /** The jobs that wait for a signal. */
  readonly signalled: readonly string[];
}

/** Acts at the most. */
const MOST = 5;

/** The acts of a seed: first one of those that find most, in turn, so that a few seeds have tried them on each job; then any. */
export function drawActs(seed: number, stock: Stock): Act[] {
  const turns = turnsOf(stock);
  const turn = seed % (turns.length + 1); // seed 1 is the first
  const first = turns[turn - 1];
  if (!first) return []; // one in turn has none
  const count = createDice(`${seed} acts`).between(0, MOST - 1);
  return [first, ...Array.from({ length: count }, (_, index) => drawAct(createDice(`${seed} act ${index + 1}`), stock))];
}

/** What finds most: for each job that a worker does, and for each that waits. */
function turnsOf({ worked, unsure }: Stock): Act[] {
  const trap = (job: string, point: Point, does: Trap["does"]): Act => ({
    kind: "trap",
    trap: { job, point, does, nth: 1, times: 1 },
  });
  const deed = (job: string, deed: Deed, after: number): Act => ({ kind: "deed", deed, at: { on: `${job}/STARTED`, after } });
  return [
    ...worked.map((job) => trap(job, "after effect", "die")),
    ...worked.map((job) => deed(job, { does: "cancel" }, 50)),
    ...worked.map((job) => trap(job, "end", "die")),
    ...worked.map((job) => trap(job, "after effect", "fail")),
    ...worked.map((job) => deed(job, { does: "freeze", ms: 40_000 }, 0)),
    ...unsure.map((job): Act => ({ kind: "signal", job, when: "never" })),
    ...worked.map((job): Act => ({ kind: "trap", trap: { job, point: "begin", does: "fail", nth: 1, times: 99 } })),
  ];
}

function drawAct(dice: Dice, { flow, worked, unsure, signalled }: Stock): Act {
  const trap = (point: Point, does: Trap["does"], times = 1): Act => ({
    kind: "trap",
    trap: { job: dice.pick(worked), point, does, nth: dice.pick([1, 1, 1, 2]), times },
  });
  const moment = (): Moment => {
    const job = dice.pick(flow.jobs);
    return { on: `${job}/${flow.plans[job]!.waits ? "REQUESTED" : "STARTED"}`, after: dice.pick([0, 0, 50, 3_000, 20_000]) };
  };
  const deed = (deed: Deed): Act => ({ kind: "deed", deed, at: moment() });
  const write = (fault: WriteFault): Act => {
    const job = dice.pick(flow.jobs);
    const states = flow.plans[job]!.waits ? ["REQUESTED", "COMPLETED"] : ["REQUESTED", "STARTED", "COMPLETED", "COMPLETED"];
    const on = `${job}/${dice.pick(states)}`;
    return { kind: "write", on, fault, times: dice.pick([1, 1, 2]), ms: dice.pick([20, 3_000, 30_000]) };
  };
  const signal = (jobs: readonly string[], ...when: readonly ("early" | "late" | "never")[]): Act => ({
    ...{ kind: "signal", job: dice.pick(jobs), when: dice.pick(when) },
  });
  const kinds: readonly (readonly [weight: number, draw: () => Act])[] = [
    ...worked.length === 0 ? [] : [
      [1, () => trap("begin", "die")],
      [2, () => trap("begin", "fail", dice.pick([1, 2, 99]))],
      [1, () => trap("before effect", "die")],
      [2, () => trap("before effect", "fail", dice.pick([1, 1, 99]))],
      [6, () => trap("after effect", "die")],
      [4, () => trap("after effect", "fail")],
      [5, () => trap("end", "die", dice.pick([1, 1, 2]))],
      [2, () => deed({ does: "kill" })],
      [3, () => deed({ does: "freeze", ms: dice.pick([2_000, 40_000, 70_000]) })],
      [2, () => deed({ does: "drain" })],
    ] as const,
    [2, () => deed({ does: "restart" })],
    [2, () => deed({ does: "outage", ms: dice.pick([1_000, 12_000, 40_000]) })],
    [1, () => deed({ does: "drop" })],
    [1, () => deed({ does: "forget" })],
    [4, () => deed({ does: "cancel" })],
    [1, () => deed({ does: "suspend", ms: dice.pick([1_000, 60_000]) })],
    [2, () => write(dice.pick(["loseAnswer", "landLate"]))],
    [2, () => write(dice.pick(["conflict", "breakConnection", "delay", "serverError", "tooManyRequests"]))],
    ...signalled.length === 0 ? [] : [[1, () => signal(signalled, "early")] as const],
    ...unsure.length === 0 ? [] : [[3, () => signal(unsure, "late", "never")] as const],
  ];
  return dice.pick(kinds.flatMap(([weight, draw]) => Array<() => Act>(weight).fill(draw)))();
}
