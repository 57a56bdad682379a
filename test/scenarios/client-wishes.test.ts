import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cancelFlow,
  defineFlow,
  type FlowRun,
  forkFlow,
  getFlow,
  type RequestState,
  resultOf,
  resumeFlow,
  retryFlow,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { conflict, cut, type Fault, interfere, late, loseAnswer, refuse, serverError } from "../../src/fake/mod.ts";
import { createOrders, messageOf, order, type Orders } from "../support/orders.ts";
import { REQUESTS } from "../support/scenario.ts";

const input = { amount: 12 };
const merge = "application/merge-patch+json";
const patches = ({ fake }: Orders) => fake.requests.writes({ resource: "requeststates", verb: "patch" }).length;
const placeOf = ({ spec }: RequestState) => `${spec.job} ${spec.state}`;
const reached = async (run: FlowRun, place: string): Promise<RequestState> => {
  for await (const request of run) if (placeOf(request) === place) return request;
  throw new Error(`it never came to ${place}`);
};

/** An order that waits for its approval. */
async function waiting(story: Orders) {
  const run = await startFlow(order, { key: "order-42", input }, story.options);
  await story.pass(reached(run, "approve REQUESTED"));
  return run;
}

const wishes = suite("scenario: wishes");

wishes("cancel, from anywhere it is named: at once where nobody works on it", async () => {
  const story = createOrders();
  const end = story.work();
  const targets = [
    (run: FlowRun) => run,
    ({ request }: FlowRun) => request,
    ({ name }: FlowRun) => name,
    () => ({ key: "order-42" }),
  ];
  for (const target of targets) {
    const run = await waiting(story);
    const cancelled = await cancelFlow(target(run), { ...story.options, flow: order });
    assert.is(cancelled.request.spec.desiredState, "Cancelled");
    const result = resultOf(await story.pass(cancelled.finished, 1_000));
    assert.equal([result.status, result.reason, result.job], ["cancelled", "Cancelled", "approve"]);
    await story.send("DELETE", `${REQUESTS}/${run.name}`); // the key is free again
  }
  await end();
});

wishes("suspend and resume; what is so already is success, and writes nothing", async () => {
  const story = createOrders();
  const end = story.work();
  const run = await waiting(story);
  const before = patches(story);
  for (const wish of [suspendFlow, suspendFlow]) assert.is((await wish(run)).request.spec.desiredState, "Suspended");
  assert.is(patches(story), before + 1);
  await signalFlow(run, "approve", "yes");
  await story.clock.advance(60_000);
  assert.is(placeOf((await getFlow(run.name, story.options)).request), "approve REQUESTED", "it stands still");
  for (const wish of [resumeFlow, resumeFlow]) {
    assert.is((await wish(run.name, story.options)).request.spec.desiredState, "Running");
  }
  assert.is(resultOf(await story.pass(run.finished)).status, "succeeded");
  await end();
});

wishes("are judged by the newest version, whatever the caller holds", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  await suspendFlow(run);
  const { request: suspended } = await getFlow(run.name, story.options);
  await resumeFlow(run);
  assert.is((await suspendFlow(suspended, story.options)).request.spec.desiredState, "Suspended");
  assert.is(patches(story), 3);
});

wishes("that cannot be are refused in one sentence", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  const what = `requeststates "default/${run.name}"`;
  await cancelFlow(run);
  const taken = "it was cancelled, which is not taken back; start a new flow";
  assert.is(await messageOf(resumeFlow(run)), `Cannot resume ${what}: ${taken}`);
  const end = story.work();
  await story.pass(run.finished);
  assert.is(await messageOf(suspendFlow(run)), `Cannot suspend ${what}: its flow is over (cancelled)`);
  assert.is(
    await messageOf(signalFlow(run, "approve", "yes")),
    `Cannot signal job "approve" of ${what}: its flow is over (cancelled)`,
  );
  await cancelFlow(run); // so already
  await end();
});

