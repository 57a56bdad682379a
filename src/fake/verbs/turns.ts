/**
 * What a stream shows, one after the other, where some of it has to be converted outside of the process first.
 *
 * @module
 */
import { Answers, settled } from "../store/outside.ts";
import { ConversionError } from "../types/resource.ts";
import { Refusal } from "../types/status.ts";
import type { Call } from "../store/world.ts";

/** Milliseconds: how soon a conversion that has failed is tried again, the first time and at last. */
const soonest = 100;
const latest = 1_000;

/** One thing after the other. */
export interface Turns {
  /**
   * Looks at something, and uses what was seen after all that came before.
   *
   * @param refused Hears of it, at its turn, when nothing can be seen for `patience` milliseconds. Without it, that is waited for:
   * as a genuine server does, which goes on where it was once its webhook is well.
   */
  take<T>(look: () => T, use: (seen: T) => void, refused?: Refused): void;
  /** Nothing is looked at any more. */
  end(): void;
}

interface Refused {
  readonly patience: number;
  readonly tell: (error: ConversionError) => void;
}

/** The turns of a stream. @param failed Hears of what cannot be asked at all. */
export function turnsOf({ type, world: { clock }, answers = new Answers() }: Call, failed: (error: Refusal) => void): Turns {
  if (!type.ahead) return { take: (look, use) => use(look()), end() {} };
  let last = Promise.resolve();
  let isOver = false;
  let cancel = () => {};
  const pause = (ms: number) => new Promise<void>((resolve) => cancel = clock.setTimer(ms, resolve));

  async function seen<T>(look: () => T, refused: Refused | undefined): Promise<T> {
    for (let wait = soonest, tries = 0;; wait = Math.min(wait * 2, latest), tries++) {
      try {
        return await settled(answers, look);
      } catch (error) {
        if (!(error instanceof ConversionError) || (refused && tries > 0)) throw error;
        await pause(refused?.patience ?? wait);
      } finally {
        answers.forget();
      }
    }
  }
  async function turn<T>(look: () => T, use: (seen: T) => void, refused: Refused | undefined): Promise<void> {
    try {
      if (isOver) return;
      const value = await seen(look, refused);
      if (!isOver) use(value);
    } catch (error) {
      if (error instanceof Refusal) failed(error);
      else if (error instanceof ConversionError) refused?.tell(error);
      else throw error;
    }
  }
  return {
    take: (look, use, refused) => void (last = last.then(() => turn(look, use, refused))),
    end() {
      isOver = true;
      cancel();
    },
  };
}
