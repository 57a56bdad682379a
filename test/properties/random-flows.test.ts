import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellStory } from "./story.ts";

/** The seeds of CI. Others, and some of their acts only: `STORY=17,18 ACTS=3,9 npx tsx test/run.ts random-flows`. */
const SEEDS = process.env.STORY?.split(",") ?? ["2", "3", "4", "6", "9", "14"];
const acts = process.env.ACTS === undefined ? undefined : new Set(process.env.ACTS.split(",").map(Number));

const properties = suite("properties: random flows on failing machines");
for (const seed of SEEDS) {
  properties(`seed ${seed}: the invariants are kept, and every flow comes to its end`, async () => {
    const { faults, log } = await tellStory(seed, { acts });
    if (faults.length > 0) console.log(`To see it again: STORY=${seed} npx tsx test/run.ts random-flows\n${log.join("\n")}`);
    assert.equal(faults, []);
  });
}

properties("a seed is told the same way each time, and its acts do not depend on each other", async () => {
  const [first, again] = [await tellStory("same"), await tellStory("same")];
  assert.equal(again, first);
  assert.ok(first.acts > 20);
  const few = await tellStory("same", { acts: new Set([0, 1, 2]) });
  const toldIn = ({ log }: { readonly log: readonly string[] }) => log.filter((line) => /\[[012]\]/.test(line));
  assert.equal(toldIn(few), toldIn(first));
});
properties.run();
