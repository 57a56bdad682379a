/**
 * Starting a flow twice with one key: what any server must make of it.
 *
 * @module
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ClientOptions, getFlow, type RequestState, SAMPLE, startFlow } from "../../mod.ts";
import { messageOf } from "./orders.ts";

const parsed = (text: string): unknown => JSON.parse(text);
const nested = (depth: number): unknown => parsed("[".repeat(depth) + "]".repeat(depth));

/** Inputs that are equal after what a server does to them. */
export const EQUAL: readonly (readonly [first: unknown, second: unknown])[] = [
  [undefined, undefined],
  [null, null],
  [null, undefined],
  [-0, 0],
  [0, -0],
  [{ a: -0 }, { a: 0 }],
  [2 ** 53 + 1, 2 ** 53],
  [2 ** 63, parsed("9223372036854775808")],
  [-(2 ** 63), -(2 ** 63)],
  [2 ** 64, 2 ** 64],
  [1e21, parsed("1000000000000000000000")],
  [123456789012345680000, 123456789012345680000],
  [1e-7, 0.0000001],
  [5e-324, 5e-324],
  [Number.MAX_VALUE, Number.MAX_VALUE],
  [0.1 + 0.2, 0.30000000000000004],
  [1.0, parsed("1.0")],
  [100, parsed("1e2")],
  ["\ud800", "\ufffd"],
  ["a\udc00b", "a\ud8ffb"],
  [{ "\ud800": 1 }, { "\ufffd": 1 }],
  [Object.fromEntries([["\ud800", 1], ["\udc00", 2]]), { "\ufffd": 2 }],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [{ at: new Date(0) }, { at: new Date(0) }],
  [{ a: undefined, b: 1 }, { b: 1 }],
  [[undefined, 1], [null, 1]],
  [{ a: null }, { a: null }],
  [[null], [null]],
  [[{ a: null, b: [null] }], [{ b: [null], a: null }]],
  [{ toJSON: () => ({ a: 1 }) }, { a: 1 }],
  [false, false],
  ["", ""],
  [[], []],
  [{}, {}],
  [{ b: { y: 1, x: 2 }, a: 1 }, { a: 1, b: { x: 2, y: 1 } }],
  ["\0\u0001\u007f", "\0\u0001\u007f"],
  ["\u2028\u2029 <&> \ud83d\ude00 日本", "\u2028\u2029 <&> \ud83d\ude00 日本"],
  [{ "": 1, "a.b/c~d": 2, "ключ": 3 }, { "ключ": 3, "a.b/c~d": 2, "": 1 }],
  [parsed('{"__proto__": 1}'), parsed('{"__proto__": 1}')],
  [parsed('{"a": {"__proto__": {"b": 1}, "constructor": 2}}'), parsed('{"a": {"constructor": 2, "__proto__": {"b": 1}}}')],
  [{ apiVersion: "v1", kind: "Pod", metadata: { name: "A B" } }, { kind: "Pod", metadata: { name: "A B" }, apiVersion: "v1" }],
  ["true", "true"],
  ["2026-01-01", "2026-01-01"],
  [nested(200), nested(200)],
  ["x".repeat(65_534), "x".repeat(65_534)],
];

/** Inputs that are not, and how that is said. */
const UNEQUAL: readonly (readonly [first: unknown, second: unknown, difference: string])[] = [
  [undefined, 0, "spec.input is absent, not 0"],
  [0, null, "spec.input is 0, not absent"],
  [1, "1", 'spec.input is 1, not "1"'],
  [{ a: null }, {}, "spec.input.a is null, not absent"],
  [{}, [], "spec.input is {}, not []"],
  [[1], [1, 2], "spec.input[1] is absent, not 2"],
  [{ amount: 12, items: [{ id: 1 }] }, { amount: 12, items: [{ id: 2 }] }, "spec.input.items[0].id is 1, not 2"],
  [2 ** 53, 2 ** 53 + 2, "spec.input is 9007199254740992, not 9007199254740994"],
  ["é", "e\u0301", 'spec.input is "é", not "e\u0301"'],
  [{ "a b": 1 }, { "a b": true }, 'spec.input["a b"] is 1, not true'],
  [new Date(0), 0, 'spec.input is "1970-01-01T00:00:00.000Z", not 0'],
  [false, undefined, "spec.input is false, not absent"],
  ["", undefined, 'spec.input is "", not absent'],
  [parsed('{"__proto__": 1}'), {}, "spec.input.__proto__ is 1, not absent"],
];

