import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pageWithScore } from "./score-table.ts";

const score = suite("the score in docs/fake.md");
score("is that of the recordings: npm run fidelity -- --page renews it", () => {
  const { is, should } = pageWithScore();
  assert.is(is, should);
});
score.run();
