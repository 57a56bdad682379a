import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { applyCrd, causesOf, playReference, type Send, sendTo, tryWrite } from "./cel-transitions.ts";
import { stepCount, writes } from "./cel-writes.ts";

const transitions = suite("the CRD's rules on the fake");
let fake: FakeCluster;
let send: Send;

transitions.before(async () => {
  fake = createFakeCluster();
  send = sendTo(fake);
  await applyCrd(send);
});
transitions.after(() => fake.close());

for (const write of writes) {
  transitions(write.name, async () => assert.equal(causesOf(await tryWrite(send, write)), write.refusal ?? []));
}

transitions("accept as many of the matrix as there are steps", () => {
  const accepted = writes.filter(({ name, refusal }) => /^JOB\d\/\S+ to /.test(name) && refusal === undefined);
  assert.is(accepted.length, stepCount);
});

transitions("let the reference pass", async () => {
  assert.equal(await playReference(send), [201, 200, 200, 200, 200, 200]);
});
transitions.run();
