/**
 * A report that is cancelled while it waits for its hour, on a fake cluster in this process:
 * `npx tsx examples/cancel-report.ts`, `npx deno run -P examples/cancel-report.ts`.
 */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { cancelFlow, defineFlow, listFlows, resultOf, runDirector, runWorker, startFlow, whatItWaitsFor } from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";

const report = defineFlow("report", {
  start: "collect",
  jobs: {
    collect: { next: "embargo" },
    embargo: { after: 3_600_000, /* an hour */ next: "publish" }, // a durable pause: no worker is needed
    publish: {},
  },
});

const crd = parse(await readFile(new URL("../crds/request-state.yaml", import.meta.url), "utf8"));
const cluster = createFetchCluster(createFakeCluster({ crds: [crd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const options = { cluster, signal: ending.signal };

const director = runDirector([report], options);
const worker = runWorker(report, {
  collect: async () => console.log("collected"),
  publish: async () => console.log("published"), // it does not come to this
}, options);

const run = await startFlow(report, { labels: { team: "sales" } }, { cluster });
for await (const { spec } of run) {
  if (spec.job === "embargo") break; // leaves no watch behind
}

// Somebody else, somewhere else: what is waiting, and away with it.
for (const waiting of await listFlows({ status: "waiting", labelSelector: "team=sales" }, { cluster })) {
  console.log(`waiting for ${whatItWaitsFor(waiting.request, Date.now())?.replace(/until .*/, "until its hour")}`);
  await cancelFlow(waiting);
}

const { status, reason, job } = resultOf(await run.finished);
console.log(`${status} (${reason}) at ${job}`);

ending.abort();
await Promise.all([director.finished, worker.finished]);
