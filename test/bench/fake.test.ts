import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readArguments } from "../../bench/fake/arguments.ts";
import { renderFake, told } from "../../bench/fake/table.ts";

const bench = suite("bench: the fake's table");

bench("a cell is the middle one, or the mean of two, with the least and the most, or the one that there is", () => {
  for (
    const [values, text] of [
      [[], ""],
      [[4.5], "4.50"],
      [[12.34, 12.34], "12.3"],
      [[3, 1, 20], "3.00 1.00-20.0"],
      [[1234.5, 999.9], "1117 1000-1235"],
    ] as const
  ) assert.is(told(values), text);
});

const widest = [{ "get us": 12345, "patch us": 11111, "list ms": 99999 }, {
  "get us": 54321,
  "patch us": 22222,
  "list ms": 11111,
}];

bench("ratios are taken within each round, of what the empty handler costs", () => {
  const text = renderFake({ fake: [{}, { "get us": 100 }, { "get us": 400 }], empty: [{}, { "get us": 50 }, { "get us": 100 }] });
  assert.match(text, /get, us CPU +250 100-400 +75\.0 50\.0-100 +0\.38 0\.25-0\.50 +0\.50$/m);
});

bench("no line is longer than 100, whatever the figures are", () => {
  const text = renderFake({ fake: widest, genuine: widest, empty: widest });
  for (const line of text.split("\n")) assert.ok(line.length <= 100, `${line.length}: ${line}`);
  assert.match(text, /genuine/);
});

bench("what nobody has measured has no line", () => {
  assert.not.match(renderFake({ fake: [{ "get us": 1 }] }), /patch|list|heap/);
});

bench("the command line is refused in words", () => {
  assert.throws(() => readArguments(["--rounds", "0"]), /--rounds is "0": expected a whole number from 1/);
  assert.throws(() => readArguments(["--runtime", "bun"]), /--runtime is "bun": expected node or deno/);
  assert.is(readArguments(["--help"]), "help");
});
bench.run();
