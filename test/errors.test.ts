import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  causeText,
  isConflict,
  isCrdWatcherError,
  isDenied,
  isExpired,
  isNoAnswer,
  isNotFound,
  isStatus,
  NeverRetryError,
  NoAnswerError,
  StatusError,
  thrownText,
} from "../src/errors.ts";
import { resultOfThrown } from "../src/flow/result.ts";
import { hostileErrors } from "./support/hostile.ts";

const errors = suite("errors: the text of anything that was thrown");

const texts: [what: string, thrown: unknown, own: string, innermost: string][] = [
  ["an error", new RangeError("too far"), "too far", "too far"],
  [
    "what caused it",
    new Error("fetch failed", { cause: new Error("connect ECONNREFUSED") }),
    "fetch failed",
    "connect ECONNREFUSED",
  ],
  ["the first of several", new AggregateError([new Error("one"), new Error("two")], "all failed"), "all failed", "one"],
  ["a code where there is no message", Object.assign(new Error(""), { code: "ECONNRESET" }), "ECONNRESET", "ECONNRESET"],
  ["an error without a message", new TypeError(), "TypeError", "TypeError"],
  ["one of ours without a message", new NeverRetryError(""), "NeverRetryError", "NeverRetryError"],
  ["an empty cause", new Error("outer", { cause: new Error("") }), "outer", "outer"],
  ["a text", "no", "no", "no"],
  ["a number", 5, "5", "5"],
  ["nothing", undefined, "undefined", "undefined"],
  ["null", null, "null", "null"],
  ["an object with a message", { message: "from elsewhere" }, "from elsewhere", "from elsewhere"],
  ["an object without one", { status: 503 }, '{"status":503}', '{"status":503}'],
  ["an empty object", {}, "something that has no text was thrown", "something that has no text was thrown"],
  ["an empty text", "", "something that has no text was thrown", "something that has no text was thrown"],
  [
    "a message that is no text",
    Object.assign(new Error(), { message: { toString: null } }),
    '{"message":{"toString":null}}',
    '{"message":{"toString":null}}',
  ],
];
for (const [what, thrown, own, innermost] of texts) {
  errors(`${what} says ${own}`, () => {
    assert.is(thrownText(thrown), own);
    assert.is(causeText(thrown), innermost);
  });
}

for (const [what, thrown] of hostileErrors()) {
  errors(`${what} has a text, and is none of ours`, () => {
    for (const text of [thrownText(thrown), causeText(thrown), new NoAnswerError("Cannot get a", thrown).message]) {
      assert.type(text, "string");
      assert.ok(text.length > 0);
    }
    const result = resultOfThrown(thrown);
    assert.is(result.state, "FAILED");
    for (const guard of [isCrdWatcherError, isStatus, isNoAnswer, isNotFound, isConflict, isExpired, isDenied]) {
      assert.is(guard(thrown), false);
    }
  });
}

errors("what is kept of a failure says what has caused it, where it does not say that itself", () => {
  const because = { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") };
  for (
    const [thrown, message] of [
      [new TypeError("fetch failed", because), "fetch failed: connect ECONNREFUSED 127.0.0.1:1"],
      [new Error("no bank: connect ECONNREFUSED 127.0.0.1:1", because), "no bank: connect ECONNREFUSED 127.0.0.1:1"],
      [new AggregateError([new Error("one")]), "AggregateError: one"],
    ] as const
  ) {
    const result = resultOfThrown(thrown);
    assert.is(result.state === "FAILED" && result.error.message, message);
  }
});

errors("what looks like a refusal but holds none is none", () => {
  for (const status of [undefined, null, "conflict", { code: "409" }, { code: 409 }]) {
    const fake = Object.assign(new Error("x"), { crdWatcher: "status", status });
    for (const guard of [isStatus, isNotFound, isConflict, isExpired, isDenied]) assert.is(guard(fake), false);
  }
  assert.ok(isConflict(new StatusError("Cannot patch a", { code: 409, reason: "Conflict", message: "moved on" })));
});
errors.run();
