import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseLabelSelector } from "../../src/fake/verbs/label-selector.ts";

const test = suite("fake: label selectors");

const labels = { app: "web", tier: "9", empty: "" };

const cases: [string, boolean][] = [
  ["", true],
  ["app", true],
  ["!app", false],
  ["app=web", true],
  ["app==web", true],
  ["app!=web", false],
  ["other!=web", true],
  ["app in (web, db)", true],
  ["app notin (web)", false],
  ["other notin (web)", true],
  ["tier>8", true],
  ["tier<9", false],
  ["empty=", true],
  ["empty in ()", true],
  ["app=web,tier", true],
  ["app=web,!tier", false],
];
for (const [selector, expected] of cases) {
  test(JSON.stringify(selector), () => assert.is(parseLabelSelector(selector)(labels), expected));
}

const faults: [string, string][] = [
  ["app=", ""],
  ["a,", "found '', expected: identifier after ','"],
  ["=web", "found '=', expected: !, identifier, or 'end of string'"],
  ["app in web", "unable to parse requirement: found 'web' expected: '('"],
  ["app=we b", "found 'b', expected: ',' or 'end of string'"],
  [
    "app>abc",
    "unable to parse requirement: values[0]: Invalid value: \"abc\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
  ["app gt 5", "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt"],
];
for (const [selector, message] of faults) {
  test(`fault of ${JSON.stringify(selector)}`, () => {
    if (message === "") return void parseLabelSelector(selector);
    assert.throws(() => parseLabelSelector(selector), (error: Error) => error.message === message);
  });
}

test.run();
