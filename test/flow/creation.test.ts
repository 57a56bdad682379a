import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keyConflict, startRequest } from "../../src/flow/creation.ts";
import { defineFlow, SAMPLE } from "../../src/flow/definition.ts";
import { forkRequest } from "../../src/flow/fork.ts";
import type { StandardSchema } from "../../src/flow/standard-schema.ts";
import { checkSignal, giveSignal, retryParked, wish } from "../../src/flow/wishes.ts";
import type { RequestState } from "../../src/request-state.ts";

const creator = { namespace: "shop", by: "client-1", now: Date.UTC(2026, 0, 1) };
const amount: StandardSchema<{ amount: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof (value as { amount?: unknown } | undefined)?.amount === "number"
        ? { value: value as { amount: number } }
        : { issues: [{ message: "expected a number", path: ["amount"] }] },
  },
};
const order = defineFlow("order", {
  start: "approve",
  jobs: {
    approve: { waitFor: "signal", on: { yes: "ship", no: "stop" }, output: amount },
    ship: { next: "bill" },
    bill: {},
    stop: { end: "failed" },
  },
  input: amount,
  deadline: 1_500,
  ttl: 0,
});
/** Those of every request of that flow. */
const LABELS = { "app.kubernetes.io/name": "order", "app.kubernetes.io/managed-by": "crd-watcher" };
/** As a server gives it back. */
const stored = (request: object): RequestState => {
  const copy = JSON.parse(JSON.stringify(request)) as RequestState;
  return { ...copy, metadata: { ...copy.metadata, uid: "u-1", resourceVersion: "5", creationTimestamp: "2026-01-01T00:00:00Z" } };
};
const message = async (action: () => unknown): Promise<string> => {
  try {
    await action();
  } catch (error) {
    return (error as Error).message;
  }
  return assert.unreachable() as never;
};

const creations = suite("flow: creation");
creations("writes what the definition says, in the units of Kubernetes", async () => {
  const request = await startRequest(order, {
    key: "k",
    input: { amount: 1 },
    labels: { a: "b" },
    notBefore: Date.UTC(2026, 0, 2),
  }, creator);
  assert.equal(request.metadata, {
    ...{ name: request.spec["request-uid"], namespace: "shop", labels: { ...LABELS, a: "b" } },
    annotations: { "crd-watcher/key": "k" },
  });
  const { "request-uid": uid, ...spec } = request.spec;
  assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(spec, {
    job: "approve",
    state: "REQUESTED",
    attempt: 1,
    flow: "order",
    flowDigest: order.digest,
    input: { amount: 1 },
    notBefore: "2026-01-02T00:00:00.000Z",
    activeDeadlineSeconds: 2,
    ttlSecondsAfterFinished: 0,
  });
  assert.is(request.status!.waitingFor, "signal yes|no");
});
creations("refuses an input that does not fit, and a notBefore that is no time", async () => {
  assert.is(
    await message(() => startRequest(order, { input: { amount: "1" } }, creator)),
    'Cannot start flow "order": its input does not fit its schema: amount: expected a number',
  );
  for (const notBefore of [NaN, Infinity, -1, new Date("x"), null as never]) {
    const text = await message(() => startRequest(SAMPLE, { notBefore }, creator));
    assert.match(text, /^Cannot start flow "sample": notBefore is .*, expected a Date or milliseconds since 1970$/);
  }
});
creations("refuses a key that is no text", async () => {
  for (const key of [5, null, {}]) {
    assert.match(
      await message(() => startRequest(SAMPLE, { key: key as never }, creator)),
      /^The key of a flow is .*, expected a text$/,
    );
  }
});
creations("finds its own request again, whatever the input looks like", async () => {
  for (const input of [null, -0, 2 ** 53 + 1, "\ud800", { "\ud800": 1 }, new Date(0), { a: undefined }, undefined, [{ a: 1 }]]) {
    const wanted = await startRequest(SAMPLE, { key: "k", input }, creator);
    assert.is(keyConflict(stored(wanted), wanted, "k"), undefined);
    const other = await startRequest(SAMPLE, { key: "k", input: { other: true } }, creator);
    assert.match(keyConflict(stored(other), wanted, "k")!, /has that key and another input: spec\.input(\.other)? is /);
  }
});