const faults: Readonly<Record<string, Fault>> = {
  "the request is lost": cut(),
  "the answer is lost": loseAnswer(),
  "it lands late": late(500),
  "500 after it took effect": serverError({ applied: true }),
  "409": conflict(),
};
for (const [what, fault] of Object.entries(faults)) {
  wishes(`are written once where ${what}`, async () => {
    const story = createOrders();
    const run = await startFlow(order, { input }, story.options);
    const calls = [
      () => suspendFlow(run),
      () => resumeFlow(run),
      () => signalFlow(run, "approve", "no", { why: "too dear" }),
      () => cancelFlow(run),
    ];
    for (const [index, call] of calls.entries()) {
      const handle = story.fake.faults.add({ match: { verb: "patch", resource: "requeststates" }, fault });
      await story.pass<unknown>(call());
      await story.clock.advance(10_000);
      assert.is(handle.hits, 1);
      assert.is(patches(story), index + 1);
    }
    const { spec } = (await getFlow(run.name, story.options)).request;
    assert.equal([spec.desiredState, spec.signals?.["approve"]?.outcome], ["Cancelled", "no"]);
  });
}

wishes("lose no race, and win none against a deletion", async () => {
  const story = createOrders();
  const { options } = story;
  const run = await startFlow(order, { input }, options);
  const path = `${REQUESTS}/${run.name}`;
  const touch = interfere(() => story.send("PATCH", path, { metadata: { labels: { touched: "yes" } } }, merge));
  story.fake.faults.add({ match: { verb: "patch", where: ({ contentType }) => contentType !== merge }, fault: touch });
  assert.is((await story.pass(suspendFlow(run))).request.metadata.labels?.["touched"], "yes");
  story.fake.faults.add({ match: { verb: "patch" }, fault: interfere(() => story.send("DELETE", path)) });
  assert.is(await messageOf(cancelFlow(run)), `Cannot cancel requeststates "default/${run.name}": it was deleted meanwhile`);
});
wishes.run();

const signals = suite("scenario: signals");

signals("may come before their job does; their data becomes its output", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  await signalFlow(run, "approve", "yes", { why: "a good customer" }, { by: "ann" });
  const end = story.work();
  const finished = await story.pass(run.finished);
  assert.equal(finished.spec.signals, { approve: { outcome: "yes", data: { why: "a good customer" }, by: "ann" } });
  assert.equal(resultOf(finished).outputs.approve, { why: "a good customer" });
  await end();
});

signals("are given once: the same again is success, another is refused", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  await signalFlow(run, "approve", "yes", undefined, { by: "ann" });
  await signalFlow(run, "approve", "yes", undefined, { by: "bob" });
  assert.is(patches(story), 1);
  assert.match(
    await messageOf(signalFlow(run, "approve", "no")),
    /^Cannot signal job "approve" of requeststates "default\/.*": another one was given by ann, and is not taken back: .*outcome is "yes", not "no"$/,
  );
});

signals("say who has given them, as the server knows him", async () => {
  const story = createOrders();
  const { cluster } = story.options;
  const run = await startFlow(order, { input }, story.options);
  const asked = await signalFlow(run, "approve", "yes");
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
  const SELF = { group: "authentication.k8s.io", version: "v1", plural: "selfsubjectreviews" };
  const answer = await cluster.create(SELF, review) as unknown as { status: { userInfo: { username: string } } };
  assert.is(asked.request.spec.signals!["approve"]!.by, answer.status.userInfo.username);
  const other = await startFlow(order, { input }, story.options);
  story.fake.faults.add({ match: { resource: SELF.plural }, fault: refuse({ code: 403, reason: "Forbidden", message: "no" }) });
  assert.is((await signalFlow(other, "approve", "yes")).request.spec.signals!["approve"]!.by, undefined);
});

