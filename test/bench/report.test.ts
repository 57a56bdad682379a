import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Figures } from "../../bench/turn.ts";
import { cellOf, numberText, renderReport, type Result } from "../../bench/report.ts";

const report = suite("bench: the table");

const resultOf = (finished: number, rounds: Record<string, readonly (Figures | undefined)[]>): Result => ({
  point: { inFlight: 100, finished, workers: 1 },
  flows: 300,
  rounds: new Map(Object.entries(rounds)),
  failures: [],
});
const speed = (value: number): Figures => ({ "flows/s": value });
const rows = (text: string) =>
  text.split("\n").filter((line) => line.startsWith("|")).map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));

report("ours as measured, the others as ratios within a round: what slows a round down slows both", () => {
  const text = renderReport([
    resultOf(0, { ours: [80, 40, 60].map(speed), writer: [20, 10, 12].map(speed) }),
  ]);
  const [header, , ...lines] = rows(text);
  assert.equal([header, ...lines], [
    ["", "ours", "ours : writer"],
    ["**100 in flight**", "0 finished", "1 worker, 300 flows"],
    ["flows/s", "60.0 (40.0-80.0)", "4.00 (4.00-5.00)"],
  ]);
});
report("a figure with finished requests stands for the one without, the others' as a ratio of ratios", () => {
  const table = rows(renderReport([
    resultOf(0, { ours: [speed(100)], "by hand": [speed(50)], writer: [speed(200)] }),
    resultOf(10_000, { ours: [speed(50)], "by hand": [speed(5)], writer: [speed(100)] }),
  ]));
  const at = table.findIndex(([title]) => title === "**10,000 : 0**");
  assert.equal(table.slice(at), [["**10,000 : 0**", "finished", "", ""], ["flows/s", "0.50", "5.00", "1.00"]]);
});

report("who has failed has no figure, and the reason stands below, in one line", () => {
  const result = resultOf(0, { ours: [speed(10), speed(10)], "by hand": [speed(5), undefined] });
  const text = renderReport([{ ...result, failures: [{ contender: "by hand", text: "ended with 134: heap\nout of memory" }] }]);
  assert.equal(rows(text).at(-1), ["flows/s", "10.0", "2.00"]);
  assert.is(text.split("\n").at(-1), "- by hand, 100 in flight, 0 finished, 1 worker: ended with 134: heap");
});

report("the widest figures of four contenders stay within 100 columns", () => {
  const names = [
    "flows/s",
    "writes",
    "conflicts",
    "bytes written",
    "bytes read",
    "CPU",
    "CPU director",
    "CPU worker",
    "server CPU",
  ]
    .concat("wait p50 ms", "wait p99 ms", "p50 ms", "p99 ms", "peak MB", "peak MB director", "peak MB worker");
  const wide = (value: number) => Object.fromEntries(names.map((name) => [name, value]));
  const result = resultOf(100_000, {
    ours: [wide(12_345), wide(98_765), wide(45_678)],
    "by hand": [wide(1_001), wide(2_002), wide(3_003)],
    peer: [wide(1_001), wide(2_002), wide(3_003)],
    writer: [wide(1_001), wide(2_002), wide(3_003)],
  });
  const text = renderReport([{ ...result, point: { inFlight: 1_000, finished: 100_000, workers: 16 } }]);
  for (const line of text.split("\n")) assert.ok(line.length <= (line.startsWith("|") ? 100 : 104), line);
});

for (
  const [value, text] of [
    [0, "0"],
    [0.0314, "0.031"],
    [0.996, "1.00"],
    [9.994, "9.99"],
    [9.996, "10.0"],
    [99.94, "99.9"],
    [99.96, "100"],
    [9_999.4, "9999"],
    [9_999.6, "10k"],
    [12_345, "12k"],
    [123_456, "123k"],
  ] as const
) {
  report(`${value} is written ${text}`, () => assert.is(numberText(value), text));
}

for (
  const [values, text] of [[[], ""], [[undefined], ""], [[1, 1], "1.00"], [[1, 3], "2.00 (1.00-3.00)"], [
    [3, undefined, 1, 2],
    "2.00 (1.00-3.00)",
  ]] as const
) {
  report(`the rounds ${values.join(", ")} are told as "${text}"`, () => assert.is(cellOf(values), text));
}
report.run();
