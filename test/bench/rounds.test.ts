import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Arguments, readArguments } from "../../bench/arguments.ts";
import { createProgress } from "../../bench/progress.ts";
import { measurePoint } from "../../bench/rounds.ts";
import { median, percentile } from "../../bench/statistics.ts";

const rounds = suite("bench: rounds");
const POINT = { inFlight: 1, finished: 0, workers: 1 };
const silent = { turn() {}, say() {} };

rounds("turns change places, and what each has left is taken away before the next", async () => {
  const acts: string[] = [];
  const take = async ({ name }: { readonly name: string }) => {
    acts.push(name);
    return { "flows/s": acts.length };
  };
  const measured = await measurePoint(POINT, [{ name: "ours" }, { name: "writer" }], 2, {
    ...{ take, progress: silent },
    clear: async () => void acts.push("clear"),
  });
  assert.is(acts.join(" "), "ours clear writer clear writer clear ours clear");
  assert.equal(Object.fromEntries(measured.rounds), {
    ours: [{ "flows/s": 1 }, { "flows/s": 7 }],
    writer: [{ "flows/s": 3 }, { "flows/s": 5 }],
  });
  assert.equal(measured.failures, []);
});

rounds("who fails takes no more turns there, the others go on, and their rounds still belong together", async () => {
  let turns = 0;
  const { rounds, failures } = await measurePoint(POINT, [{ name: "ours" }, { name: "by hand" }], 3, {
    async take({ name }) {
      turns++;
      if (name === "by hand" && turns > 2) throw new Error("out of memory");
      return { CPU: turns };
    },
    clear: async () => {},
    progress: silent,
  });
  assert.equal(rounds.get("ours")!.map((figures) => figures?.["CPU"]), [1, 4, 5]);
  assert.equal(rounds.get("by hand")!.map((figures) => figures?.["CPU"]), [2, undefined, undefined]);
  assert.equal(failures, [{ contender: "by hand", text: "out of memory" }]);
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
