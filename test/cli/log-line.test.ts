import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LogFields } from "../../mod.ts";
import { jsonLine, terminalLine, textLine } from "../../cli/log-line.ts";

const head = { ts: "2026-01-01T00:00:00.000Z", level: "warn", msg: "Trying again", logger: "worker" } as const;

const lines = suite("log lines");
lines("text: when, how bad, what, and what came with it", () => {
  assert.is(
    textLine(head, {
      object: "shop/a",
      wait: 12,
      why: "two words",
      none: undefined,
      reason: new Error("x", { cause: new Error("y") }),
    }),
    '2026-01-01T00:00:00.000Z warn  Trying again object=shop/a wait=12 why="two words" none= reason="x: y"',
  );
});

const watched: readonly [fields: LogFields, line: string][] = [
  [{}, "Trying again"],
  [{ object: "shop/a", key: "order-42", claim: "b37d-1", job: "charge" }, "order-42: Trying again job=charge"],
  [{ object: "shop/5a6f5ccc-90f1-83b4-9522-50ddc79df24b", why: "two words" }, '5a6f...f24b: Trying again why="two words"'],
  [{ object: "shop/by-hand", controller: "flows", reconcileID: "1" }, "by-hand: Trying again"],
  [{ object: { name: "a" } }, '{"name":"a"}: Trying again'],
  [{ key: "k".repeat(300) }, `${"k".repeat(16)}…${"k".repeat(7)}: Trying again`],
  [{ key: "a\n\u001b[31mb" }, "a\\n\\u001b[31mb: Trying again"],
];
for (const [fields, line] of watched) {
  lines(`at a terminal: ${line}`, () => assert.is(terminalLine(head, fields), `00:00:00 warn  ${line}`));
}
lines("at a terminal: a job that the sentence names is said once", () => {
  const said = { ...head, msg: "Job charge has failed (attempt 1): the bank does not answer" };
  const line = terminalLine(said, {
    object: "default/5a6f5ccc-90f1-83b4-9522-50ddc79df24b",
    key: "order-42",
    job: "charge",
    claim: "b37d-1",
  });
  assert.is(line, "00:00:00 warn  order-42: Job charge has failed (attempt 1): the bank does not answer");
});

lines("JSON: the usual keys in the usual order, an object in its parts", () => {
  const line = jsonLine(head, { object: "shop/a", reconcileID: "r1", error: new Error("no") });
  assert.is(
    line,
    '{"ts":"2026-01-01T00:00:00.000Z","level":"warn","msg":"Trying again","logger":"worker",' +
      '"object":{"name":"a","namespace":"shop"},"reconcileID":"r1","error":"no"}',
  );
  assert.equal(JSON.parse(jsonLine(head, { object: "node-1" })).object, { name: "node-1" });
  assert.equal(JSON.parse(jsonLine(head, { object: { name: "a" } })).object, { name: "a" });
});

lines("a field does not take the place of what every line has", () => {
  assert.is(JSON.parse(jsonLine(head, { level: "debug", ts: 0 })).level, "warn");
});

lines("text of others neither breaks a line nor reaches a terminal raw, and JSON still says the same", () => {
  const nasty = "a\n2026 error Forged\u001b[31m\u009b\u2028\u202e";
  const text = textLine({ ...head, msg: nasty }, { name: nasty });
  assert.is(text.split("\n").length, 1);
  assert.not.match(text, /[\p{Cc}\u2028\u202e]/u);
  const json = jsonLine({ ...head, msg: nasty }, { name: nasty });
  assert.not.match(json, /[\p{Cc}\u2028\u202e]/u);
  assert.equal([JSON.parse(json).msg, JSON.parse(json).name], [nasty, nasty]);
});

lines("what JSON cannot say is said somehow", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const line = JSON.parse(jsonLine(head, { circle, big: 2n ** 64n, deep: { big: 1n }, at: new Date(0) }));
  assert.match(line.circle, /^cannot be shown: /);
  assert.equal([line.big, line.deep, line.at], ["18446744073709551616", { big: "1" }, "1970-01-01T00:00:00.000Z"]);
});
lines.run();
