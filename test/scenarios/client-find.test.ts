import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cancelFlow,
  type FlowSelection,
  type FlowStatus,
  getFlow,
  listFlows,
  SAMPLE,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { createFakeCluster, expired, tooManyRequests, unavailable } from "../../src/fake/mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createOrders, messageOf, order, type Orders } from "../support/orders.ts";
import { crd, REQUESTS } from "../support/scenario.ts";

const input = { amount: 12 };

const finding = suite("scenario: finding a flow");

finding("by its name, with its namespace, by its key, by its request, by a run", async () => {
  const story = createOrders();
  const { options } = story;
  const run = await startFlow(order, { key: "order-42", input }, options);
  const typed = { ...options, flow: order };
  const targets = [run.name, `default/${run.name}`, { key: "order-42" }, run.request, run];
  for (const target of targets) {
    const found = await getFlow(target, typed);
    assert.equal([found.name, found.namespace, found.flow], [run.name, "default", order]);
    assert.is(found.request.metadata.uid, run.request.metadata.uid);
  }
  assert.is((await getFlow(`default/${run.name}`, { ...options, namespace: "shop" })).namespace, "default");
  assert.is((await getFlow(run.name, options)).flow, undefined);
});

finding("that is not there, or is another, is refused in one sentence", async () => {
  const story = createOrders();
  const { options } = story;
  const run = await startFlow(order, { key: "order-42", input }, options);
  const look = 'look with "kubectl get requeststates -n shop"';
  const there = { ...options, namespace: "shop" };
  assert.is(await messageOf(getFlow("order-1", there)), `Cannot get requeststates "shop/order-1": there is none; ${look}`);
  assert.is(await messageOf(cancelFlow("order-1", there)), `Cannot cancel requeststates "shop/order-1": there is none; ${look}`);
  assert.is(
    await messageOf(getFlow({ key: "order-42" }, { ...there, flow: order })),
    `Cannot get requeststates "shop/${run.name}" of key "order-42": there is none; ${look}`,
  );
  assert.is(
    await messageOf(getFlow({ key: "order-42" }, options)),
    'Cannot get the flow of key "order-42": its definition is needed, pass it as { flow }',
  );
  assert.is(
    await messageOf(getFlow(run.name, { ...options, flow: SAMPLE })),
    `Cannot get requeststates "default/${run.name}": it is of flow "order", not of "sample"`,
  );
  for (
    const [target, shown] of [["", '""'], ["a/b/c", '"a/b/c"'], ["../x", '"../x"'], [undefined, "undefined"], [
      {},
      "[object Object]",
    ], [{ key: undefined, flow: "order" }, "{ key: undefined }"]]
  ) {
    assert.is(
      await messageOf(getFlow(target as string, options)),
      `Cannot get a flow: it is given as ${shown}, expected the name of its request, { key }, a request or a run`,
    );
  }
  assert.match(await messageOf(getFlow("a", { ...options, namespace: "" })), /^Cannot get a flow: namespace is "", expected one/);
  assert.match(
    await messageOf(getFlow("a", {} as typeof options)),
    /^Cannot get a flow: options.cluster is undefined, expected what/,
  );
});

finding("that was deleted, or made anew, is not another one", async () => {
  const story = createOrders();
  const { options } = story;
  const run = await startFlow(order, { input }, options);
  const { apiVersion, kind, spec } = run.request;
  await story.send("DELETE", `${REQUESTS}/${run.name}`);
  const look = 'look with "kubectl get requeststates -n default"';
  const what = `requeststates "default/${run.name}"`;
  assert.is(await messageOf(cancelFlow(run)), `Cannot cancel ${what}: it was deleted; ${look}`);
  await story.send("POST", REQUESTS, { apiVersion, kind, metadata: { name: run.name }, spec });
  for (const target of [run, run.request]) {
    const told = await messageOf(cancelFlow(target, options));
    assert.is(told, `Cannot cancel ${what}: it was deleted, another one has its name now; ${look}`);
  }
  assert.is(story.writes().length, 3);
});

finding("where RequestStates are not installed, or the namespace is not there, says what to do", async () => {
  const empty = createFetchCluster(createFakeCluster({}).fetch);
  const options = { cluster: empty };
  const told = [startFlow(order, { input }, options), getFlow("a", options), cancelFlow("a", options), listFlows({}, options)];
  for (const text of await Promise.all(told.map(messageOf))) {
    assert.match(
      text,
      /does not serve requeststates\.com\.redhat\.ecosystem\.sample\/v1: install the resource with "kubectl apply -f node_modules\/crd-watcher\/crds" \(in a checkout: -f crds\)$/,
    );
  }
  const story = createOrders();
  assert.is(
    await messageOf(startFlow(order, { input }, { ...story.options, namespace: "nowhere" })),
    'Namespace "nowhere" does not exist: create it with "kubectl create namespace nowhere"',
  );
});

finding("gets by where the server stumbles, and not for ever", async () => {
  const story = createOrders();
  const { options } = story;
  const run = await startFlow(order, { input }, options);
  for (const fault of [unavailable(), tooManyRequests(2)]) {
    for (const call of [() => getFlow(run.name, options), () => listFlows({}, options)]) {
      story.fake.faults.add({ match: { resource: "requeststates" }, times: 2, fault });
      await story.pass<unknown>(call());
      assert.is(story.fake.faults.waiting, 0);
    }
  }
  story.fake.faults.add({ match: { resource: "requeststates" }, times: Infinity, fault: unavailable() });
  for (const call of [() => getFlow(run.name, options), () => listFlows({}, options), () => cancelFlow(run)]) {
    assert.match(await story.pass(messageOf(call())), /^Cannot (get|list|patch) requeststates/);
  }
  assert.is(story.clock.pending, 0);
});
finding.run();

