/** A map and a set for what comes and goes, and what remembers the last of many. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ChurnMap, ChurnSet } from "../../src/runtime/store/churn.ts";
import { createLru } from "../../src/runtime/store/lru.ts";

const churn = suite("what comes and goes");

churn("a map does what a Map does, whatever is done to it", () => {
  const [ours, theirs] = [new ChurnMap<string, number>(), new Map<string, number>()];
  let seed = 11;
  const next = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
  for (let step = 0; step < 20_000; step++) {
    const key = `${next(step % 1_000 < 500 ? 8 : 200)}`;
    if (next(2) === 0) assert.is(ours.delete(key), theirs.delete(key));
    else {
      ours.set(key, step);
      theirs.set(key, step);
    }
    assert.is(ours.size, theirs.size);
    assert.is(ours.get(key), theirs.get(key));
    assert.is(ours.has(key), theirs.has(key));
    if (step % 500 === 0) {
      assert.equal([...ours], [...theirs]);
      assert.equal([...ours.keys()], [...theirs.keys()]);
      assert.equal([...ours.values()], [...theirs.values()]);
    }
  }
  ours.clear();
  assert.is(ours.size, 0);
  assert.equal([...ours], []);
});

churn("who deletes what it looks at sees each of them once", () => {
  const map = new ChurnMap<number, true>();
  for (let index = 0; index < 100; index++) map.set(index, true);
  const seen: number[] = [];
  for (const [key] of map) {
    seen.push(key);
    map.delete(key);
  }
  assert.is(seen.length, 100);
  assert.is(map.size, 0);
});

churn("a set keeps the order in which its items came", () => {
  const set = new ChurnSet<number>();
  for (let index = 0; index < 100; index++) set.add(index).add(index);
  for (let index = 0; index < 97; index++) assert.ok(set.delete(index));
  assert.not.ok(set.delete(3));
  assert.equal([...set.add(5)], [97, 98, 99, 5]);
  assert.is(set.size, 4);
  assert.ok(set.has(99));
});

churn("those that were asked for last are remembered, and not more than twice as many", () => {
  const lru = createLru<number>(10);
  for (let index = 0; index < 1_000; index++) {
    lru.set(`${index}`, index);
    assert.is(lru.get("0"), 0, "it is asked for all the time");
    for (let last = Math.max(0, index - 8); last <= index; last++) assert.is(lru.get(`${last}`), last);
  }
  const known = Array.from({ length: 1_000 }, (_, index) => index).filter((index) => lru.get(`${index}`) !== undefined);
  assert.ok(known.length <= 20, known.join());
  lru.clear();
  assert.is(lru.get("999"), undefined);
});
churn.run();
