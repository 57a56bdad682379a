/**
 * What has to be asked outside of the process before a write can be carried out.
 *
 * Handlers of writes are one step, from what they read to what they store. One that has to know what a webhook says is given up
 * before it has stored anything, and begun anew once that is known, with the same draws and at the same time: the step in which it
 * succeeds sees the state of then, and asks again what is no longer the same question. A genuine server, too, asks its webhooks
 * again where somebody else has written in between.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import type { Random } from "./random.ts";
import type { Call } from "./world.ts";

/** What became of a question. */
export type Outcome = { readonly answer: unknown } | { readonly error: unknown };

/** One question. */
export interface Question {
  /** What tells it from others, and does not change when it is put again. */
  readonly key: string;
  /** Puts it. */
  readonly put: () => Promise<unknown>;
}

/** Something is not known yet. */
class Unanswered extends Error {
  readonly questions: readonly Question[];

  constructor(questions: readonly Question[]) {
    super("not known yet");
    this.questions = questions;
  }
}

/** The answers that a call has so far. */
export class Answers {
  readonly #known = new Map<string, Outcome>();

  /** What became of questions that may be put at the same time. Whoever calls this has stored nothing yet. */
  to(questions: readonly Question[]): Outcome[] {
    const open = questions.filter(({ key }) => !this.#known.has(key));
    if (open.length > 0) throw new Unanswered(open);
    return questions.map(({ key }) => this.#known.get(key)!);
  }

  /** Everything is asked anew. */
  forget(): void {
    this.#known.clear();
  }

  async find({ questions }: Unanswered): Promise<void> {
    await Promise.all(questions.map(async ({ key, put }) => {
      this.#known.set(key, await put().then((answer) => ({ answer }), (error: unknown) => ({ error })));
    }));
  }
}

/** Draws what was drawn before, then anew. */
function repeatable(random: Random): { readonly random: Random; readonly rewind: () => void } {
  const drawn: unknown[] = [];
  let at = 0;
  const draw = <T>(make: () => T): T => {
    if (at === drawn.length) drawn.push(make());
    return drawn[at++] as T;
  };
  return {
    random: {
      uuid: () => draw(() => random.uuid()),
      suffix: () => draw(() => random.suffix()),
      fraction: () => draw(() => random.fraction()),
      diverge: (state) => random.diverge(state),
    },
    rewind: () => void (at = 0),
  };
}

/** A clock of which the time of day stands still. */
function stopped(clock: Clock): Clock {
  const now = clock.now();
  return {
    now: () => now,
    monotonic: () => clock.monotonic(),
    setTimer: (ms, callback) => clock.setTimer(ms, callback),
  };
}

/** Does what stores nothing, as often as something has to be asked for it first. */
export async function settled<T>(answers: Answers, step: () => T): Promise<T> {
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await answers.find(error);
    }
  }
}

/** Carries a call out, as often as something has to be asked for it first. */
export async function answered<T>(call: Call, carry: (call: Call) => Promise<T>): Promise<T> {
  const answers = new Answers();
  const said = call.warnings.length;
  const { random, rewind } = repeatable(call.world.random);
  const world = { ...call.world, random, clock: stopped(call.world.clock) };
  for (;;) {
    try {
      return await carry({ ...call, world, answers });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await answers.find(error);
      call.warnings.length = said;
      rewind();
    }
  }
}
