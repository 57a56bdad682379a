import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellStory } from "./story.ts";

/** Seeds that have found something once. */
const FOUND: Readonly<Record<string, string>> = {
  296: "what a worker claimed after its return was taken away by the verdict about what it had held before",
  592: "a handler was begun by a claim that was lost before its answer came, with the number of another attempt",
};

/** The seeds of CI. Others: `STORY=17,18 npx tsx test/run.ts random-flows`. */
const SEEDS = process.env.STORY?.split(",") ?? [...Object.keys(FOUND), "1", "2", "3", "4"];

const properties = suite("properties: random flows on failing machines");
for (const seed of SEEDS) {
  properties(`seed ${seed}${FOUND[seed] ? `: ${FOUND[seed]}` : ""}`, async () => {
    const { faults, log } = await tellStory(seed);
    if (faults.length > 0) console.log(`To see it again: STORY=${seed} npx tsx test/run.ts random-flows\n${log.join("\n")}`);
    assert.equal(faults, []);
  });
}
properties.run();
