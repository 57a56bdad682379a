import { type Clock, type Flow, type Job, type Json, NeverRetryError, RetryAfterError } from "../../mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import { createDice } from "../../src/testing/dice.ts";
import type { Size } from "./size.ts";

/** What was seen of one run of a handler. */
export interface HandlerRun {
  readonly worker: string;
  readonly uid: string;
  readonly job: string;
  readonly attempt: number;
  /** The id of the claim by which it was begun. */
  readonly claim: string | undefined;
  /** When it began, in milliseconds of true time. */
  readonly begun: number;
  /** When it ended, and how; undefined: it has not. */
  end?: { readonly at: number; readonly state: "COMPLETED" | "FAILED"; readonly output?: Json };
}

/** Where handlers run. */
export interface HandlerSetting {
  readonly size: Size;
  readonly clock: Clock;
  /** Milliseconds of true time. */
  readonly time: () => number;
  /** Takes down that one began. */
  readonly begin: (run: HandlerRun) => void;
  /** Lets nothing else of its process run for so many milliseconds. */
  readonly block: (ms: number) => void;
}

/**
 * A handler that does anything: returns at once or late, heeds its signal or does not, throws any of what may be thrown, gives back what
 * it must not. What it does is a matter of seed, flow, job and attempt alone.
 */
export function randomHandler(
  seed: string,
  flow: Flow,
  { size, clock, time, begin, block }: HandlerSetting,
  worker: () => string,
): (told: Job) => Promise<unknown> {
  return async (told) => {
    const { job, attempt, request, signal } = told;
    const { metadata: { uid }, status } = request;
    const run: HandlerRun = { worker: worker(), uid: uid!, job, attempt, claim: status?.claim?.id, begun: time() };
    begin(run);
    const dice = createDice(`${seed} ${request.metadata.labels?.story} ${job} ${attempt}`);
    const plan = flow.plans[job]!;
    const end = (state: "COMPLETED" | "FAILED", output?: Json) =>
      run.end = { at: time(), state, ...output !== undefined && { output } };
    const fail = (error: unknown) => {
      end("FAILED");
      return error;
    };
    const heeds = dice.chance(0.7);
    const duration = dice.pick(size.work);
    if (dice.chance(0.05)) block(dice.pick(size.stops));
    if (duration > 0) {
      await sleep(clock, duration, heeds ? signal : undefined).catch((error) => {
        throw fail(error);
      });
    }
    if (dice.chance(0.1) && plan.timeout !== undefined && attempt < size.patience) await new Promise(() => {}); // for ever, signal or not
    if (attempt < size.patience && dice.chance(size.failing)) {
      throw fail(
        dice.pick([
          () => new Error("it did not work"),
          () => new TypeError("it cannot work"),
          () => new NeverRetryError("it never will"),
          () => new RetryAfterError(dice.pick([0, 700, 9_000]), "not yet"),
          () => "a text",
        ])(),
      );
    }
    if (dice.chance(0.05)) {
      end("FAILED");
      return { outcome: "unheard-of" };
    }
    const output: Json = dice.pick([
      null,
      { by: worker(), attempt, nothing: null },
      [null],
      "x".repeat(4_000),
      "x".repeat(5_000),
    ]);
    if (typeof output === "string" && output.length > 4_096) {
      end("FAILED");
      return { outcome: plan.outcomes[0], output };
    }
    end("COMPLETED", output);
    return { ...plan.outcomes.length > 0 && { outcome: dice.pick(plan.outcomes) }, output };
  };
}
