/**
 * Random flows on failing machines, seed after seed: what `properties/random-flows.test.ts` does for a few. Ends with 1 when an invariant
 * of the protocol was broken; each seed that does so is named. SIGTERM ends it after the present seed, with the figures so far.
 *
 *   node --import tsx test/soak/stories.ts [--stories 3000] [--from 1]
 *   deno run -A test/soak/stories.ts [--stories 3000] [--from 1]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { tellStory } from "../properties/story.ts";

const { values } = parseArgs({
  options: { stories: { type: "string", default: "3000" }, from: { type: "string", default: "1" } },
});
const [first, count] = [Number(values.from), Number(values.stories)];
const begun = performance.now();
let [told, versions, runs, broken, ending] = [0, 0, 0, 0, false];
process.on("SIGTERM", () => ending = true);
for (let seed = first; seed < first + count && !ending; seed++, told++) {
  try {
    const story = await tellStory(seed);
    versions += story.versions;
    runs += story.runs;
    if (story.faults.length === 0) continue;
    console.log([`seed ${seed}`, ...story.faults].join("\n  "));
  } catch (error) {
    console.log(`seed ${seed}\n  ${(error as Error).stack}`);
  }
  broken++;
}
console.log(`${told} stories, ${versions} versions, ${runs} handlers, ${Math.round((performance.now() - begun) / 1_000)} s`);
console.log(broken === 0 ? "kept" : `${broken} seeds broke an invariant`);
process.exit(broken === 0 ? 0 : 1);
