import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flowsAt, nameOf, planPoints, planTurns, turnsOf } from "../../bench/points.ts";

const points = suite("bench: which loads, in which order");

const AXES = { inFlight: [1, 100, 1_000], finished: [0, 10_000, 100_000], workers: [1, 4, 16] };

points("each axis by itself, the others as at the base, the fewest finished requests first", () => {
  assert.equal(planPoints(AXES).map(nameOf), [
    "1 in flight, 0 finished, 1 worker",
    "100 in flight, 0 finished, 1 worker",
    "1,000 in flight, 0 finished, 1 worker",
    "100 in flight, 0 finished, 4 workers",
    "100 in flight, 0 finished, 16 workers",
    "100 in flight, 10,000 finished, 1 worker",
    "100 in flight, 100,000 finished, 1 worker",
  ]);
});

points("across: each value with each of the others, once, the fewest finished requests first", () => {
  const all = planPoints({ ...AXES, inFlight: [...AXES.inFlight, 1] }, true);
  assert.is(all.length, 27);
  assert.is(new Set(all.map(nameOf)).size, 27);
  assert.equal(all.map(({ finished }) => finished), all.map(({ finished }) => finished).toSorted((a, b) => a - b));
});

for (
  const [inFlight, base] of [[[1, 100], 100], [[1], 1], [[10, 5, 20], 10], [[1_000, 100, 1], 100], [[1, 50], 50]] as const
) {
  points(`the base of ${inFlight} in flight is ${base}`, () => {
    const planned = planPoints({ inFlight, finished: [0, 5], workers: [1] });
    assert.equal(planned.filter(({ finished }) => finished === 5).map((point) => point.inFlight), [base]);
  });
}

for (
  const [inFlight, asked, flows] of [[1, 300, 150], [100, 300, 300], [1_000, 300, 1_250], [1, 20, 20], [16, 1, 20]] as const
) {
  points(`of ${asked} flows ${flows} are done with ${inFlight} in flight`, () => {
    assert.is(flowsAt({ inFlight, finished: 0, workers: 1 }, asked), flows);
  });
}

points("everybody is in each round, and goes first in turn", () => {
  assert.equal([0, 1, 2, 3].map((round) => turnsOf(["a", "b", "c"], round).join("")), ["abc", "bca", "cab", "abc"]);
});
points(
  "loads that differ by their finished requests alone are taken one after the other, by each contender, and change places",
  () => {
    const planned = planPoints({ inFlight: [1, 100], finished: [0, 5], workers: [1] });
    const told = planTurns(planned, ["a", "b"], 2).map(({ round, point, contender }) =>
      `${round} ${contender} ${point.inFlight}/${point.finished}`
    );
    assert.equal(told, [
      ...["0 a 1/0", "0 b 1/0", "0 a 100/0", "0 a 100/5", "0 b 100/0", "0 b 100/5"],
      ...["1 b 1/0", "1 a 1/0", "1 b 100/5", "1 b 100/0", "1 a 100/5", "1 a 100/0"],
    ]);
  },
);
points.run();