signals("that are wrong are refused before anything is written", async () => {
  const story = createOrders();
  const { options } = story;
  const end = story.work();
  const run = await waiting(story);
  const before = patches(story);
  const untyped = await getFlow(run.name, options);
  const typed = await getFlow(run.name, { ...options, flow: order }) as FlowRun;
  const what = `requeststates "default/${run.name}"`;
  const sentences: readonly (readonly [Promise<unknown>, string])[] = [
    [
      signalFlow(typed, "aprove", "yes"),
      'Cannot signal job "aprove" of flow "order": there is no such job (jobs that do: approve); did you mean "approve"?',
    ],
    [
      signalFlow(typed, "ship"),
      'Cannot signal job "ship" of flow "order": it does not wait for a signal (jobs that do: approve)',
    ],
    [
      signalFlow(typed, "approve", "maybe"),
      'Cannot signal job "approve" of flow "order": its outcome is "maybe", expected one of yes, no',
    ],
    [
      signalFlow(typed, "approve", "timedOut"),
      'Cannot signal job "approve" of flow "order": its outcome is "timedOut" (the director gives that one itself), expected one of yes, no',
    ],
    [
      signalFlow(typed, "approve", "yes", "x".repeat(5_000)),
      'Cannot signal job "approve" of flow "order": its data is 5002 bytes as JSON, expected at most 4096',
    ],
    [
      signalFlow(untyped, "approve", "maybe"),
      `Cannot signal job "approve" of ${what}: its outcome is "maybe", expected one of yes, no`,
    ],
    [
      signalFlow(untyped, "aprove", "yes"),
      `Cannot signal job "aprove" of ${what}: it is not seen to wait for that (it stands at approve/REQUESTED, waiting for ${
        untyped.request.status!.waitingFor
      }); at another time the definition with its digest is needed, pass it as { flow }`,
    ],
  ];
  for (const [promise, sentence] of sentences) assert.is(await messageOf(promise), sentence);
  assert.is(patches(story), before);
  await signalFlow(untyped, "approve", "yes"); // it is seen to wait for that
  assert.is(resultOf(await story.pass(run.finished)).status, "succeeded");
  await end();
});

signals("to a flow of another graph are judged by what it is seen to wait for", async () => {
  const story = createOrders();
  const { options } = story;
  const next = defineFlow("order", {
    start: "charge",
    jobs: { charge: { next: "approve" }, approve: { waitFor: "signal", on: { yes: "ship", never: "ship" } }, ship: {} },
  });
  const early = await startFlow(order, { input }, options);
  const typed = { ...options, flow: next };
  assert.match(
    await messageOf(signalFlow(early.name, "approve", "yes", undefined, typed)),
    /it is not seen to wait for that \(it stands at charge\/REQUESTED\); at another time the definition with its digest is needed/,
  );
  const end = story.work();
  const run = await waiting(story);
  assert.match(
    await messageOf(signalFlow(run.name, "approve", "never", undefined, typed)),
    /its outcome is "never", expected one of yes, no$/,
  );
  await signalFlow(run.name, "approve", "yes", undefined, typed);
  assert.is(resultOf(await story.pass(run.finished)).status, "succeeded");
  await end();
});

signals("of somebody else, where the answer was lost, are not taken for one's own", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input }, story.options);
  const other = { spec: { signals: { approve: { outcome: "no", by: "bob" } } } };
  const steal = async () => void await story.send("PATCH", `${REQUESTS}/${run.name}`, other, merge);
  story.fake.faults.add({ match: { verb: "patch", where: ({ contentType }) => contentType !== merge }, fault: cut() });
  const told = messageOf(signalFlow(run, "approve", "yes"));
  await steal();
  assert.match(await story.pass(told), /another one was given by bob, and is not taken back: .*outcome is "no", not "yes"$/);
});
signals.run();

const retries = suite("scenario: retries and forks");

retries("let a parked flow go on, once", async () => {
  const story = createOrders();
  let vans = 0;
  const end = story.work({
    ship: async () => {
      if (vans === 0) throw new Error("no van");
    },
  });
  const run = await waiting(story);
  await signalFlow(run, "approve", "yes");
  await story.until(async () => (await getFlow(run.name, story.options)).request.status?.conditions?.[0]?.reason === "Parked");
  const before = patches(story);
  vans = 1;
  const [first, second] = await story.pass(Promise.all([retryFlow(run), retryFlow(run.name, story.options)]));
  assert.equal([first!.name, second!.name], [run.name, run.name]);
  const finished = await story.pass(run.finished);
  assert.is(resultOf(finished).status, "succeeded");
  assert.is(finished.status!.history!.filter(({ reason }) => reason === "Retried").length, 1);
  assert.is(finished.status!.history!.find(({ reason }) => reason === "Retried")!.by, "client-1");
  assert.is(patches(story), before + 6);
  await end();
});