creations("what is handed over and nothing that JSON can say is refused in the words of who hands it over", async () => {
  const plain = defineFlow("plain", { start: "approve", jobs: { approve: { waitFor: "signal", next: "ship" }, ship: {} } });
  const source = stored(await startRequest(plain, {}, creator));
  const odd = { items: [1, { at: NaN }] };
  const why = "is nothing that JSON can say";
  const remedy = "; use null or a text for it";
  const sentences: readonly (readonly [() => unknown, string])[] = [
    [
      () => startRequest(plain, { input: odd }, creator),
      `Cannot start flow "plain": its input ${why}: input.items[1].at is NaN${remedy}`,
    ],
    [
      () => forkRequest(plain, source, { from: "ship", input: odd }, creator),
      `Cannot fork requeststates "shop/${source.metadata.name}": its input ${why}: input.items[1].at is NaN${remedy}`,
    ],
    [
      () => checkSignal(plain, "approve", { data: odd }),
      `Cannot signal job "approve" of flow "plain": its data ${why}: data.items[1].at is NaN${remedy}`,
    ],
  ];
  for (const [action, sentence] of sentences) assert.is(await message(action), sentence);
});

const forks = suite("flow: forks");
forks("take with them what the jobs before gave back, and nothing else", async () => {
  const started = await startRequest(order, { input: { amount: 1 }, labels: { a: "b" } }, creator);
  const source = stored({
    ...started,
    spec: { ...started.spec, job: "bill", state: "FAILED" },
    status: { ...started.status, outputs: { approve: { amount: 2 }, bill: 3, stop: 4 }, completionTime: "2026-01-01T00:00:00Z" },
  });
  const fork = await forkRequest(order, source, {}, creator);
  assert.is(fork.spec.job, "bill");
  assert.equal(fork.spec.forkedFrom, { name: source.metadata.name, uid: "u-1", job: "bill" });
  assert.equal(fork.status!.outputs, { approve: { amount: 2 } });
  assert.equal([fork.spec.input, fork.metadata.labels], [{ amount: 1 }, { ...LABELS, a: "b" }]);
  assert.equal((await forkRequest(order, source, { from: "ship", input: { amount: 9 } }, creator)).spec.input, { amount: 9 });
  assert.match(
    await message(() => forkRequest(order, source, { from: "shop" }, creator)),
    /from job "shop": flow "order" has no such job \(jobs: approve, ship, bill, stop\); did you mean "ship"\?$/,
  );
  assert.match(await message(() => forkRequest(order, source, { input: {} }, creator)), /does not fit its schema/);
  const done = { ...source, spec: { ...source.spec, state: "COMPLETED" }, status: { completionTime: "2026-01-01T00:00:00Z" } };
  assert.match(
    await message(() => forkRequest(order, done, {}, creator)),
    /none of its jobs has failed for good; say from which job to go on$/,
  );
  const entry = (job: string, state: string, attempt = 1) => ({ job, state, attempt, timestamp: "2026-01-01T00:00:00Z" });
  const undone = (...history: object[]) => ({ ...done, status: { ...done.status, history } }) as unknown as typeof done;
  const twice = [entry("bill", "FAILED"), entry("bill", "COMPLETED", 2), entry("stop", "COMPLETED")];
  assert.match(
    await message(() => forkRequest(order, undone(...twice), {}, creator)),
    /none of its jobs has failed for good/,
  );
  const branched = [entry("ship", "FAILED"), ...twice];
  assert.is((await forkRequest(order, undone(...branched), {}, creator)).spec.job, "ship");
  for (const state of ["STARTED", "FAILED"]) {
    const underWay = { ...source, spec: { ...source.spec, state }, status: {} };
    assert.match(
      await message(() => forkRequest(order, underWay, {}, creator)),
      /none of its jobs has failed for good; say from/,
    );
  }
  assert.match(await message(() => forkRequest(SAMPLE, source, {}, creator)), /it is of flow "order", not of "sample"$/);
});

