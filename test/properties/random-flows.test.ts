import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Mood, SizeName } from "./size.ts";
import { tellStory } from "./story.ts";

/**
 * The seeds of CI; many small ones cost less than few large ones. Others, and some of their acts only:
 * `SIZE=small STORY=17,18 ACTS=3,9 npx tsx test/run.ts random-flows`.
 */
const SEEDS: Readonly<Record<SizeName, readonly string[]>> = {
  large: ["6"],
  small: Array.from({ length: 12 }, (_, seed) => String(seed)),
};
const { STORY, ACTS, SIZE, MOOD } = process.env as Record<string, string | undefined>;
const acts = ACTS === undefined ? undefined : new Set(ACTS.split(",").map(Number));
const mood = MOOD as Mood | undefined;

const properties = suite("properties: random flows on failing machines");
for (const size of ["large", "small"] as const) {
  const seeds = STORY === undefined ? SEEDS[size] : (SIZE ?? "large") === size ? STORY.split(",") : [];
  const each = async (seeds: readonly string[]) => {
    for (const seed of seeds) {
      const { faults, log } = await tellStory(seed, { size, mood, acts });
      if (faults.length > 0) {
        console.log(`To see it again: SIZE=${size} STORY=${seed} npx tsx test/run.ts random-flows\n${log.join("\n")}`);
      }
      assert.equal(faults, []);
    }
  };
  if (seeds.length > 0) {
    properties(`${size}, seeds ${seeds.join()}: the invariants are kept, and every flow comes to its end`, () => each(seeds));
  }
}

properties("a seed is told the same way each time, and its acts do not depend on each other", async () => {
  const telling = { size: "small" } as const;
  const [first, again] = [await tellStory("same", telling), await tellStory("same", telling)];
  assert.equal(again, first);
  assert.ok(first.acts > 5);
  const few = await tellStory("same", { ...telling, acts: new Set([0, 1, 2]) });
  const toldIn = ({ log }: { readonly log: readonly string[] }) => log.filter((line) => /\[[012]\]/.test(line));
  assert.equal(toldIn(few), toldIn(first));
});

properties("another seed goes another way", async () => {
  const traces = new Set<number>();
  for (const seed of ["a", "b", "c"]) traces.add((await tellStory(seed, { size: "small" })).trace);
  assert.is(traces.size, 3);
});
properties.run();
