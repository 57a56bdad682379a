/**
 * A trip that cleans up when a part of it fails, on a fake cluster in this process:
 * `npx tsx examples/undo-booking.ts`, `npx deno run -P examples/undo-booking.ts`.
 */
import { createConsoleLog, defineFlow, resultOf, runDirector, runWorker, shape, startFlow } from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";
import { requestStateCrd } from "crd-watcher/testing";

const trip = defineFlow("trip", {
  start: "book-flight",
  jobs: {
    "book-flight": { next: "book-hotel", output: shape<{ seat: string }>() },
    "book-hotel": { on: { failed: "cancel-flight" }, retry: { limit: 2, initial: 20 /* ms */ } },
    "cancel-flight": { end: "failed" }, // the clean-up is done, the trip is off
  },
});

const cluster = createFetchCluster(createFakeCluster({ crds: [requestStateCrd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const log = createConsoleLog("error"); // jobs that fail on purpose are no news here
const options = { cluster, log, signal: ending.signal };

const director = runDirector([trip], options);
const worker = runWorker(trip, {
  "book-flight": async () => ({ output: { seat: "14C" } }),
  async "book-hotel"({ attempt }) {
    console.log(`book-hotel, attempt ${attempt}: no room`);
    throw new Error("no room in any hotel");
  },
  "cancel-flight": async ({ outputs }) => console.log(`cancel-flight: seat ${outputs["book-flight"]?.seat} is free again`),
}, options);

const run = await startFlow(trip, {}, { cluster });
const finished = await run.finished;
const { status, reason, path } = resultOf(finished);
console.log(`${status} (${reason}) by way of ${path.join(", ")}`);
console.log(`because of: ${finished.status?.lastError?.message}`);

ending.abort();
await Promise.all([director.finished, worker.finished]);