forks("are called as what they go on from, and how, however long that is", async () => {
  const shown = async (key: string | undefined, more: object) => {
    const source = stored(await startRequest(order, { input: { amount: 1 }, key }, creator));
    const fork = await forkRequest(order, source, { from: "ship", ...more }, creator);
    return (fork.metadata.annotations?.["crd-watcher/key"] ?? "").replace(source.metadata.name, "NAME");
  };
  assert.equal(
    await Promise.all([
      shown("a", {}),
      shown("a", { key: "retry 2 of u-1", retry: 2 }),
      shown("a", { key: "b" }),
      shown(undefined, {}),
      shown("", {}),
    ]),
    ["a,from-ship", "a,retry-2", "b", "NAME,from-ship", "NAME,from-ship"],
  );
  const long = await shown("é".repeat(2_000), {});
  assert.match(long, /^é+…,from-ship$/);
  assert.ok(new TextEncoder().encode(long).length <= 1_024);
});

const wishes = suite("flow: wishes");
wishes("for what cannot be are refused in one sentence", async () => {
  const request = stored(await startRequest(order, { input: { amount: 1 } }, creator));
  const over = { ...request, status: { completionTime: "2026-01-01T00:00:00Z" } };
  const cancelled = { ...request, spec: { ...request.spec, desiredState: "Cancelled" as const } };
  const given = { ...request, spec: { ...request.spec, signals: { approve: { outcome: "yes", by: "ann" } } } };
  const sentences: readonly (readonly [() => unknown, RegExp])[] = [
    [() => wish(over, "Cancelled"), /^Cannot cancel requeststates "shop\/.*": its flow is over \(failed\)$/],
    [() => wish(cancelled, "Running"), /^Cannot resume .*: it was cancelled, which is not taken back; start a new flow$/],
    [() => giveSignal(over, "approve", { outcome: "yes" }), /its flow is over \(failed\)$/],
    [
      () => giveSignal(given, "approve", { outcome: "no" }),
      /another one was given by ann, and is not taken back: spec.signals.approve.outcome is "yes", not "no"$/,
    ],
    [() => retryParked(request), /it is not parked, but approve\/REQUESTED$/],
    [() => retryParked(over), /its flow is over \(failed\), fork it from the job that failed$/],
    [
      () => checkSignal(order, "aprove", { outcome: "yes" }),
      /^Cannot signal job "aprove" of flow "order": there is no such job \(jobs that do: approve\); did you mean "approve"\?$/,
    ],
    [() => checkSignal(order, "ship", {}), /it does not wait for a signal \(jobs that do: approve\)$/],
    [() => checkSignal(order, "approve", { outcome: "maybe" }), /its outcome is "maybe", expected one of yes, no$/],
    [() => checkSignal(order, "approve", {}), /its outcome is missing, expected one of yes, no$/],
    [() => checkSignal(order, "approve", { outcome: "timedOut" }), /"timedOut" \(the director gives that one itself\), expected/],
    [
      () => checkSignal(order, "approve", { outcome: "yes", data: { amount: "x" } }),
      /its data does not fit its schema: amount: expected a number$/,
    ],
    [
      () => checkSignal(order, "approve", { outcome: "yes", data: "x".repeat(5_000) }),
      /its data is 5002 bytes as JSON, expected at most 4096$/,
    ],
  ];
  for (const [action, sentence] of sentences) assert.match(await message(action), sentence);
  assert.equal(await checkSignal(order, "approve", { outcome: "yes", data: { amount: 1 }, by: "ann" }), {
    outcome: "yes",
    data: { amount: 1 },
    by: "ann",
  });
});
creations.run();
forks.run();
wishes.run();