/** A server to start flows on. */
export interface KeyServer {
  readonly options: ClientOptions;
  close(): Promise<void>;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 30)}... of ${text.length} characters`;
};

/** Runs them. */
export function runKeySuite(name: string, open: () => Promise<KeyServer>): void {
  const keys = suite(name);
  let server: KeyServer;
  let count = 0;
  keys.before(async () => void (server = await open()));
  keys.after(() => server.close());

  keys("equal inputs under one key are one flow", async () => {
    const failures: string[] = [];
    for (const [first, second] of EQUAL) {
      const key = `equal-${++count}`;
      const pair = `${shown(first)} and ${shown(second)}`;
      try {
        const run = await startFlow(SAMPLE, { key, input: first as RequestState["spec"]["input"] }, server.options);
        const again = await startFlow(SAMPLE, { key, input: second as RequestState["spec"]["input"] }, server.options);
        if (again.request.metadata.uid !== run.request.metadata.uid) failures.push(`${pair}: two flows`);
        // What its starter was shown is what everybody reads.
        const read = await getFlow(run.name, server.options);
        assert.equal(JSON.stringify(run.request.spec.input), JSON.stringify(read.request.spec.input));
      } catch (error) {
        failures.push(`${pair}: ${(error as Error).message.slice(0, 500)}`);
      }
    }
    assert.equal(failures, []);
  });

  keys("started by many at once it is one flow", async () => {
    const input = { amount: 12 };
    const runs = await Promise.all(
      Array.from({ length: 12 }, () => startFlow(SAMPLE, { key: "at once", input }, server.options)),
    );
    assert.is(new Set(runs.map(({ request }) => request.metadata.uid)).size, 1);
  });

  keys("other inputs are refused with the difference", async () => {
    const failures: string[] = [];
    for (const [first, second, difference] of UNEQUAL) {
      const key = `unequal-${++count}`;
      const { request } = await startFlow(SAMPLE, { key, input: first as RequestState["spec"]["input"] }, server.options);
      const { name, namespace } = request.metadata;
      const text = await messageOf(startFlow(SAMPLE, { key, input: second as RequestState["spec"]["input"] }, server.options));
      const expected =
        `Cannot start flow "sample" with key "${key}": requeststates "${namespace}/${name}" has that key and another ` +
        `input: ${difference}; choose another key or delete it`;
      if (text !== expected) failures.push(text);
    }
    assert.equal(failures, []);
  });

  keys("what cannot be an input is refused before anything is sent", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const odd = [1n, NaN, () => {}, Symbol("a"), new Map([[1, 2]]), new Uint8Array([7]), new Date(NaN), new (class Order {})()];
    for (const input of [...odd, ...odd.map((value) => ({ items: [value] })), circle, "x".repeat(65_535), nested(30_000)]) {
      const told = await startFlow(SAMPLE, { key: "never", input: input as string }, server.options).then(() => "", String);
      assert.match(told, /^(TypeError|RangeError): Cannot start flow "sample": its input is /);
    }
    assert.match(await messageOf(getFlow({ key: "never" }, { ...server.options, flow: SAMPLE })), /: there is none;/);
  });

  keys("a key may be any text", async () => {
    const names = new Set<string>();
    for (const key of ["", "a/b", "A B", "ключ", "x".repeat(5_000), "order-42", " order-42"]) {
      const run = await startFlow(SAMPLE, { key }, server.options);
      names.add(run.name);
      assert.is((await getFlow({ key }, { ...server.options, flow: SAMPLE })).name, run.name);
    }
    assert.is(names.size, 7);
  });
  keys.run();
}
