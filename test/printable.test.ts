import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isPrintable, printable, printableLines } from "../src/printable.ts";

const text = suite("text of others");
text("what a terminal would act on is written out", () => {
  assert.is(printable("\u001b[2J\u0007\u009b31m\u007f"), "\\u001b[2J\\u0007\\u009b31m\\u007f");
  assert.is(printable("a\nb\rc\td"), "a\\nb\\rc\\td");
  assert.is(printable("a\u2028b\u2029c"), "a\\u2028b\\u2029c");
});

text("what turns the direction of writing, and halves of characters, too", () => {
  assert.is(printable("user\u202etxt.exe"), "user\\u202etxt.exe");
  assert.is(printable("\u2066a\u2069\u200f"), "\\u2066a\\u2069\\u200f");
  assert.is(printable("a\ud800b\udc00"), "a\\ud800b\\udc00");
});

text("all else stays: letters of every script, emoji of several parts, backslashes", () => {
  const fine = "ключ 日本 é \\n 👩‍🚀 می‌خواهم";
  assert.is(printable(fine), fine);
  assert.ok(isPrintable(fine));
  assert.not(isPrintable("a\u001b"));
});

text("lines of our own stay lines", () => assert.is(printableLines("a\nb\u001b\n"), "a\nb\\u001b\n"));
text.run();
