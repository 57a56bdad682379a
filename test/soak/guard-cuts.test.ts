/** What is cut out of the sources is there: else `guards.ts` would tell stories of a protocol that is whole. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GUARDS } from "./guard-cuts.ts";

const cuts = suite("the guards that are cut out");
for (const guard of GUARDS) {
  cuts(`${guard.name}: once in each of its files`, () => {
    for (const { file, find } of guard.cuts) {
      const pieces = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").split(find);
      assert.is(pieces.length, 2, `${file}: ${find}`);
    }
  });
}
cuts.run();
