import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NeverRetryError, type RequestState, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { loseAnswer } from "../../src/fake/mod.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createOrders, good, order } from "../support/orders.ts";
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
lost("what a worker logs of a job names the key, where there is one", async () => {
  const story = createOrders();
  const [log, ending] = [createRecordedLog(), new AbortController()];
  const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal };
  const handlers = { ...good, charge: () => Promise.reject(new NeverRetryError("no")) };
  const running = [runDirector([order], options), runWorker(order, handlers, { ...options, log })];
  const runs = [await startFlow(order, { key: "x", input: { amount: 1 } }, story.options)];
  runs.push(await startFlow(order, { input: { amount: 1 } }, story.options));
  for (const run of runs) await story.pass(run.finished);
  const failed = log.entries.filter(({ message }) => message.startsWith("Job charge has failed"));
  assert.equal(
    failed.map(({ fields }) => [fields["object"], fields["key"]]),
    runs.map(({ name }, index) => [`default/${name}`, index ? undefined : "x"]),
  );
  ending.abort();
  await story.end(running);
});
lost.run();
