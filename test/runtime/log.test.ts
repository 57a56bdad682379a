/** Logs that are called with anything: what a handler says is not lost. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Log } from "../../mod.ts";
import { createConsoleLog, tolerantLog } from "../../src/runtime/log/log.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";

const logs = suite("runtime: logs that are called with anything");

/** What `catch((error) => log.warn(error))` compiles to, among others. */
const messages: [message: unknown, said: string][] = [
  [new Error("no bank", { cause: new Error("ECONNREFUSED") }), "warn no bank: ECONNREFUSED"],
  [undefined, "warn undefined"],
  [Symbol("s"), "warn Symbol(s)"],
  [{ amount: 12 }, 'warn {"amount":12}'],
  [5, "warn 5"],
];
for (const [message, said] of messages) {
  logs(`${said}: said, though it is no text`, () => {
    const recorded = createRecordedLog();
    tolerantLog(recorded).warn(message as string);
    assert.equal(recorded.lines, [said]);
  });
}

logs("what stands in the place of the fields is one of them", () => {
  const heard: unknown[] = [];
  const hear = (...given: unknown[]) => void heard.push(given);
  const log: Log = tolerantLog({ debug: hear, info: hear, warn: hear, error: hear });
  const error = new Error("no bank");
  for (const fields of [error, "text", null, { amount: 12 }]) log.warn("Cannot pay", fields as never);
  assert.equal(heard, [["Cannot pay", { error }], ["Cannot pay", { error: "text" }], ["Cannot pay"], ["Cannot pay", {
    amount: 12,
  }]]);
});

logs("on the console any value has a text", () => {
  const lines: string[] = [];
  const { warn } = console;
  console.warn = (line: string) => void lines.push(line);
  try {
    createConsoleLog().warn("a", {
      e: new Error("x"),
      s: Symbol("y"),
      n: Object.create(null),
      o: { b: 1 },
      t: "z",
      u: undefined,
    });
  } finally {
    console.warn = warn;
  }
  assert.equal(lines, ['warn  a e=x s=Symbol(y) n=something that has no text was thrown o={"b":1} t=z u=undefined']);
});

logs.run();
