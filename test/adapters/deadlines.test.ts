/** Many time limits, one timer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDeadlines } from "../../src/adapters/api/deadlines.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";

const deadlines = suite("deadlines");

deadlines("each has its own time, whatever became of those before", async () => {
  const clock = createVirtualClock();
  const limits = createDeadlines(clock, 100);
  const expired: string[] = [];
  const item = (name: string) => ({ expire: () => void expired.push(`${name} ${clock.monotonic()}`) });
  const [a, b, c, d] = [item("a"), item("b"), item("c"), item("d")];
  limits.add(a);
  await clock.advance(30);
  limits.add(b);
  await clock.advance(30);
  limits.add(c);
  assert.is(clock.pending, 1);
  limits.delete(a);
  await clock.advance(39);
  limits.add(d);
  await clock.advance(31); // b is due
  limits.delete(c);
  assert.equal(expired, ["b 130"]);
  await clock.advance(1_000);
  assert.equal(expired, ["b 130", "d 199"]);
  assert.is(clock.pending, 0);
});

deadlines("no timer is left when nothing waits", async () => {
  const clock = createVirtualClock();
  const limits = createDeadlines(clock, 100);
  const items = Array.from({ length: 1_000 }, () => ({ expire: () => assert.unreachable() }));
  for (const item of items) limits.add(item);
  assert.is(clock.pending, 1);
  for (const item of items) limits.delete(item);
  for (const item of items) limits.delete(item);
  assert.is(clock.pending, 0);
  await clock.advance(1_000);
});

deadlines("what expires may begin something new", async () => {
  const clock = createVirtualClock();
  const limits = createDeadlines(clock, 100);
  let times = 0;
  const again = { expire: () => void (++times < 3 && limits.add(again)) };
  limits.add(again);
  await clock.advance(299);
  assert.is(times, 2);
  await clock.advance(1);
  assert.is(times, 3);
  assert.is(clock.pending, 0);
});
deadlines.run();
