/**
 * Asks genuine servers of other versions what the recordings asked, and keeps how many of their answers are those of the recorded one:
 * `npm run elsewhere [PATTERN]`. KUBEBUILDER_ASSETS names the folders, one for each version. Every difference is printed; nothing is kept
 * where a PATTERN is given. What scenarios there come to no end, or have no such API, counts as different in all their exchanges.
 */
import process from "node:process";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { genuineTarget } from "./genuine.ts";
import { readRecording, recordingIds, replayOn, type Score } from "./recording.ts";
import { readScenario } from "./scenario.ts";
import { type Elsewhere, versionOf, writeElsewhere } from "./score-table.ts";

const [pattern] = process.argv.slice(2);
const recordings = recordingIds().filter((id) => new RegExp(pattern ?? "").test(id)).map(readRecording);
const kept: Elsewhere[] = [];
for (const assets of genuineAssets()) {
  const server = await startApiServer({ assets: assets.folder });
  const target = genuineTarget(server);
  const scores = new Map<string, Score[]>();
  const waiting = recordings.values();
  const one = async () => {
    for (const recording of waiting) {
      const scenario = readScenario(recording.scenario);
      let score: Score;
      try {
        score = await replayOn(target, scenario, recording);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        score = { id: scenario.id, exchanges: recording.answers.length, equal: 0, differences: [`${scenario.id}: ${why}`] };
      }
      for (const difference of score.differences) console.log(`${server.version}, ${difference}`);
      scores.set(scenario.area, [...scores.get(scenario.area) ?? [], score]);
    }
  };
  // Scenarios know nothing of each other: some at a time.
  await Promise.all(Array.from({ length: 4 }, one));
  target.close();
  await server.stop();
  const sums = [...scores].sort(([a], [b]) => a < b ? -1 : 1).map(([area, all]) => {
    const sum = (member: "exchanges" | "equal") => all.reduce((total, score) => total + score[member], 0);
    return [area, { exchanges: sum("exchanges"), equal: sum("equal") }] as const;
  });
  kept.push({ server: server.version, areas: Object.fromEntries(sums) });
  console.log(`${versionOf(server.version)}: ${JSON.stringify(Object.fromEntries(sums))}`);
}
if (pattern === undefined && kept.length > 0) writeElsewhere(kept);
process.exit(kept.length > 0 ? 0 : 2);
