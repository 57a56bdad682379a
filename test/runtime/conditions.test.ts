import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Condition } from "../../src/ports.ts";
import { findCondition, isConditionTrue, type NewCondition, setCondition } from "../../src/runtime/objects/conditions.ts";

const conditions = suite("runtime: conditions");

const ready: Condition = {
  type: "Ready",
  status: "False",
  reason: "Starting",
  message: "wait",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  observedGeneration: 1,
};
const other: Condition = { ...ready, type: "Other" };
const now = Date.UTC(2026, 5, 1, 12, 0, 0, 789);

const cases: Record<string, [before: Condition[] | undefined, set: NewCondition, after: Partial<Condition>]> = {
  "a first one is from now on, in whole seconds": [
    undefined,
    { type: "Ready", status: "True", reason: "Done" },
    { message: "", lastTransitionTime: "2026-06-01T12:00:00Z" },
  ],
  "a first one may say since when": [[other], { ...ready, lastTransitionTime: "2025-01-01T00:00:00Z" }, {
    lastTransitionTime: "2025-01-01T00:00:00Z",
  }],
  "one that flips is from now on": [[other, ready], { type: "Ready", status: "True", reason: "Done" }, {
    status: "True",
    lastTransitionTime: "2026-06-01T12:00:00Z",
    observedGeneration: 1,
  }],
  "one that changes its reason holds since when it did": [[ready], { type: "Ready", status: "False", reason: "Pulling" }, {
    reason: "Pulling",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  }],
  "one that is given a time and does not flip keeps its own": [
    [ready],
    { ...ready, lastTransitionTime: "2030-01-01T00:00:00Z" },
    {
      lastTransitionTime: "2026-01-01T00:00:00Z",
    },
  ],
};
for (const [what, [before, set, after]] of Object.entries(cases)) {
  conditions(what, () => {
    const result = setCondition(before, set, now);
    const found = findCondition(result, "Ready")!;
    assert.equal({ ...found, ...after }, found);
    assert.is(result.filter(({ type }) => type === "Ready").length, 1);
    assert.is(result.length, new Set([...before ?? [], set].map(({ type }) => type)).size);
  });
}

conditions("row 16: one that says what it said gives back the very same list, whenever that is", () => {
  const before = [other, ready];
  const { lastTransitionTime: _, ...again } = ready;
  assert.is(setCondition(before, again, now), before);
  assert.is(setCondition(before, again, now + 86_400_000), before);
});

conditions("what the server would not take is refused with the value", () => {
  const refused: [Partial<NewCondition>, RegExp][] = [
    [{ type: "not ready" }, /Cannot set condition "not ready": type is "not ready"/],
    [{ type: "" }, /type is ""/],
    [{ status: "true" as "True" }, /Cannot set condition "Ready": status is "true", expected True, False or Unknown/],
    [{ reason: "" }, /reason is "", expected a word in CamelCase/],
    [{ reason: "no way" }, /reason is "no way"/],
    [{ message: "x".repeat(32_769) }, /message is "xxxxxxxxxxxxxxxxxxxx\.\.\.", expected at most 32768/],
  ];
  for (const [change, message] of refused) assert.throws(() => setCondition([], { ...ready, ...change }, now), message);
  for (const type of ["example.com/Ready", "A", "a-b.c_d"]) assert.is(setCondition([], { ...ready, type }, now).length, 1);
});

conditions("what is not there holds for nobody", () => {
  assert.is(findCondition(undefined, "Ready"), undefined);
  assert.is(isConditionTrue([ready], "Ready"), false);
  assert.is(isConditionTrue([{ ...ready, status: "True" }], "Ready"), true);
  assert.is(isConditionTrue(undefined, "Ready"), false);
});
conditions.run();
