/** What the test kit is told that cannot be meant is said at once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow } from "../../mod.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { checkFlow, type FlowTest, runJob, testFlow } from "../../src/testing/mod.ts";
import { good, order } from "../support/orders.ts";
import { odd, type Row, sayWhatIsWrong } from "../support/said.ts";

const orders = implementFlow(order, good);
const nothing = async () => {};
const approving = implementFlow(
  defineFlow("approving", { start: "ask", jobs: { ask: { waitFor: "signal", on: { yes: "ship", no: "ship" } }, ship: {} } }),
  { ship: nothing },
);

const tests = suite("test kit: options of a test that cannot be meant");
const set = (options: unknown) => async () => await (await testFlow(orders, odd(options))).close();
const no = "Cannot set up the test:";
sayWhatIsWrong(tests, [
  [
    set({ worker: {}, mock: {} }),
    `TypeError: ${no} it has a member "mock", expected mocks, objects, clock, namespace, workers, worker, director, crds, seed, ` +
    'limit, attempts, realTime, mustFinish, log; did you mean "mocks"?',
  ],
  [set([1]), /^TypeError: Cannot set up the test: it is \[1\], expected an object with mocks, /],
  [set({ mocks: [] }), `TypeError: ${no} mocks is [], expected handlers by job`],
  [set({ objects: {} }), `TypeError: ${no} objects is an object, expected a list of objects`],
  [set({ crds: {} }), `TypeError: ${no} crds is an object, expected a list of objects`],
  [set({ clock: systemClock }), `TypeError: ${no} clock is an object, expected a clock, as createVirtualClock() makes it`],
  [set({ namespace: "" }), `TypeError: ${no} namespace is "", expected one such as "default"`],
  [set({ workers: "2" }), `RangeError: ${no} workers is "2", expected a whole number from 0`],
  [set({ seed: NaN }), `RangeError: ${no} seed is NaN, expected a number`],
  ...([["limit", NaN], ["limit", "5"], ["realTime", -1]] as const).map(([name, value]): Row => [
    set({ [name]: value }),
    `RangeError: ${no} ${name} is ${
      JSON.stringify(value) === "null" ? "NaN" : JSON.stringify(value)
    }, expected milliseconds from 0`,
  ]),
  [set({ attempts: NaN }), `RangeError: ${no} attempts is NaN, expected a number from 1`],
  [set({ mustFinish: "no" }), `TypeError: ${no} mustFinish is "no", expected true or false`],
  [set({ log: console.log }), `TypeError: ${no} log is the function log, expected a log, with debug, info, warn and error`],
  [
    set({ worker: { concurency: 1 } }),
    `TypeError: ${no} worker has a member "concurency", expected concurrency, grace, leaseDuration, use, onLeaseLost; ` +
    'did you mean "concurrency"?',
  ],
  [set({ worker: { namespace: "a" } }), /^TypeError: .* worker has a member "namespace", expected concurrency, /],
  [set({ worker: { grace: NaN } }), `RangeError: ${no} worker.grace is NaN, expected milliseconds from 0`],
  [
    set({ worker: { onLeaseLost: "abrot" } }),
    `TypeError: ${no} worker.onLeaseLost is "abrot", expected "abort"; did you mean "abort"?`,
  ],
  [
    set({ director: { cancelGrase: 1 } }),
    `TypeError: ${no} director has a member "cancelGrase", expected concurrency, leaderElect, cancelGrace, legacyTimeout; ` +
    'did you mean "cancelGrace"?',
  ],
  [
    set({ director: { concurrency: 0 } }),
    `RangeError: ${no} director.concurrency is 0, expected a whole number from 1 to 100000`,
  ],
]);
tests.run();

const during = suite("test kit: what a test asks for that can never come");
const having = (use: (t: FlowTest<typeof order>) => unknown) => async () => {
  const t = await testFlow(orders);
  try {
    await use(t);
  } catch (error) {
    await t.close().catch(() => {});
    throw error;
  }
  await t.close();
};
const jobs = "charge, approve, ship, refund, notify";
sayWhatIsWrong(during, [
  [having((t) => t.advance(NaN)), "RangeError: Cannot let time pass: ms is NaN, expected milliseconds from 0"],
  [having((t) => t.advance(odd("5"))), 'RangeError: Cannot let time pass: ms is "5", expected milliseconds from 0'],
  [having((t) => t.advance(Infinity)), "RangeError: Cannot let time pass: ms is Infinity, expected milliseconds from 0"],
  [having((t) => t.clock.advance(-1)), "RangeError: Cannot let time pass: ms is -1, expected milliseconds from 0"],
  [having((t) => t.clock.leap(NaN)), "RangeError: Cannot let time pass: ms is NaN, expected milliseconds from 0"],
  [
    having((t) => t.crashWorkerIn("ship", odd({ at: "edn" }))),
    'TypeError: Cannot crash a worker: at is "edn", expected "begin" or "end"; did you mean "end"?',
  ],
  [
    having((t) => t.crashWorkerIn("ship", odd("end"))),
    'TypeError: Cannot crash a worker: it is "end", expected an object with at',
  ],
  [
    having((t) => t.faults.conflict(odd({ no: "ship" }))),
    'TypeError: Cannot have the fault conflict: it has a member "no", expected on, by, times; did you mean "on"?',
  ],
  [
    having((t) => t.faults.conflict(odd({ on: "chrage" }))),
    `TypeError: Cannot have the fault conflict: on is "chrage", expected one of ${jobs}, or a state of one, as in ` +
    '"charge/STARTED" (REQUESTED, STARTED, COMPLETED, FAILED, CANCELLED); did you mean "charge"?',
  ],
  [
    having((t) => t.faults.loseAnswer(odd({ on: "charge/COMPLETD" }))),
    /^TypeError: Cannot have the fault loseAnswer: on is "charge\/COMPLETD", expected one of .*; did you mean "charge\/COMPLETED"\?$/,
  ],
  [
    having((t) => t.faults.breakConnection(odd({ by: "wroker" }))),
    'TypeError: Cannot have the fault breakConnection: by is "wroker", expected "director" or "worker"; did you mean "worker"?',
  ],
  [
    having((t) => t.faults.serverError({ times: NaN })),
    "RangeError: Cannot have the fault serverError: times is NaN, expected a whole number from 1, or Infinity",
  ],
  [having((t) => t.faults.landLate(NaN)), "RangeError: Cannot make the fault late: ms is NaN, expected milliseconds from 0"],
  [having((t) => t.faults.delay(odd({ on: "ship" }))), /^RangeError: .*ms is an object, expected milliseconds from 0$/],
  [
    having((t) => t.faults.tooManyRequests(odd({ on: "ship" }))),
    "RangeError: Cannot make the fault tooManyRequests: retryAfter is an object, expected seconds from 0, or a text",
  ],
  [
    having(async (t) => await t.until(await t.start({ input: { amount: 1 } }), odd(5))),
    'TypeError: Cannot wait: where is 5, expected a job, a state of a job, as in "ship/STARTED", or a function',
  ],
  [
    having(async (t) => await t.until(await t.start({ input: { amount: 1 } }), odd(() => Promise.resolve(false)))),
    "TypeError: Cannot wait: what the function gives is a promise (await it), expected true or false",
  ],
  [
    having((t) => void t.log.only(odd("a"))),
    'TypeError: Cannot look into the log: pattern is "a", expected a regular expression',
  ],
  [having((t) => t.faults.outage(NaN)), "RangeError: Cannot have an outage: ms is NaN, expected milliseconds from 0"],
  [having((t) => t.faults.outage(odd("5"))), 'RangeError: Cannot have an outage: ms is "5", expected milliseconds from 0'],
  [
    having((t) => void t.fake.faults.add({ match: { resource: "requeststats" }, fault: odd({ kind: "cut", name: "cut" }) })),
    'Error: The test has left behind: a fault that could never act: "cut" of resource "requeststats" has hit 0 of 1: no resource ' +
    '"requeststats" is served; did you mean "requeststates"?',
  ],
]);
during.run();

const alone = suite("test kit: what one handler cannot be told");
const run = (context: unknown) => () => runJob(orders, "charge", odd(context));
const cannot = 'Cannot run job "charge" of flow "order":';
sayWhatIsWrong(alone, [
  [
    run({ imput: {} }),
    `TypeError: ${cannot} it has a member "imput", expected input, outputs, attempt, uid, signal, realTime, flow, job; ` +
    'did you mean "input"?',
  ],
  [run(12), /^TypeError: .* it is 12, expected an object with input, /],
  [run({ attempt: "2" }), `RangeError: ${cannot} attempt is "2", expected a whole number from 1`],
  [run({ uid: 5 }), `TypeError: ${cannot} uid is 5, expected a text`],
  [run({ signal: new AbortController() }), `TypeError: ${cannot} signal is an object, expected an AbortSignal`],
  ...[NaN, -1, Infinity].map((realTime): Row => [
    run({ realTime }),
    `RangeError: ${cannot} realTime is ${realTime}, expected milliseconds from 0, at most 2147483647`,
  ]),
  [
    run({ outputs: { chrage: {} } }),
    `TypeError: ${cannot} outputs has a member "chrage", expected ${jobs}; did you mean "charge"?`,
  ],
  [
    () => runJob(odd(order), "charge"),
    'TypeError: Cannot run job "charge": it is given no implementation, expected what implementFlow gives, or a function',
  ],
  [
    () => runJob(nothing, { flow: order, job: odd("chrage") }),
    'TypeError: Cannot run job "chrage" of flow "order": there is no such job (charge, approve, ship, refund, notify); did you mean "charge"?',
  ],
]);
alone.run();

const checks = suite("test kit: what cannot be checked");
const check = (options: unknown) => () => checkFlow(() => ({ implementation: approving }), { report: true, ...odd(options) });
const setup = (given: object) => () => checkFlow(() => odd({ implementation: approving, ...given }), { seeds: 1, report: true });
const never = "Cannot check a flow:";
sayWhatIsWrong(checks, [
  [
    check({ seds: 1 }),
    `TypeError: ${never} it has a member "seds", expected seeds, from, seed, acts, time, report, heed, polls, limit, realTime; ` +
    'did you mean "seeds"?',
  ],
  [() => checkFlow(odd({ implementation: approving })), `TypeError: ${never} setup is an object, expected a function`],
  [check({ seeds: "3" }), `RangeError: ${never} seeds is "3", expected a whole number from 1`],
  [check({ from: 0.5 }), `RangeError: ${never} from is 0.5, expected a whole number`],
  [check({ seed: NaN }), `RangeError: ${never} seed is NaN, expected a whole number`],
  [check({ seed: 1, acts: 3 }), `TypeError: ${never} acts is 3, expected a list of whole numbers from 0`],
  [check({ seed: 1, acts: [NaN] }), `TypeError: ${never} acts is [NaN], expected a list of whole numbers from 0`],
  [check({ seeds: 1, time: NaN }), `RangeError: ${never} time is NaN, expected a number from 0`],
  [check({ seeds: 1, polls: "5" }), `RangeError: ${never} polls is "5", expected a number from 0`],
  [check({ seeds: 1, report: "yes" }), `TypeError: ${never} report is "yes", expected true or false`],
  [
    setup({ chek: () => "wrong" }),
    `TypeError: ${never} the setup's answer has a member "chek", expected implementation, signals, operator, crds, check, input; ` +
    'did you mean "check"?',
  ],
  [setup({ operator: "me" }), `TypeError: ${never} operator is "me", expected true or false`],
  [setup({ crds: {} }), `TypeError: ${never} crds is an object, expected a list of objects`],
  [
    setup({ signals: { ask: { outcome: ["yes"] } } }),
    `TypeError: ${never} signals.ask has a member "outcome", expected outcomes, data, always; did you mean "outcomes"?`,
  ],
  [
    setup({ signals: { ask: { outcomes: ["yess"] } } }),
    `TypeError: ${never} signals.ask.outcomes is ["yess"], expected some of yes, no; did you mean "yes"?`,
  ],
  [setup({ signals: { ask: { outcomes: [] } } }), `TypeError: ${never} signals.ask.outcomes is [], expected some of yes, no`],
  [setup({ signals: { ask: { always: 1 } } }), `TypeError: ${never} signals.ask.always is 1, expected true or false`],
]);
for (const ms of [NaN, -1, "5"]) {
  checks(`a world does not wait for ${ms}`, async () => {
    let said = "";
    const ship = (sleep: (ms: number) => Promise<void>) => async () =>
      await sleep(odd(ms)).catch((error: Error) => void (said = `${error}`));
    await checkFlow(({ sleep }) => ({
      implementation: implementFlow(defineFlow("plain", ["ship"]), { ship: ship(sleep) }),
    }), { seeds: 1, report: true });
    assert.match(said, /^RangeError: Cannot sleep: ms is (NaN|-1|"5"), expected milliseconds from 0$/);
  });
}
checks.run();
