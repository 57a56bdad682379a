import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../src/flow.ts";
import { claimJob } from "../../src/flow/claim.ts";
import { newRequest } from "../../src/flow/creation.ts";
import { defineFlow } from "../../src/flow/definition.ts";
import { reportJob } from "../../src/flow/report.ts";
import { resultOfHandler, resultOfThrown, strayText } from "../../src/flow/result.ts";
import type { Transition } from "../../src/flow/transition.ts";
import { writeOf } from "../../src/flow/write.ts";
import { NeverRetryError, RetryAfterError } from "../../src/errors.ts";
import type { RequestState } from "../../src/request-state.ts";

const name = (text: string) => text.padEnd(63, "x");
const flow = defineFlow(name("poll"), {
  start: name("first"),
  jobs: { [name("first")]: { next: name("second") }, [name("second")]: {} },
});
const begin = Date.UTC(2026, 0, 1);

const long = suite("flow: a long one");
long("of 1,000 transitions stays under 16 KiB, and keeps its first start, its numbers and its attempts", () => {
  const by = `worker-on-a-pod-with-a-rather-long-name-${"0123456789".repeat(3)}`;
  let now = begin;
  let request: RequestState = {
    ...newRequest(flow, { uid: "00000000-0000-4000-8000-000000000000" }, { namespace: "shop", by, now }),
    metadata: { name: "r", namespace: "shop", uid: "u", resourceVersion: "1", creationTimestamp: new Date(now).toISOString() },
  };
  const make = (transition: Transition | undefined) => request = writeOf(request, transition!, { by, now: now += 1_000 }).next;
  const id = "0123456789abcdef-zzzz";
  let largest = 0;
  for (let transitions = 1; transitions < 1_000; transitions++) {
    const { state } = request.spec;
    if (state === "REQUESTED") make(claimJob(flow, request, { id, holderIdentity: by, now }));
    else if (state === "STARTED") {
      make(reportJob(flow, request, id, resultOfThrown(new RetryAfterError(500, "not yet ".repeat(200))), now));
    } else {
      const decision = decide(flow, request, { now: now + 1_000 });
      assert.is(decision.action, "write");
      make(decision.action === "write" ? decision.transition : undefined);
    }
    largest = Math.max(largest, new TextEncoder().encode(JSON.stringify(request)).length);
  }
  assert.ok(largest < 16_384, `${largest} bytes`);
  const { history, historyDropped, startTime, failures } = request.status!;
  assert.equal([history!.length, historyDropped, history!.at(-1)!.seq], [32, 968, 1_000]);
  assert.is(startTime, new Date(begin + 1_000).toISOString());
  assert.is(request.spec.attempt, 334);
  assert.is(failures, undefined, "to come back is no failure");
});

const results = suite("flow: results of handlers");
const order = defineFlow("order", { start: "a", jobs: { a: { on: { yes: "b", no: "b", failed: "b" } }, b: {} } });
const request = { status: {} } as RequestState;
results("that hold more than a result has: what is dropped is said, and what may be meant", () => {
  const dropped = (member: string, meant = "") =>
    `The handler of job a gave back a member "${member}", which is dropped: expected outcome and output${meant}`;
  const pairs: readonly (readonly [given: unknown, says: string | undefined])[] = [
    [{ outcome: "yes", outptu: { n: 1 } }, dropped("outptu", '; did you mean "output"?')],
    [{ output: 1, Outcome: "yes" }, dropped("Outcome", '; did you mean "outcome"?')],
    [{ outcome: "yes", receipt: "r-1" }, dropped("receipt")],
    [{ outcome: "yes", output: 1, note: undefined }, undefined],
    [{ outcome: "yes", output: undefined }, undefined],
    [{ receipt: "r-1" }, undefined], // the job fails for it
    [{
      outcome: "yes",
      get other() {
        throw new Error("a getter");
      },
    }, undefined],
    [undefined, undefined],
    [null, undefined],
    ["text", undefined],
    [7, undefined],
  ];
  for (const [given, says] of pairs) assert.is(strayText("a", given), says);
});

results("that are none fail the job for good, and say what was expected", async () => {
  const pairs: readonly (readonly [job: string, given: unknown, message: RegExp])[] = [
    ["a", undefined, /^The handler of job a gave back no outcome, expected one of yes, no$/],
    ["a", { outcome: "maybe" }, /gave back outcome "maybe", expected one of yes, no$/],
    ["a", { outcome: "failed" }, /gave back outcome "failed", expected one of yes, no$/],
    ["b", { outcome: "yes" }, /gave back outcome "yes", expected none$/],
    ["b", "text", /gave back a string, expected \{ outcome, output \} or nothing$/],
    ["b", [1], /gave back a list, expected/],
    ["b", null, /gave back null, expected/],
    ["b", (async function* () {})(), /gave back an AsyncGenerator, expected/],
    ["b", new Response("text"), /gave back a Response, expected/],
    ["b", new TypeError("x"), /gave back an error, expected \{ outcome, output \} or nothing$/],
    ["b", new Map([["output", 1]]), /gave back a Map, expected/],
    ["b", { outptu: 1, more: 2 }, /gave back an object with outptu, more, expected/],
    ["b", { output: () => {} }, /^The output is nothing that JSON can say: output is a function; give its content as /],
    ["b", { output: 1n }, /^The output is nothing that JSON can say: /],
    ["b", { output: "x".repeat(4_095) }, /^The output is 4097 bytes as JSON, at most 4096 are kept: store it elsewhere/],
  ];
  for (const [job, given, message] of pairs) {
    const result = await resultOfHandler(order.plans[job]!, given, request);
    assert.is(result.state, "FAILED");
    if (result.state !== "FAILED") continue;
    assert.match(result.error.message, message);
    assert.is(result.error.retryable, false);
  }
  assert.equal(await resultOfHandler(order.plans.a!, { outcome: "yes", output: null }, request), {
    state: "COMPLETED",
    outcome: "yes",
    output: null,
  });
  assert.equal(await resultOfHandler(order.plans.b!, undefined, request), { state: "COMPLETED" });
});
results("that were thrown say whether and when it is worth another attempt", () => {
  const errorOf = (thrown: unknown) => {
    const result = resultOfThrown(thrown);
    return result.state === "FAILED" ? [result.error.type, result.error.retryable, result.error.retryAfterSeconds] : [];
  };
  assert.equal(errorOf(new TypeError("x")), ["TypeError", true, undefined]);
  assert.equal(errorOf(new NeverRetryError("x")), ["NeverRetryError", false, undefined]);
  assert.equal(errorOf(new RetryAfterError(1_500)), ["RetryAfterError", true, 1.5]);
  for (const ms of [-1, NaN, Infinity]) assert.throws(() => new RetryAfterError(ms), RangeError);
});
long.run();
results.run();
