/**
 * Plays the recorded scenarios on the fake and prints how many exchanges are equal, by area, then every difference:
 * `npm run fidelity [PATTERN]`. The exit code is 1 below 100 %. With `--page`, once all is equal, the score goes into docs/fake.md.
 */
import process from "node:process";
import { readRecording, recordingIds, replay, type Score } from "./recording.ts";
import { readScenario } from "./scenario.ts";
import { writePage } from "./score-table.ts";

const [words, flags] = [false, true].map((isFlag) => process.argv.slice(2).filter((word) => word.startsWith("--") === isFlag));
const pattern = new RegExp(words![0] ?? "");
const recordings = recordingIds().filter((id) => pattern.test(id)).map(readRecording);
const areas = new Map<string, Score[]>();
for (const recording of recordings) {
  const scenario = readScenario(recording.scenario);
  const score = await replay(scenario, recording);
  areas.set(scenario.area, [...areas.get(scenario.area) ?? [], score]);
}

const row = (area: string, scores: readonly Score[]): string => {
  const exchanges = scores.reduce((sum, score) => sum + score.exchanges, 0);
  const equal = scores.reduce((sum, score) => sum + score.equal, 0);
  // Rounded down: only what is all equal is 100 %.
  const percent = exchanges === 0 ? "-" : `${(Math.floor(equal / exchanges * 1000) / 10).toFixed(1)} %`;
  return [area.padEnd(14), ...[scores.length, exchanges, equal].map((count) => String(count).padStart(9)), percent.padStart(9)]
    .join("  ");
};

const all = [...areas.values()].flat();
console.log(["area".padEnd(14), ...["scenarios", "exchanges", "equal", "percent"].map((word) => word.padStart(9))].join("  "));
for (const [area, scores] of areas) console.log(row(area, scores));
console.log(row("all", all));
console.log(
  `Recorded from ${[...new Set(recordings.map(({ server }) => server))].join(", ") || "nothing"}, managedFields included.`,
);
const told = all.flatMap((score) => score.differences);
for (const difference of told) console.log(`\n${difference}`);
if (flags!.includes("--page") && told.length === 0 && words!.length === 0) writePage();
process.exit(told.length === 0 && all.length > 0 ? 0 : 1);
