import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type RequestState, SAMPLE, startFlow } from "../../mod.ts";
import { loseAnswer } from "../../src/fake/mod.ts";
import { createOrders } from "../support/orders.ts";
import { EQUAL, runKeySuite } from "../support/key-suite.ts";

runKeySuite("scenario: one key, one flow", async () => ({ options: createOrders().options, close: async () => {} }));

const lost = suite("scenario: one key, one flow, where answers are lost");
lost("a start finds its own request, whatever the input looks like", async () => {
  const story = createOrders();
  for (const [index, [input]] of EQUAL.entries()) {
    story.fake.faults.add({ match: { verb: "create" }, fault: loseAnswer() });
    const start = startFlow(SAMPLE, { key: `k-${index}`, input: input as RequestState["spec"]["input"] }, story.options);
    // A digest is made by another thread, which virtual time does not wait for.
    await story.pass(start, 86_400_000);
  }
  assert.is(story.fake.faults.waiting, 0);
  assert.is((await story.requests()).length, EQUAL.length);
});
lost.run();
