import { suite } from "uvu";
import * as assert from "uvu/assert";
import { byteLength } from "../../src/fake/types/bytes.ts";
import {
  encode,
  encodeList,
  equal,
  inOrder,
  type Json,
  type JsonObject,
  sharing,
  sorted,
  storedItems,
} from "../../src/fake/types/json.ts";

const json = suite("fake: objects that are shared, not copied");

const values: readonly Json[] = [
  null,
  0,
  "",
  [],
  {},
  { a: 1, b: [{ c: 1, d: 2 }, "x"] },
  { b: 1, a: 2 },
  { a: { z: 1, y: { n: 1, m: [{ q: 1, p: 2 }] } }, b: [] },
  { "10": 1, "9": 2, a: { b: 1, "1": 2 } },
  JSON.parse('{"__proto__":{"b":1,"a":2},"A":{"__proto__":1}}'),
  [[{ b: 1, a: 1 }], [{ a: 1, b: 1 }]],
];

json("what is put in order is what a sorted copy is, and what was in order is the very same", () => {
  for (const value of values) {
    const before = JSON.stringify(value);
    const ordered = inOrder(value);
    assert.is(JSON.stringify(ordered), JSON.stringify(sorted(value)));
    assert.is(JSON.stringify(value), before, "it is not changed");
    if (before === JSON.stringify(sorted(value)) && !before.includes('"10"')) assert.is(ordered, value);
  }
  const inner = { a: 1, b: 2 };
  const mixed = { b: inner, a: 1 };
  assert.is(inOrder(mixed).b, inner);
  assert.equal(Object.keys(inOrder({ b: undefined, a: 1 } as JsonObject)), ["a"]);
});

json("an order that no object can have takes no longer the deeper it is", () => {
  let deep: Json = 1;
  for (let depth = 0; depth < 400; depth++) deep = { "9": depth, "10": deep };
  assert.ok(equal(inOrder(deep), deep));
});

json("what has not changed is the former one, and only what has is new", () => {
  const old = { a: { b: [1, { c: 2 }] }, d: { e: "x" }, f: 1 };
  const next = structuredClone(old);
  assert.is(sharing(structuredClone(old), old), old);
  next.d.e = "y";
  const shared = sharing(next, old);
  assert.equal([shared.a === old.a, shared.d === old.d, shared.d.e], [true, false, "y"]);
  assert.equal(old.d.e, "x");
});

json("nothing is shared but what would be printed the same", () => {
  for (
    const [next, old] of [
      [{ a: { c: 1, b: 2 } }, { a: { b: 2, c: 1 } }],
      [{ a: {} }, { a: [] }],
      [{ a: null }, { a: {} }],
      [{ a: { b: 1 } }, { a: { b: 1, c: 1 } }],
      [{ a: [1, 2] }, { a: [1] }],
      [{ a: "1" }, { a: 1 }],
    ] as [JsonObject, JsonObject][]
  ) {
    const text = JSON.stringify(next);
    const shared = sharing(next, old);
    assert.is(JSON.stringify(shared), text);
    assert.is.not(shared.a, old.a);
  }
});

json("a list of stored objects is printed as any other, however often", () => {
  const items = [{ "9": "<", "10": "&" }, { a: "\u2028é" }, { b: [{ "2": 1, "1": 2 }] }];
  const plain: JsonObject = { apiVersion: "v1", items, kind: "L", metadata: { continue: "", none: undefined } };
  const list = { ...plain, items: storedItems([...items]) };
  for (let time = 0; time < 2; time++) assert.is(encodeList(list), encode(plain));
  assert.is(encodeList({ kind: "A", items: [1] }), encode({ kind: "A", items: [1] }));
});

json("bytes are counted as they are sent", () => {
  for (const text of ["", "a", "é", "a€", "😀x", "x".repeat(300) + "ü"]) {
    assert.is(byteLength(text), new TextEncoder().encode(text).length, text.slice(-3));
  }
});
json.run();
