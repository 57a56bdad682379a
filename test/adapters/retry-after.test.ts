/** How long a server may ask to wait: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { limitWait, parseRetryAfter } from "../../src/adapters/api/retry-after.ts";

const now = Date.UTC(2026, 0, 1);
const table: [header: string | undefined, ms: number | undefined][] = [
  ["3", 3_000],
  [" 120 ", 120_000],
  ["1.5", 1_500],
  ["300", 300_000],
  ["301", 300_000],
  ["1000000000", 300_000],
  ["9".repeat(400), 300_000],
  ["0", undefined],
  ["-5", undefined],
  ["", undefined],
  [undefined, undefined],
  ["soon", undefined],
  ["3 s", undefined],
  ["0x10", undefined],
  ["1e3", undefined],
  ["NaN", undefined],
  ["Infinity", undefined],
  ["Thu, 01 Jan 2026 00:00:05 GMT", 5_000],
  ["Thursday, 01-Jan-26 00:00:05 GMT", 5_000],
  ["Thu Jan  1 00:00:05 2026", 5_000],
  ["Thu, 01 Jan 2099 00:00:00 GMT", 300_000],
  ["Wed, 31 Dec 2025 23:59:59 GMT", undefined],
  ["Thu, 45 Foo 2026 00:00:05 GMT", undefined],
  ["2026-01-01T00:00:05Z", undefined],
];
const retryAfter = suite("Retry-After");
for (const [header, ms] of table) {
  retryAfter(
    `${header === undefined ? "none" : JSON.stringify(header.slice(0, 40))} is ${ms === undefined ? "no wait" : `${ms} ms`}`,
    () => {
      assert.is(parseRetryAfter(header, now), ms);
    },
  );
}
retryAfter("retryAfterSeconds of a Status has the same limit", () => {
  assert.equal([1_000, 1e15, 0, -1, NaN].map(limitWait), [1_000, 300_000, undefined, undefined, undefined]);
});
retryAfter.run();