const listing = suite("scenario: listing flows");

/** One flow of each status. */
async function oneOfEach(story: Orders): Promise<Record<FlowStatus, string>> {
  const { options } = story;
  const start = async (amount: number) =>
    await startFlow(order, { input: { amount }, labels: { amount: `a${amount}` } }, options);
  const end = story.work({
    charge: ({ input }) =>
      input.amount === 0 ? new Promise(() => {}) : Promise.resolve({ outcome: "paid", output: { receipt: "" } }),
    ship: async ({ input }) => {
      if (input.amount === 2) throw new Error("no van");
    },
  });
  const [waiting, parked, failed, succeeded, cancelled] = [
    await start(1),
    await start(2),
    await start(3),
    await start(4),
    await start(5),
  ];
  await signalFlow(parked, "approve", "yes");
  await signalFlow(failed, "approve", "no");
  await signalFlow(succeeded, "approve", "yes");
  await cancelFlow(cancelled);
  await story.pass(Promise.all([failed.finished, succeeded.finished, cancelled.finished]));
  await story.clock.advance(60_000);
  const running = await start(0);
  await story.clock.advance(1_000);
  void end;
  const runs = { running, waiting, parked, failed, succeeded, cancelled };
  return Object.fromEntries(Object.entries(runs).map(([status, { name }]) => [status, name])) as Record<FlowStatus, string>;
}

listing("by where they stand, by flow, by labels", async () => {
  const story = createOrders();
  const { options } = story;
  const names = await oneOfEach(story);
  await startFlow(SAMPLE, { labels: { amount: "a1" } }, options);
  const found = async (selection: FlowSelection) => (await listFlows(selection, options)).map(({ name }) => name).sort();
  const named = (...statuses: FlowStatus[]) => statuses.map((status) => names[status]).sort();
  const all = Object.keys(names) as FlowStatus[];
  for (const status of all) assert.equal(await found({ flow: order, status }), named(status), status);
  assert.equal(await found({ flow: "order", status: ["failed", "parked"] }), named("failed", "parked"));
  assert.equal(await found({ flow: order, status: [] }), []);
  assert.equal(await found({ flow: order }), named(...all));
  assert.is((await found({})).length, all.length + 1);
  assert.is((await found({ flow: "sample" })).length, 1);
  assert.equal(await found({ flow: "other" }), []);
  assert.equal(await found({ flow: "a,b=c" }), []);
  assert.equal(await found({ flow: order, labelSelector: "amount in (a1,a4)" }), named("waiting", "succeeded"));
  assert.equal(await found({ labelSelector: "amount=a1", status: "running", flow: "order" }), []);
});

listing("in the order of their creation, over namespaces, in pages", async () => {
  const objects = Array.from({ length: 1_203 }, (_, index) => ({
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: `r-${(index * 7) % 1_203}`, namespace: index % 3 ? "default" : "shop" },
    spec: { "request-uid": `r-${index}`, job: "JOB1", state: index % 2 ? "REQUESTED" : "FAILED" },
  }));
  const fake = createFakeCluster({ crds: [crd], objects });
  const options = { cluster: createFetchCluster(fake.fetch) };
  const all = await listFlows({ allNamespaces: true }, options);
  assert.is(all.length, 1_203);
  assert.is(fake.requests.matching({ verb: "list" }).length, 3);
  assert.is(new Set(all.map(({ namespace }) => namespace)).size, 2);
  assert.is((await listFlows({}, { ...options, namespace: "shop" })).length, 401);
  assert.is((await listFlows({ namespace: "shop" }, options)).length, 401);
  assert.match(await messageOf(listFlows({ namespace: "" }, options)), /^Cannot list flows: namespace is "", expected/);
  const key = ({ request: { metadata } }: (typeof all)[number]) => `${metadata.creationTimestamp} ${metadata.name}`;
  assert.equal(all.map(key), all.map(key).sort());
  // The list begins anew where its next page is gone: nothing is there twice.
  fake.faults.add({ match: { verb: "list" }, nth: 2, fault: expired() });
  const anew = await listFlows({ allNamespaces: true }, options);
  assert.is(new Set(anew.map(({ namespace, name }) => `${namespace}/${name}`)).size, 1_203);
  assert.is(anew.length, 1_203);
});

listing("by a status that is none is refused", async () => {
  const { options } = createOrders();
  assert.is(
    await messageOf(listFlows({ status: "done" as FlowStatus }, options)),
    'Cannot list flows: status is "done", expected one of running, waiting, parked, failed, succeeded, cancelled',
  );
});

listing("knows what is suspended, and what is delayed", async () => {
  const story = createOrders();
  const { options } = story;
  const run = await startFlow(order, { input }, options);
  await suspendFlow(run);
  await startFlow(order, { input, notBefore: story.clock.now() + 3_600_000 }, options);
  const status = async () => (await listFlows({ status: "waiting" }, options)).length;
  assert.is(await status(), 2);
  await story.clock.advance(3_600_000);
  assert.is(await status(), 1);
});
listing.run();