retries("fork a flow that is over from the job that failed, with what came before", async () => {
  const story = createOrders();
  let works = false;
  const end = story.work({
    notify: async () => {
      if (!works) throw new Error("no mail");
    },
  });
  const run = await startFlow(order, { key: "x", input, labels: { tenant: "a" } }, story.options);
  await signalFlow(run, "approve", "yes");
  await story.pass(run.finished);
  works = true;
  const fork = await retryFlow(run);
  assert.not(fork.name === run.name);
  assert.is((await retryFlow(run.name, { ...story.options, flow: order })).name, fork.name, "it is not begun twice");
  assert.equal(fork.request.spec.forkedFrom, { name: run.name, uid: run.request.metadata.uid, job: "notify" });
  assert.is(fork.request.metadata.labels?.["tenant"], "a");
  assert.is(fork.request.metadata.annotations?.["crd-watcher/key"], "x,retry-1", "as people call it");
  const result = resultOf(await story.pass(fork.finished));
  assert.equal([result.status, result.path, result.outputs.charge], ["succeeded", ["notify"], { receipt: "for 12" }]);
  assert.match(await messageOf(retryFlow(fork)), /: its flow has succeeded; to do a part again, fork it$/);
  await end();
});

retries("of what has failed again are begun anew", async () => {
  const story = createOrders();
  const end = story.work({
    notify: async () => {
      throw new Error("no mail");
    },
  });
  const run = await startFlow(order, { input }, story.options);
  await signalFlow(run, "approve", "yes");
  await story.pass(run.finished);
  const names = [run.name];
  for (let time = 0; time < 3; time++) {
    const fork = await retryFlow(run);
    assert.not(names.includes(fork.name));
    names.push(fork.name);
    assert.is(resultOf(await story.pass(fork.finished)).status, "failed");
  }
  await end();
});

retries("fork from any job, with another input, once for each key", async () => {
  const story = createOrders();
  const { options } = story;
  const end = story.work();
  const run = await startFlow(order, { input }, options);
  await cancelFlow(run);
  await story.pass(run.finished);
  const wanted = { key: "again", from: "charge", input: { amount: 7 } } as const;
  const fork = await forkFlow(run, wanted);
  assert.is((await forkFlow(run.name, wanted, { ...options, flow: order })).name, fork.name);
  assert.match(
    await messageOf(forkFlow(run, { ...wanted, input: { amount: 8 } })),
    /with key "again": .* has that key and another input: spec\.input\.amount is 7, not 8; choose another key or delete it$/,
  );
  await signalFlow(fork, "approve", "yes");
  assert.equal(resultOf(await story.pass(fork.finished)).outputs.charge, { receipt: "for 7" });
  await end();
});

retries("that cannot be are refused in one sentence", async () => {
  const story = createOrders();
  const { options } = story;
  const end = story.work();
  const run = await waiting(story);
  const what = `requeststates "default/${run.name}"`;
  assert.is(await messageOf(retryFlow(run)), `Cannot retry ${what}: it is not parked, but approve/REQUESTED`);
  assert.is(
    await messageOf(forkFlow(run as FlowRun, { from: "aprove" })),
    `Cannot fork ${what} from job "aprove": flow "order" has no such job (jobs: charge, approve, ship, refund, notify); did you mean "approve"?`,
  );
  await signalFlow(run, "approve", "no");
  await story.pass(run.finished);
  const untyped = await getFlow(run.name, options);
  assert.is(
    await messageOf(retryFlow(run)),
    `Cannot fork ${what}: none of its jobs has failed for good; say from which job to go on`,
  );
  assert.is(await messageOf(retryFlow(untyped)), `Cannot retry ${what}: its definition is needed, pass it as { flow }`);
  assert.is(
    await messageOf(forkFlow(untyped, { from: "ship" })),
    `Cannot fork ${what}: its definition is needed, pass it as { flow }`,
  );
  await end();
});
retries.run();
