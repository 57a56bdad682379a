import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expressionOf } from "../../src/fake/types/re2-print.ts";
import { parsePattern } from "../../src/fake/types/re2-parse.ts";
import { goRegex, patternFault } from "../../src/fake/types/re2.ts";
import { matches, refused, taken, texts } from "./pattern-cases.ts";

const test = suite("fake: patterns, as Go understands them");

test("what Go does not understand is refused in its words", () => {
  const found = refused.map(([pattern]) => [pattern, patternFault(pattern)]);
  assert.equal(found, refused.map(([pattern, why]) => [pattern, `error parsing regexp: ${why}`]));
});

test("what Go understands compiles", () => {
  for (const pattern of taken) {
    assert.is(patternFault(pattern), undefined, pattern);
    expressionOf(parsePattern(pattern));
  }
});

test("the same texts match", () => {
  const found = matches.map(([pattern]) => [pattern, texts.filter((text) => goRegex(pattern).test(text))]);
  assert.equal(found, matches);
});

const nested = (open: string, count: number) => open.repeat(count) + ")".repeat(count);
test("how deep and how large an expression may be", () => {
  const deep = "error parsing regexp: expression nests too deeply: ";
  assert.is(patternFault(nested("(", 999)), undefined);
  assert.is(patternFault(nested("(", 1000)), `${deep}\`${nested("(", 1000)}\``);
  assert.is(patternFault(nested("(?:", 1200)), undefined);
  const large = "(xx?){1000}".repeat(900);
  assert.is(patternFault(large), `error parsing regexp: expression too large: \`${large}\``);
});

test("a pattern is compiled once, and its expression searched from the beginning each time", () => {
  const regex = goRegex("a+");
  assert.is(regex.test("aa"), true);
  assert.is(goRegex("a+"), regex);
  assert.is(regex.lastIndex, 0);
});

test.run();
