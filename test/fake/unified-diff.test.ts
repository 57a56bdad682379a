import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unifiedDiff } from "../../src/fake/types/unified-diff.ts";

const diffs = suite("unified diffs");

const numbered = (count: number, changed: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, index) => changed[index] ?? `line ${index}`).join("\n");

diffs("texts that are equal have no difference", () => assert.equal(unifiedDiff("a\nb", "a\nb"), ""));

diffs("a change is shown with three lines about it, and where it is", () => {
  const shown = unifiedDiff(numbered(20), numbered(20, { 10: "other" }));
  assert.equal(
    shown,
    "@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+other\n line 11\n line 12\n line 13\n",
  );
});

diffs("changes that are near are shown together, others apart", () => {
  const heads = (after: string) => unifiedDiff(numbered(40), after).split("\n").filter((line) => line.startsWith("@@"));
  assert.equal(heads(numbered(40, { 10: "x", 17: "y" })), ["@@ -8,14 +8,14 @@"]);
  assert.equal(heads(numbered(40, { 10: "x", 18: "y" })), ["@@ -8,7 +8,7 @@", "@@ -16,7 +16,7 @@"]);
});

diffs("one line, and none, are counted as in unified diffs", () => {
  assert.equal(unifiedDiff("a", "b"), "@@ -1 +1 @@\n-a\n+b\n");
  assert.equal(unifiedDiff(numbered(3), `${numbered(3)}\nmore`), "@@ -1,3 +1,4 @@\n line 0\n line 1\n line 2\n+more\n");
});

diffs("in long texts a line that comes often is no place to begin at: Python's difflib says the same of these", () => {
  const lines = (word: string) => Array.from({ length: 200 }, (_, index) => index % 2 === 0 ? "" : `${word} ${index}`).join("\n");
  const shown = unifiedDiff(lines("a"), lines("b")).split("\n");
  assert.is(shown[0], "@@ -1,200 +1,200 @@");
  assert.is(shown.filter((line) => line.startsWith(" ")).length, 1);
  assert.is(shown.length, 401);
});

diffs.run();
