import { suite } from "uvu";
import * as assert from "uvu/assert";
import { differenceIn } from "../../src/flow/difference.ts";
import { resultOfHandler } from "../../src/flow/result.ts";
import { defineFlow } from "../../src/flow/definition.ts";
import { keptValue, storedValue } from "../../src/flow/value.ts";
import type { Json, RequestState } from "../../src/request-state.ts";

const values = suite("flow: values");
values("are what the server makes of them", () => {
  const shared = { a: 1 };
  const pairs: readonly (readonly [given: unknown, kept: Json | undefined])[] = [
    [undefined, undefined],
    [null, null],
    [{ a: null }, { a: null }],
    [[null, undefined], [null, null]],
    [Object.assign([1], { length: 2 }), [1, null]],
    [-0, 0],
    [2 ** 53 + 1, 2 ** 53],
    [1e21, 1e21],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [{ a: undefined, b: 1 }, { b: 1 }],
    ["\ud800", "\ufffd"],
    [{ "\ud800": ["a\udc00b"] }, { "\ufffd": ["a\ufffdb"] }],
    ["\ud83d\ude00", "\ud83d\ude00"],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
    ["\\ud800", "\\ud800"],
    [[shared, shared], [{ a: 1 }, { a: 1 }]],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [{ toJSON: (name: string) => `as ${name}` }, "as "],
    [{ a: [{ toJSON: (name: string) => `as ${name}` }] }, { a: ["as 0"] }],
    [new URL("http://a.example/"), "http://a.example/"],
  ];
  for (const [given, expected] of pairs) {
    const { value, fault } = keptValue(given, "it");
    assert.is(fault, undefined);
    assert.is(differenceIn("it", value, expected), undefined, JSON.stringify(given));
    assert.not.ok(Object.is(value, -0));
  }
  assert.is(storedValue(null, "It", "input", 9), undefined);
});

class Order {
  readonly #amount = 12;
  get amount() {
    return this.#amount;
  }
}
const circle: { self?: unknown } = {};
circle.self = [circle];
const UNKEPT: readonly (readonly [value: unknown, what: string])[] = [
  [NaN, "NaN; use null or a text for it"],
  [-Infinity, "-Infinity; use null or a text for it"],
  [1n, "a bigint"],
  [() => {}, "a function"],
  [Order, "a function"],
  [Symbol("a"), "a symbol"],
  [{ [Symbol("a")]: 1 }, "an object with a member Symbol(a); use a text as its name"],
  [new Map([[1, 2]]), "a Map"],
  [new Set([1]), "a Set"],
  [new WeakMap(), "a WeakMap"],
  [new Date(NaN), "an invalid Date"],
  [new Order(), "an Order"],
  [new (class {})(), "an object without a name"],
  [new Uint8Array([7]), "a Uint8Array"],
  [new ArrayBuffer(1), "an ArrayBuffer"],
  [new Error("no"), "an Error"],
  [Promise.resolve(1), "a Promise"],
  [/a/, "a RegExp"],
  [new Headers({ a: "b" }), "a Headers"],
  [new Number(1), "a Number"],
];
values("that JSON cannot say are refused by name, wherever they stand", () => {
  for (const [value, what] of UNKEPT) {
    const said = what.includes(";") ? what : `${what}; give its content as plain objects, lists, texts and numbers`;
    const why = "is nothing that JSON can say: ";
    assert.is(keptValue(value, "input").fault, `${why}input is ${said}`);
    assert.is(keptValue({ "a b": [0, { c: value }] }, "input").fault, `${why}input["a b"][1].c is ${said}`);
    const told = said.replace("an invalid Date", "a Date"); // what toJSON gives is not asked once more
    assert.is(keptValue({ a: { toJSON: () => value } }, "input").fault, `${why}input.a is ${told}`);
  }
  assert.match(
    keptValue(circle, "data").fault!,
    /^is nothing that JSON can say: data\.self\[0\] is what it is a part of itself; /,
  );
});
values("that throw when they are looked at, or are too deep, are refused in one sentence", () => {
  const thrower = {
    get a() {
      throw new Error("out of order");
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.is(keptValue([thrower], "it").fault, "is nothing that JSON can say: out of order");
  assert.match(keptValue([proxy], "it").fault!, /^is nothing that JSON can say: .*revoked/);
  assert.match(keptValue({ toJSON: () => new Date(NaN).toISOString() }, "it").fault!, /^is nothing that JSON can say: Invalid/);
  const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  assert.is(keptValue(nested(50_000), "it").fault, "is nested too deep");
  assert.is(keptValue(nested(1_000), "it").fault, undefined);
});
values("too large are refused", () => {
  assert.throws(() => storedValue("x".repeat(8), "It", "input", 9), /^It: its input is 10 bytes as JSON, expected at most 9$/);
  assert.is(storedValue("x".repeat(7), "It", "input", 9), "x".repeat(7));
});
values("are told apart by the first place where they differ", () => {
  const pairs: readonly (readonly [a: Json | undefined, b: Json | undefined, difference: string | undefined])[] = [
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, undefined],
    [{ a: [1, { "b c": 2 }] }, { a: [1, { "b c": 3 }] }, 'in.a[1]["b c"] is 2, not 3'],
    [{ a: null }, {}, "in.a is null, not absent"],
    [[], {}, "in is [], not {}"],
    [[1], [1, 2], "in[1] is absent, not 2"],
    [{}, JSON.parse('{"toString": 1}'), "in.toString is absent, not 1"],
    [undefined, "x".repeat(70), `in is absent, not "${"x".repeat(59)}…`],
  ];
  for (const [a, b, difference] of pairs) assert.is(differenceIn("in", a, b), difference);
});
values("that a handler gives back and JSON cannot say fail its job for good", async () => {
  const plan = defineFlow("f", ["A"]).plans["A"]!;
  for (const [value, what] of UNKEPT) {
    const result = await resultOfHandler(plan, { output: { deep: [value] } }, {} as RequestState);
    assert.is(result.state, "FAILED");
    const { error } = result as { error: { type: string; message: string; retryable: boolean } };
    assert.equal([error.type, error.retryable], ["InvalidResult", false]);
    assert.ok(error.message.startsWith(`The output is nothing that JSON can say: output.deep[0] is ${what}`), error.message);
  }
  const kept = await resultOfHandler(
    plan,
    { output: { a: [undefined, -0, "\ud800"], b: undefined, c: null } },
    {} as RequestState,
  );
  assert.equal(kept, { state: "COMPLETED", output: { a: [null, 0, "\ufffd"], c: null } });
  assert.equal(await resultOfHandler(plan, { output: null }, {} as RequestState), { state: "COMPLETED", output: null });
});
values.run();
