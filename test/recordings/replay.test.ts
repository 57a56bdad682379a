import { suite } from "uvu";
import * as assert from "uvu/assert";
import { digestOf, readRecording, recordingIds, replay } from "./recording.ts";
import { readScenario, scenarioIds } from "./scenario.ts";
import { pageWithScore } from "./score-table.ts";

const recordings = suite("recordings of a genuine API server, on the fake");
const ids = recordingIds();
recordings("every scenario has a recording, and every recording its scenario", () => {
  assert.equal(ids, scenarioIds());
});
for (const id of ids) {
  recordings(id, async () => {
    const scenario = readScenario(id);
    const recording = readRecording(id);
    assert.is(recording.digest, digestOf(scenario), "the scenario has changed since: npm run record");
    const score = await replay(scenario, recording);
    assert.is(score.differences.join("\n\n"), "");
  });
}
recordings("the score in docs/fake.md is that of the recordings: npm run fidelity -- --page renews it", () => {
  const { is, should } = pageWithScore();
  assert.is(is, should);
});
recordings.run();
