import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock, type VirtualClock } from "../../src/runtime/time/clock.ts";
import { createTurns, type Peer, type Turns } from "../../src/runtime/leases/turns.ts";

const names = ["a", "b", "c", "d"];
const keys = Array.from({ length: 400 }, (_, index) => `key-${index}`);

function among(
  self: string,
  clock: VirtualClock,
  peers: Record<string, Peer> = Object.fromEntries(names.map((name) => [name, {}])),
): Turns {
  const known = new Map(Object.entries(peers));
  return createTurns({ self, clock, peers: () => known });
}

/** Keys that can be had, and how long this process leaves each to others. */
const waits = (turns: Turns): number[] =>
  keys.map((key) => {
    turns.free(key);
    return turns.wait(key);
  });

/** Has b claim a key some milliseconds after it can be had. @returns How long it was left to b. */
const claimsOf = (turns: Turns, clock: VirtualClock) => async (key: string, ms: number): Promise<number> => {
  turns.free(key);
  const wait = turns.wait(key);
  await clock.advance(ms);
  turns.taken(key, "b");
  return wait;
};

const turns = suite("turns");
turns("without peers nobody is waited for", () => {
  assert.equal(new Set(waits(among("a", createVirtualClock(), {}))), new Set([0]));
});
turns("for each key exactly one of those who know each other goes first, each for about as many", () => {
  const clock = createVirtualClock();
  const all = names.map((name) => waits(among(name, clock)));
  keys.forEach((key, index) => assert.is(all.filter((waits) => waits[index] === 0).length, 1, key));
  for (const waits of all) assert.ok(Math.abs(waits.filter((wait) => wait === 0).length - 100) < 30);
});
turns("the others follow one after the other, half a second apart while nothing was measured", () => {
  const clock = createVirtualClock();
  const all = names.map((name) => waits(among(name, clock)));
  keys.forEach((_, index) => assert.equal(all.map((waits) => waits[index]).sort((a, b) => a! - b!), [0, 500, 1_000, 1_500]));
});
turns("thirty peers that are gone, and that nobody knows to be gone, cost no key more than five seconds", async () => {
  const clock = createVirtualClock();
  const gone = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`gone-${index}`, {}]));
  const a = among("a", clock, gone);
  const left = waits(a);
  assert.is(Math.max(...left), 5_000);
  assert.ok(Math.min(...left) < 5_000, "the order of those before it holds");
  await clock.advance(5_000);
  assert.equal(new Set(keys.map((key) => a.wait(key))), new Set([0]));
});
turns("a turn is as long as claims take to be seen, and grows when all are slow", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock, { b: {} });
  const claim = claimsOf(a, clock);
  const mine = new Set(keys.filter((key) => (a.free(key), a.wait(key) === 0)));
  const others = keys.filter((key) => !mine.has(key));
  for (const key of others.slice(0, 40)) await claim(key, 5);
  const quick = await claim(others[40]!, 5);
  assert.ok(quick >= 20 && quick < 40, `${quick}`);
  for (const key of others.slice(41, 60)) await claim(key, 400);
  const slow = await claim(others[60]!, 400);
  assert.ok(slow > 400 && slow <= 2_000, `${slow}`);
});
turns("what was measured while all was quiet is not believed for long: the next may be a crowd", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock, { b: {} });
  const theirs = keys.filter((key) => (a.free(key), a.wait(key) > 0));
  const claim = claimsOf(a, clock);
  for (const key of theirs.slice(0, 7)) assert.is(await claim(key, 5), 500, "seven are not enough");
  await claim(theirs[7]!, 5);
  assert.ok(await claim(theirs[8]!, 5) < 40);
  await clock.advance(10_000);
  assert.is(await claim(theirs[9]!, 5), 500);
});
turns("while this process's own attempts are slow, others are given twice that time, and so much from then on", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock, { b: {} });
  const [key, ...others] = keys.filter((key) => (a.free(key), a.wait(key) > 0)) as [string, ...string[]];
  const end = a.attempt();
  await clock.advance(450);
  assert.is(a.wait(key), 450, "half a second was over at 500");
  await clock.advance(450);
  assert.is(a.wait(key), 900, "as long as that goes on, it is not its turn");
  end();
  a.free(others[0]!);
  assert.ok(a.wait(others[0]!) > 900, `${a.wait(others[0]!)}`);
});
turns("who does not take a kind is not waited for: as it has said, or as was seen where it has said nothing", () => {
  const clock = createVirtualClock();
  const [order, bill] = [{ takes: ["order"] }, { takes: ["bill", "order"] }];
  const told = among("a", clock, { b: order, c: bill, d: {} });
  const ahead = (kind: string) => keys.map((key) => (told.free(key), told.wait(key, kind) / 500));
  assert.is(Math.max(...ahead("order")), 3);
  assert.is(Math.max(...ahead("bill")), 2);
  assert.is(Math.max(...ahead("letter")), 1);
  const seen = among("a", clock, {});
  seen.taken("some-key", "b", "order");
  const waitsOf = (kind: string) => new Set(keys.map((key) => (seen.free(key), seen.wait(key, kind))));
  assert.equal(waitsOf("order"), new Set([0, 500]));
  assert.equal(waitsOf("bill"), new Set([0]));
});
turns("the time that is left is told, and then it is this process's turn", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock);
  const key = keys.find((key) => (a.free(key), a.wait(key) === 500))!;
  await clock.advance(200);
  assert.is(a.wait(key), 300);
  await clock.advance(300);
  assert.is(a.wait(key), 0);
});
turns("a peer that takes one key after the other is given another turn, for five seconds", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock, { b: {} });
  const theirs = keys.filter((key) => (a.free(key), a.wait(key) > 0));
  const [key, ...others] = theirs as [string, ...string[]];
  for (let waited = 0; waited < 5_000; waited += 500) {
    assert.ok(a.wait(key) > 0, `after ${waited} ms`);
    await clock.advance(250);
    a.free(others[waited / 500]!);
    a.taken(others[waited / 500]!, "b");
    await clock.advance(250);
  }
  await clock.advance(500);
  assert.is(a.wait(key), 0);
});
turns("a peer that lets three keys pass is waited for only once it takes something again", () => {
  const a = among("a", createVirtualClock(), { b: {} });
  const theirs = keys.filter((key) => (a.free(key), a.wait(key) > 0));
  for (const key of theirs.slice(0, 3)) a.taken(key, "a");
  assert.equal(new Set(waits(a)), new Set([0]));
  a.taken(theirs[3]!, "b");
  assert.ok(waits(a).some((wait) => wait > 0));
});
turns("a peer that holds all it can is not waited for while that lasts", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock, { b: { capacity: 2 } });
  a.taken("one", "b");
  a.taken("two", "b");
  assert.ok(waits(a).some((wait) => wait > 0), "it may have taken them a moment ago");
  await clock.advance(3_000);
  assert.equal(new Set(waits(a)), new Set([0]));
  a.gone("one");
  assert.ok(waits(a).some((wait) => wait > 0));
});
turns("who takes something is known, though nobody named it; idle for a minute, it is forgotten", async () => {
  const clock = createVirtualClock();
  const a = among("a", clock, {});
  a.taken("one", "stranger");
  assert.ok(waits(a).some((wait) => wait > 0));
  a.gone("one");
  await clock.advance(61_000);
  assert.equal(new Set(waits(a)), new Set([0]));
});
turns.run();
