import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlowDefinitionError } from "../../src/errors.ts";
import { defineFlow, SAMPLE } from "../../src/flow/definition.ts";
import { successorOf } from "../../src/flow/steps.ts";

const definitions = suite("flow: definitions");

/** Whatever a program without types may hand over. */
const define = defineFlow as (name: unknown, definition: unknown) => ReturnType<typeof defineFlow>;

function faultsOf(name: unknown, definition: unknown): readonly string[] {
  try {
    define(name, definition);
  } catch (error) {
    assert.instance(error, FlowDefinitionError);
    return (error as FlowDefinitionError).faults;
  }
  return [];
}
const ofJobs = (jobs: object, more: object = {}) => faultsOf("a", { start: Object.keys(jobs)[0], jobs, ...more });

definitions("all faults are listed at once", () => {
  assert.throws(
    () => defineFlow("Not good", ["a", "a", "b/c"]),
    /^Flow "Not good" is not valid: the name must be .*; job "a" stands there twice; job "b\/c" must be/,
  );
  const faults = faultsOf("A", {
    start: "nowhere",
    deadline: -1,
    ttl: NaN,
    input: 5,
    typo: 1,
    jobs: { a: { next: "b", nxt: "b", timeout: Infinity }, b: { next: "a", on: { failed: "c" } }, d: { after: 0, retry: {} } },
  });
  assert.is(faults.length, 12, faults.join("\n"));
});

const wrong: readonly (readonly [what: string, jobs: object, fault: RegExp])[] = [
  [
    "a circle",
    { a: { next: "b" }, b: { on: { x: "c", y: "d" } }, c: { next: "a" }, d: {} },
    /^its jobs go in a circle: a -> b -> c -> a$/,
  ],
  ["a job after itself", { a: { on: { failed: "a" } } }, /^its jobs go in a circle: a -> a$/],
  ["a job that is never reached", { a: {}, b: {} }, /^job "b" is never reached from its start$/],
  ["an unknown successor", { a: { next: "x" } }, /^the next of job "a" is "x", expected one of its jobs \(a\)$/],
  ["an unknown successor of an outcome", { a: { on: { yes: 5 } } }, /^yes of job "a" is 5, expected one of its jobs/],
  ["a name of the language", { a: { next: "toString" } }, /^the next of job "a" is "toString"/],
  ["outcomes and next", { a: { next: "b", on: { yes: "b" } }, b: {} }, /^job "a" has outcomes and next/],
  ["timedOut without a timeout", { a: { on: { timedOut: "b" } }, b: {} }, /branch for "timedOut", but no timeout/],
  ["elapsed without a pause", { a: { on: { elapsed: "b" } }, b: {} }, /branch for "elapsed", which only a pause/],
  ["failed of a job that waits", { a: { waitFor: "signal", on: { failed: "b" } }, b: {} }, /it waits: nothing can fail there/],
  ["an end with a successor", { a: { end: "failed", next: "b" }, b: {} }, /ends the flow, but another job comes after it/],
  ["another end", { a: { end: "succeeded" } }, /expected "failed" or nothing/],
  ["a policy of a job that waits", { a: { after: 1, retry: { limit: 1 } } }, /waits, so that retry means nothing there/],
  ["a start in time of a job that waits", { a: { after: 1, startTimeout: 1 } }, /waits, so that startTimeout means nothing/],
  ["a parked job that waits", { a: { waitFor: "signal", onExhausted: "park" } }, /onExhausted means nothing/],
  ["two ends of waiting", { a: { waitFor: "signal", after: 1, timeout: 1, on: { timedOut: "b" } }, b: {} }, /after and timeout/],
  ["nowhere to go after the time", { a: { waitFor: "signal", timeout: 1, on: { yes: "b" } }, b: {} }, /no branch for "timedOut"/],
  ["nowhere to go after the pause", { a: { waitFor: "signal", after: 1, on: { yes: "b" } }, b: {} }, /no branch for "elapsed"/],
  ["outcomes that nobody gives", { a: { after: 1, on: { yes: "b" } }, b: {} }, /outcomes that nobody gives/],
  ["another thing to wait for", { a: { waitFor: "mail" } }, /^the waitFor of job "a" is "mail", expected "signal"$/],
  ["no job", { a: null }, /^job "a" is null, expected an object$/],
  ["a limit of 0", { a: { retry: { limit: 0 } } }, /^the limit in the retry of job "a" is 0, expected a whole number from 1/],
  ["half a limit", { a: { retry: { limit: 1.5 } } }, /is 1.5, expected a whole number/],
  ["a factor below 1", { a: { retry: { factor: 0.5 } } }, /is 0.5, expected a number from 1/],
  ["a rest of NaN", { a: { retry: { initial: NaN } } }, /the initial in the retry of job "a" is NaN/],
  [
    "a negative timeout",
    { a: { timeout: -1 } },
    /^the timeout of job "a" is -1, expected milliseconds above 0, at most 2147483647000/,
  ],
  ["a timeout as text", { a: { timeout: "5s" } }, /is "5s", expected milliseconds/],
  ["a timeout beyond what the resource holds", { a: { timeout: 2 ** 31 * 1_000 } }, /is 2147483648000, expected milliseconds/],
  ["a name that no job can have", { "a b": {} }, /^job "a b" must be 1 to 63 letters/],
  ["an outcome that none can have", { a: { on: { "a b": "b" } }, b: {} }, /^outcome "a b" of job "a" must be/],
  ["a schema that is none", { a: { output: { type: "object" } } }, /^the output of job "a" is no Standard Schema$/],
];
for (const [what, jobs, fault] of wrong) {
  definitions(`${what} is refused`, () => {
    const faults = ofJobs(jobs);
    assert.is(faults.length, 1, faults.join("\n"));
    assert.match(faults[0]!, fault);
  });
}

