/**
 * A new version of a flow is deployed while an old one is under way, on a fake cluster in this process:
 * `npx tsx examples/upgrade-order.ts`, `npx deno run -P examples/upgrade-order.ts`.
 */
import { defineFlow, type FlowRun, implementFlow, resultOf, runDirector, runWorker, signalFlow, startFlow } from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";
import { requestStateCrd } from "crd-watcher/testing";

const job = async () => {};
const approve = { waitFor: "signal", on: { yes: "ship", no: "refund" } } as const;
const last = { ship: {}, refund: { end: "failed" } } as const;

const first = implementFlow(
  defineFlow("order", { start: "charge", jobs: { charge: { next: "approve" }, approve, ...last } }),
  { charge: job, ship: job, refund: job },
);
const second = implementFlow( // fraud is looked for now
  defineFlow("order", { start: "charge", jobs: { charge: { next: "screen" }, screen: { next: "approve" }, approve, ...last } }),
  { ...first.handlers, screen: job },
);

const cluster = createFetchCluster(createFakeCluster({ crds: [requestStateCrd] }).fetch); // or: await connect(), from "crd-watcher/node"

/** What runs at a time. Each request is driven by the version that it was started with. */
function deploy(...versions: readonly (typeof first | typeof second)[]) {
  const ending = new AbortController();
  const options = { cluster, signal: ending.signal };
  const running = [runDirector(versions.map(({ flow }) => flow), options), runWorker(versions, options)];
  return async () => {
    ending.abort(); // drains
    await Promise.all(running.map(({ finished }) => finished));
  };
}

async function show(name: string, run: FlowRun) {
  const { status, path } = resultOf(await run.finished);
  console.log(`${name}: ${status} by way of ${path.join(", ")}`);
}

const before = deploy(first);
const old = await startFlow(first.flow, { key: "order-1" }, { cluster });
for await (const { spec } of old) if (spec.job === "approve") break;
console.log("order-1: waits for its approval");
await before();

const after = deploy(first, second); // the old version stays until its last flow is over
const young = await startFlow(second.flow, { key: "order-2" }, { cluster });
await signalFlow(old, "approve", "yes");
await signalFlow(young, "approve", "yes"); // it may come before its job does
await show("order-1", old);
await show("order-2", young);
await after();
