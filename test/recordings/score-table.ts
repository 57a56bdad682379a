/**
 * The score by area as docs/fake.md shows it.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readRecording, recordingIds } from "./recording.ts";
import { readScenario } from "./scenario.ts";

const page = fileURLToPath(new URL("../../docs/fake.md", import.meta.url));
const PLACE = /(<!-- score: [^\n]* -->\n)[^]*?(<!-- \/score -->)/;

/**
 * Scenarios and exchanges by area. That each exchange is equal is what replay.test.ts demands: there is no other score, as long
 * as that is green.
 */
export function scoreTable(): string {
  const areas = new Map<string, { scenarios: number; exchanges: number }>();
  const all = { scenarios: 0, exchanges: 0 };
  for (const recording of recordingIds().map(readRecording)) {
    const { area } = readScenario(recording.scenario);
    const sum = areas.get(area) ?? { scenarios: 0, exchanges: 0 };
    areas.set(area, sum);
    for (const each of [sum, all]) {
      each.scenarios++;
      each.exchanges += recording.answers.length;
    }
  }
  const row = ([area, { scenarios, exchanges }]: readonly [string, typeof all]) =>
    `| ${area} | ${scenarios} | ${exchanges} | 100 % |`;
  return ["| area | scenarios | exchanges | equal |", "| --- | --- | --- | --- |", ...[...areas].map(row), row(["all", all])]
    .join("\n");
}

/** The page as it is, and as it should be. */
export function pageWithScore(): { readonly is: string; readonly should: string } {
  const is = readFileSync(page, "utf8");
  if (!PLACE.test(is)) throw new Error("docs/fake.md has no place for the score: <!-- score: ... --> and <!-- /score -->");
  return { is, should: is.replace(PLACE, (_, begin: string, end: string) => `${begin}\n${scoreTable()}\n\n${end}`) };
}

/** Writes the score into the page. */
export const writePage = (): void => writeFileSync(page, pageWithScore().should);
