import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SAMPLE } from "../../src/flow/definition.ts";
import { follows, STEPS } from "../../src/flow/steps.ts";
import { writeOf } from "../../src/flow/write.ts";
import { STATES } from "../../src/request-state.ts";
import { goldenCases, outcomeOf, writeFor } from "./cases.ts";

const golden = suite("flow: golden cases");
const cases = await goldenCases();
for (const each of cases) golden(each.name, () => assert.equal(outcomeOf(each), each.output));

golden("every step of the table is taken in one of them", () => {
  const taken = new Set(cases.flatMap(({ input: { request }, output: { operations = [] } }) => {
    const to = (path: string) => operations.find((operation) => operation.path === path);
    const state = to("/spec/state");
    if (!state || !("value" in state)) return [];
    return [`${request.spec.state} ${state.value} ${to("/spec/job") ? "next" : "same"}`];
  }));
  assert.equal(STEPS.map(({ from, to, job }) => `${from} ${to} ${job}`).filter((step) => !taken.has(step)), []);
});

golden("what is written is known as written on the object that it leaves, and not on the one before", () => {
  for (const each of cases) {
    const { name, input: { request } } = each;
    const write = writeFor(each);
    if (!write) continue;
    assert.ok(write.isIn(write.next), name);
    assert.not(write.isIn(request), name);
  }
});
golden.run();

const steps = suite("flow: steps");
steps("of all pairs of states, exactly the listed ones follow", () => {
  const legal = STATES.flatMap((from) =>
    STATES.filter((to) => follows(SAMPLE, { job: "JOB1", state: from }, { job: "JOB1", state: to })).map((to) => `${from} ${to}`)
  );
  // No job of the sample waits.
  const listed = STEPS.filter(({ job, to, from }) => job === "same" && !(from === "REQUESTED" && to === "COMPLETED"));
  assert.equal(legal.sort(), listed.map(({ from, to }) => `${from} ${to}`).sort());
  assert.ok(follows(SAMPLE, { job: "JOB1", state: "COMPLETED" }, { job: "JOB2", state: "REQUESTED" }));
  assert.not(follows(SAMPLE, { job: "JOB1", state: "FAILED" }, { job: "JOB2", state: "REQUESTED" }));
  assert.not(follows(SAMPLE, { job: "JOB2", state: "COMPLETED" }, { job: "JOB1", state: "REQUESTED" }));
});
steps("one that there is not is not written", () => {
  const request = cases.find(({ name }) => name === "order: completed last job is the end")!.input.request;
  assert.throws(
    () => writeOf(request, { job: "notify", state: "STARTED", attempt: 1, entered: true }, { by: "b", now: 0 }),
    /The flow cannot go from notify\/COMPLETED to notify\/STARTED in one step$/,
  );
});
steps.run();
