import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Arguments, readArguments } from "../../bench/arguments.ts";
import { createProgress } from "../../bench/progress.ts";
import { planTurns, type Point } from "../../bench/points.ts";
import { takeTurns } from "../../bench/rounds.ts";
import { median, percentile } from "../../bench/statistics.ts";

const rounds = suite("bench: rounds");
const POINT: Point = { inFlight: 1, finished: 0, workers: 1 };
const FULL: Point = { ...POINT, finished: 5 };
const silent = { turn() {}, say() {} };

rounds("what a turn has left is taken away at its load before the next", async () => {
  const acts: string[] = [];
  const measured = await takeTurns(planTurns([POINT, FULL], ["ours", "writer"], 2), {
    async take(name, { finished }) {
      acts.push(`${name} ${finished}`);
      return { "flows/s": acts.length };
    },
    clear: async ({ finished }) => void acts.push(`clear ${finished}`),
    progress: silent,
  });
  assert.equal(acts.filter((_, index) => index % 2 === 0), [
    ...["ours 0", "ours 5", "writer 0", "writer 5"],
    ...["writer 5", "writer 0", "ours 5", "ours 0"],
  ]);
  assert.equal(acts.filter((_, index) => index % 2 === 1), [0, 5, 0, 5, 5, 0, 5, 0].map((finished) => `clear ${finished}`));
  const figuresAt = (point: Point) => Object.fromEntries(measured.get(point)!.rounds);
  assert.equal(figuresAt(POINT), {
    ours: [{ "flows/s": 1 }, { "flows/s": 15 }],
    writer: [{ "flows/s": 5 }, { "flows/s": 11 }],
  });
  assert.equal(figuresAt(FULL), {
    ours: [{ "flows/s": 3 }, { "flows/s": 13 }],
    writer: [{ "flows/s": 7 }, { "flows/s": 9 }],
  });
});

rounds("who fails takes no more turns at that load, the others go on, and their rounds still belong together", async () => {
  let turns = 0;
  const measured = await takeTurns(planTurns([POINT, FULL], ["ours", "by hand"], 3), {
    async take(name, { finished }) {
      turns++;
      if (name === "by hand" && finished === 0 && turns > 3) throw new Error("out of memory");
      return { CPU: turns };
    },
    clear: async () => {},
    progress: silent,
  });
  const cpuOf = (name: string, point: Point) => measured.get(point)!.rounds.get(name)!.map((figures) => figures?.["CPU"]);
  assert.equal(cpuOf("ours", POINT), [1, 8, 9]);
  assert.equal(cpuOf("by hand", POINT), [3, undefined, undefined]);
  assert.equal(cpuOf("by hand", FULL), [4, 5, 11]);
  assert.equal(measured.get(POINT)!.failures, [{ contender: "by hand", text: "out of memory" }]);
  assert.equal(measured.get(FULL)!.failures, []);
});

rounds("on a terminal a line says what goes on and how long the rest may take; elsewhere only lines stay", () => {
  for (const isTTY of [true, false]) {
    let text = "";
    let now = 0;
    const progress = createProgress({ isTTY, columns: 60, write: (part) => text += part }, () => now);
    progress.begin(10);
    progress.turn("ours");
    now = 60_000;
    progress.say("ours: 1 flow/s");
    progress.turn("writer");
    progress.end();
    assert.is(
      text,
      isTTY
        ? "1 of 10: ours\r\x1b[Kours: 1 flow/s\n1 of 10: ours\r\x1b[K2 of 10, about 9 min left: writer\r\x1b[K"
        : "ours: 1 flow/s\n",
    );
  }
});

const read = (line: string) => readArguments(line.split(" ").filter((word) => word !== "")) as Arguments;

rounds("one load has one value on each axis, a table has lists, and defaults of its own", () => {
  assert.equal(read("").axes, { inFlight: [100], finished: [0], workers: [1] });
  assert.equal([read("").flows, read("").byHand], [3_000, false]);
  const table = read("--table --finished 0,500");
  assert.equal(table.axes, { inFlight: [1, 100, 1_000], finished: [0, 500], workers: [1, 4, 16] });
  assert.equal([table.flows, table.byHand, table.starts, table.singles], [300, true, 0, 0]);
});

for (
  const [line, text] of [
    ["--in-flight 1,2", '--in-flight is "1,2": several loads need --table'],
    ["--table --workers 1,", '--workers is "": expected a whole number from 1'],
    ["--table --finished=-1", '--finished is "-1": expected a whole number from 0'],
    ["--cross", "--cross is of no use without --table"],
    ["--table --profile /tmp/p", "--profile is of one load: leave out --table"],
  ] as const
) {
  rounds(`${line} is refused in words`, () => {
    assert.throws(() => read(line), (error: Error) => error.message === text);
  });
}

for (
  const [values, middle, p99] of [[[5], 5, 5], [[3, 1, 2], 2, 3], [[4, 1, 3, 2], 2.5, 4], [[1, 2], 1.5, 2]] as const
) {
  rounds(`of ${values} the median is ${middle}, p99 ${p99}`, () => {
    assert.equal([median(values), percentile(values, 99)], [middle, p99]);
  });
}

rounds("nothing has no median", () => assert.throws(() => median([]), /nothing/));
rounds.run();
