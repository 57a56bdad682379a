import type { Test } from "uvu";
import * as assert from "uvu/assert";

/** Something that is wrong, and what is said of it: the class of the error, and its message. */
export type Row = readonly [act: () => unknown, says: string | RegExp];

/** Longer than anything that is refused takes; what is taken instead may wait for ever. Milliseconds. */
const REFUSED_WITHIN = 5_000;

async function saidOf(act: () => unknown): Promise<string> {
  let cancel = () => {};
  const late = new Promise<string>((resolve) => {
    const timer = setTimeout(resolve, REFUSED_WITHIN, "it goes on and on");
    cancel = () => clearTimeout(timer);
  });
  const acted = (async () => await act())().then(() => "it is taken", (error) => `${error}`);
  return await Promise.race([acted, late]).finally(() => cancel());
}

/** A test for each row: that it is refused, and in these words, which are one sentence. */
export function sayWhatIsWrong(test: Test, rows: readonly Row[]): void {
  rows.forEach(([act, says], index) => {
    test(`${index + 1}: ${says}`, async () => {
      const said = await saidOf(act);
      if (typeof says === "string") assert.is(said, says);
      else assert.match(said, says);
      assert.not.match(said, /\n|\.$/);
    });
  });
}

/** What is no such thing, for whoever looks at types alone. */
// deno-lint-ignore no-explicit-any
export const odd = (value: unknown): any => value;
