/**
 * Requests that anybody may write, before a director and a worker: what they log, count, answer and tell does nothing where it is shown, and
 * they go on with all the others.
 *
 * @module
 */
import { Registry } from "prom-client";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jsonLine, type Level, textLine } from "../../cli/log-line.ts";
import { answerProbe } from "../../cli/probes.ts";
import { createHealth, type Log, runDirector, runWorker, startFlow } from "../../mod.ts";
import { createPrometheusMetrics } from "../../src/adapters/prometheus.ts";
import { createConsoleLog } from "../../src/runtime/log/log.ts";
import { ALL, HARMFUL, INHERITED, LONG, MARKUP, ORDERS, requestsWith } from "../support/hostile-set.ts";
import { good, order } from "../support/orders.ts";
import { createScenario, REQUESTS } from "../support/scenario.ts";

/** Both forms of a log, and that on a console. */
function createRecorder(): { log: Log; lines: { text: string[]; json: string[]; console: string[] } } {
  const lines = { text: [] as string[], json: [] as string[], console: [] as string[] };
  const say = (level: Level) => (msg: string, fields = {}) => {
    const head = { ts: "2026-01-01T00:00:00.000Z", level, msg, logger: "director" };
    lines.text.push(textLine(head, fields));
    lines.json.push(jsonLine(head, fields));
    const { warn } = console;
    console.warn = (line: string) => void lines.console.push(line);
    createConsoleLog().warn(msg, fields);
    console.warn = warn;
  };
  return { log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") }, lines };
}

const hostile = suite("scenario: the hostile set before a director and a worker");
const SETS: Readonly<Record<string, readonly string[]>> = {
  "orders to a terminal": [ALL, ...Object.values(ORDERS)],
  "what every object has, and markup": [...INHERITED, ...Object.values(MARKUP)],
  "long ones": [LONG["a name of 253"]!, LONG["orders of 1 MiB"]!],
};
for (const [what, texts] of Object.entries(SETS)) {
  hostile(`logs, metrics, probes and events: ${what}`, async () => {
    const story = createScenario();
    const ending = new AbortController();
    const registry = new Registry();
    const { log, lines } = createRecorder();
    const health = createHealth();
    const options = { clock: story.clock, signal: ending.signal, log, metrics: createPrometheusMetrics(registry), health };
    let refused = 0;
    for (const [index, text] of texts.entries()) {
      for (const request of requestsWith(text, index)) {
        const { status } = await story.send("POST", REQUESTS, request);
        if (status !== 201) refused++;
      }
    }
    assert.ok(refused < texts.length * 4, `${refused} of ${texts.length * 8} are refused`);
    const running = [
      runDirector([order], { cluster: story.connect(), ...options }),
      runWorker(order, {
        ...good,
        async charge({ input, log }) {
          log.warn(`text of ${String(input?.amount)}`, { [String(input?.amount)]: input });
          if (`${input?.amount}`.length % 2 === 0) {
            throw Object.assign(new Error(String(input?.amount)), { name: String(input?.amount) });
          }
          return { outcome: String(input?.amount) as "paid", output: { receipt: "r", [String(input?.amount)]: "x" } };
        },
      }, { cluster: story.connect(), ...options }),
    ];
    const orderly = await startFlow(order, { key: "fine", input: { amount: 1 } }, {
      cluster: story.connect(),
      clock: story.clock,
    });
    await story.clock.advance(45_000);
    const { items: events } = await (await story.send("GET", "/api/v1/namespaces/default/events")).json() as {
      items: { message: string; reason: string }[];
    };
    const metrics = await registry.metrics();
    const probe = ["/readyz?verbose", "/healthz?exclude=\x1b[2J"].map((path) =>
      answerProbe(new URL(path, "http://localhost"), health)!.body
    );
    ending.abort();
    await story.end(running);

    for (const [kind, all] of Object.entries(lines)) {
      assert.ok(all.length > 0, kind);
      for (const line of all) {
        assert.not.match(line, HARMFUL, `a line of ${kind}`);
        assert.not.match(line, /\n/, `a line of ${kind}`);
        assert.ok(line.length < 100_000, `a line of ${kind} has ${line.length} characters`);
      }
    }
    assert.ok(lines.json.every((line) => typeof JSON.parse(line).msg === "string"));
    for (const { message } of events) {
      assert.not.match(message, HARMFUL, "an event");
      assert.not.match(message, /\n/, "an event");
    }
    const reasons = new Set(events.map(({ reason }) => reason));
    assert.ok(reasons.size > 2, [...reasons].join());
    assert.not.match(metrics + probe.join(""), HARMFUL);
    const flows = new Set(Array.from(metrics.matchAll(/\bflow="([^"]*)"/g), ([, flow]) => flow));
    assert.equal([...flows].filter((flow) => flow !== "order" && flow !== "<other>"), [], "names of flows that anybody chose");
    const jobs = new Set(Array.from(metrics.matchAll(/\b(?:job|outcome|state|reason|result)="([^"]*)"/g), ([, value]) => value));
    assert.ok([...jobs].every((value) => /^[\w ]{1,30}$/.test(value!)), [...jobs].join());
    assert.equal(Object.keys(Object.prototype), []);

    const now = await story.requests();
    const fine = now.find(({ metadata }) => metadata.name === orderly.name)!;
    assert.is(fine.status?.completionTime !== undefined || fine.spec.job !== "charge" || fine.spec.state !== "REQUESTED", true);
  });
}
hostile.run();
