/** A flow that is stuck in production goes on in a test from where it stands. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { stringify } from "yaml";
import { defineFlow, implementFlow } from "../../mod.ts";
import { testFlow } from "../../src/testing/mod.ts";

const flow = defineFlow("order", {
  start: "charge",
  jobs: {
    charge: { next: "approve", retry: { limit: 4, initial: 60_000, factor: 1, max: 60_000 } },
    approve: { waitFor: "signal", on: { yes: "ship", timedOut: "ship" }, timeout: 86_400_000 },
    ship: {},
  },
  deadline: 7 * 86_400_000,
});
const begun: string[] = [];
const orders = implementFlow(flow, {
  charge: async ({ idempotencyKey, attempt }) => void begun.push(`${idempotencyKey} ${attempt}`),
  ship: async () => {},
});

const entry = (job: string, state: string, time: string, more: object = {}) => ({
  job,
  state,
  timestamp: `2026-11-20T${time}Z`,
  attempt: 1,
  ...more,
});
/** As `kubectl get requeststate r-1 -o yaml` shows it. */
const found = (job: string, state: string, status: object, spec: object = {}) => ({
  apiVersion: "com.redhat.ecosystem.sample/v1",
  kind: "RequestState",
  metadata: {
    name: "r-1",
    namespace: "shop",
    uid: "8c0d9a6e-0000-4000-8000-000000000001",
    resourceVersion: "123456",
    generation: 4,
    creationTimestamp: "2026-11-20T08:00:00Z",
    managedFields: [{
      manager: "node",
      operation: "Update",
      apiVersion: "com.redhat.ecosystem.sample/v1",
      fieldsType: "FieldsV1",
      fieldsV1: {},
    }],
  },
  spec: {
    ...{ "request-uid": "r-1", flow: "order", flowDigest: flow.digest, job, state, attempt: 1 },
    ...{ activeDeadlineSeconds: 604_800, ttlSecondsAfterFinished: 86_400 },
    ...spec,
  },
  status,
});
const requested = entry("charge", "REQUESTED", "08:00:00.000", { seq: 1, by: "client" });
const started = entry("charge", "STARTED", "08:00:01.000", { seq: 2, by: "worker-x" });

const stuck = suite("test kit: an object of production");

stuck("STARTED by a worker that is dead: taken over, with its own idempotency key and the next attempt", async () => {
  const claim = { id: "c-1", holderIdentity: "worker-x", job: "charge", attempt: 1, acquireTime: "2026-11-20T08:00:01.000Z" };
  const object = found("charge", "STARTED", { history: [requested, started], claim });
  for (const given of [object, stringify(object), JSON.stringify({ apiVersion: "v1", kind: "List", items: [object] })]) {
    begun.length = 0;
    const t = await testFlow(orders, { objects: [given] });
    assert.is(new Date(t.clock.now()).toISOString(), "2026-11-20T08:00:01.000Z");
    const run = await t.get("r-1");
    assert.is(run.namespace, "shop");
    await t.until(run, "approve");
    assert.equal(begun, ["8c0d9a6e-0000-4000-8000-000000000001/charge 2"]);
    assert.equal(t.history(run).slice(0, 3), ["charge/REQUESTED", "charge/STARTED", "charge/REQUESTED WorkerLost"]);
    const took = t.clock.now() - Date.UTC(2026, 10, 20, 8, 0, 1);
    assert.ok(took >= 20_000 && took < 30_000, `${took} ms`);
    await t.close();
  }
});

stuck("FAILED, in its backoff: tried again when that is over", async () => {
  const failed = entry("charge", "FAILED", "08:00:02.000", { seq: 3, by: "worker-x" });
  const lastError = { type: "Error", message: "the bank is closed", retryable: true, job: "charge", attempt: 1 };
  const object = found("charge", "FAILED", { history: [requested, started, failed], lastError });
  begun.length = 0;
  const t = await testFlow(orders, { objects: [object] });
  const run = await t.get(object as never);
  await t.until(run, "approve");
  assert.is(begun.length, 1);
  assert.ok(t.clock.now() <= Date.UTC(2026, 10, 20, 8, 1, 4), new Date(t.clock.now()).toISOString());
  await t.close();
});

stuck("waiting for a signal: goes on by it, or when its time is over", async () => {
  const history = [
    requested,
    started,
    entry("charge", "COMPLETED", "08:00:02.000", { seq: 3 }),
    entry("approve", "REQUESTED", "08:00:03.000", { seq: 4 }),
  ];
  const object = found("approve", "REQUESTED", { history, waitingFor: "signal yes until 2026-11-21T08:00:03Z" });
  const t = await testFlow(orders, { objects: [object] });
  const run = await t.get("shop/r-1");
  await t.signal(run as never, "approve" as never, "yes" as never);
  assert.equal((await t.untilOver(run)).path, ["charge", "approve", "ship"]);
  await t.close();
  const late = await testFlow(orders, { objects: [object] });
  await late.until("r-1", "ship");
  assert.is(new Date(late.clock.now()).toISOString().slice(0, 19), "2026-11-21T08:00:03");
  await late.close();
});

stuck("of a version that the test was not given: says so, with both digests", async () => {
  const object = found("charge", "REQUESTED", { history: [requested] }, { flowDigest: "0000000000000000" });
  const t = await testFlow(orders, { objects: [object] });
  const message = await t.until("r-1", "approve").then(() => "", (error: Error) => error.message);
  assert.match(
    message,
    new RegExp(
      `its graph has the digest 0000000000000000, those given to this test have ${flow.digest}|DeadlineExceeded|it is over`,
    ),
  );
  await t.close();
});

stuck("what is no object is said by its place", async () => {
  const wrong = (objects: (object | string)[]) => testFlow(orders, { objects }).then(() => "", (error: Error) => error.message);
  assert.is(await wrong([{}]), "Cannot set up the test: objects[0] has no kind, expected an object of Kubernetes");
  assert.match(await wrong(["a: [b"]), /^Cannot set up the test: objects\[0\] is no YAML: /);
});
stuck.run();
