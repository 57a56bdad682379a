/**
 * Random flows on failing machines, seed after seed: what `properties/random-flows.test.ts` does for a few. Ends with 1 when an invariant
 * of the protocol was broken; each seed that does so is named, with what was done.
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
let [versions, runs, broken] = [0, 0, 0];
for (let seed = first; seed < first + count; seed++) {
  try {
    const told = await tellStory(seed);
    versions += told.versions;
    runs += told.runs;
    if (told.faults.length === 0) continue;
    console.log([`seed ${seed}`, ...told.faults].join("\n  "));
  } catch (error) {
    console.log(`seed ${seed}\n  ${(error as Error).stack}`);
  }
  broken++;
}
console.log(`${count} stories, ${versions} versions, ${runs} handlers, ${Math.round((performance.now() - begun) / 1_000)} s`);
console.log(broken === 0 ? "kept" : `${broken} seeds broke an invariant`);
process.exit(broken === 0 ? 0 : 1);