definitions("what is no definition is refused", () => {
  for (
    const definition of [undefined, null, 5, "a", [], {}, { start: "a" }, { start: "a", jobs: {} }, { start: "a", jobs: [] }]
  ) {
    assert.ok(faultsOf("a", definition).length > 0, JSON.stringify(definition));
  }
  assert.ok(faultsOf(undefined, ["a"]).length > 0);
});

definitions("more jobs that wait than signals can be kept are refused", () => {
  const jobs = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`w${index}`, { after: 1, ...index > 0 && { next: `w${index - 1}` } }])
        .reverse(),
    );
  assert.equal(ofJobs(jobs(16)), []);
  assert.match(ofJobs(jobs(17))[0]!, /^17 of its jobs wait, expected at most 16$/);
});

definitions("a definition is frozen, whatever becomes of what it was made from", () => {
  const jobs = { charge: { on: { paid: "ship" }, retry: { nonRetryable: ["A"] } }, ship: {} };
  const flow = define("order", { start: "charge", jobs });
  jobs.charge.on.paid = "charge";
  jobs.charge.retry.nonRetryable.push("B");
  assert.is(successorOf(flow, "charge", "paid"), "ship");
  assert.equal(flow.plans.charge!.retry.nonRetryable, ["A"]);
  assert.throws(() => (flow.plans as Record<string, unknown>).x = 1, TypeError);
  assert.throws(() => (flow.plans.charge!.on as Record<string, unknown>).x = 1, TypeError);
  assert.throws(() => (flow.plans.charge!.retry as unknown as Record<string, unknown>).limit = 1, TypeError);
});

definitions("names of the language are names like others", () => {
  const flow = define("a", { start: "constructor", jobs: { constructor: { on: { valueOf: "toString" } }, toString: {} } });
  assert.is(successorOf(flow, "constructor", "valueOf"), "toString");
  assert.is(successorOf(flow, "toString", "hasOwnProperty"), undefined);
  assert.is(flow.plans.hasOwnProperty, undefined);
});

const digest = suite("flow: the digest");
const graph = { a: { on: { x: "b", y: "c", failed: "c" }, timeout: 1, retry: { limit: 2 } }, b: { next: "c" }, c: {} };
const digestOf = (jobs: object) => define("f", { start: "a", jobs }).digest;
digest("is that of the jobs, and stays what it was for a sequence", () => {
  assert.is(SAMPLE.digest, "a127ae03dd566c44");
  assert.is(defineFlow("a", ["JOB1", "JOB2"]).digest, SAMPLE.digest);
  assert.is(define("b", { start: "JOB1", jobs: { JOB2: {}, JOB1: { next: "JOB2" } } }).digest, SAMPLE.digest);
  assert.is.not(defineFlow("sample", ["JOB2", "JOB1"]).digest, SAMPLE.digest);
});
digest("does not depend on the order in which members are written, nor on policies", () => {
  const turned = { c: {}, b: { next: "c" }, a: { timeout: 9, on: { failed: "c", y: "c", x: "b" }, onExhausted: "park" } };
  assert.is(digestOf(turned), digestOf(graph));
});
digest("does not depend on what handlers are told when a lease is lost, which is checked", () => {
  const jobs = { a: {} };
  const careful = define("f", { start: "a", jobs, onLeaseLost: "abort" });
  assert.equal([careful.onLeaseLost, careful.digest], ["abort", digestOf(jobs)]);
  assert.equal(faultsOf("f", { start: "a", jobs, onLeaseLost: "stop" }), [
    `its onLeaseLost is "stop", expected "abort" or nothing`,
  ]);
});
digest("tells every change of the graph apart", () => {
  const changes: object[] = [
    graph,
    { ...graph, b: {} },
    { ...graph, a: { on: { x: "c", y: "b", failed: "c" } } },
    { ...graph, a: { on: { x: "b", y: "c" } } },
    { ...graph, a: { on: { x: "b", y: "c", failed: "b" } } },
    { ...graph, c: { end: "failed" } },
    { ...graph, b: { next: "c", after: 1 } },
    { ...graph, b: { next: "c", waitFor: "signal" } },
    { a: { next: "b" }, b: { next: "c" }, c: {} },
    { a: { on: { x: "b" } }, b: { next: "c" }, c: {} },
    { a: { on: { failed: "c" }, next: "b" }, b: {}, c: {} },
    { a: { on: { failed: "b" }, next: "c" }, b: {}, c: {} },
  ];
  assert.is(new Set(changes.map(digestOf)).size, changes.length);
});
definitions.run();
digest.run();
