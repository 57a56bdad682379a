/**
 * Reports are cancelled, one while it is made, one while it waits for its hour, on a fake cluster in this process:
 * `npx tsx examples/cancel-report.ts`, `npx deno run -P examples/cancel-report.ts`.
 */
import { cancelFlow, defineFlow, listFlows, resultOf, runDirector, runWorker, shape, startFlow } from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";
import { requestStateCrd } from "crd-watcher/testing";

const report = defineFlow("report", {
  start: "collect",
  input: shape<{ rows: number }>(),
  jobs: {
    collect: { next: "embargo" },
    embargo: { after: 3_600_000, /* an hour */ next: "publish" }, // a durable pause: no worker is needed
    publish: {},
  },
});

const cluster = createFetchCluster(createFakeCluster({ crds: [requestStateCrd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const options = { cluster, signal: ending.signal };

const director = runDirector([report], options);
const worker = runWorker(report, {
  async collect({ input, signal }) {
    for (let row = 0; row < input.rows; row++) {
      if (signal.aborted) console.log(`collect: told to stop after ${row > 0 ? "some" : "no"} rows, they are thrown away`);
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
  publish: async () => console.log("published"), // it does not come to this
}, { ...options, concurrency: 2 });

const labels = { team: "sales" };
const short = await startFlow(report, { input: { rows: 1 }, labels }, { cluster });
const long = await startFlow(report, { input: { rows: 1_000_000 }, labels }, { cluster });
for await (const { spec } of long) if (spec.state === "STARTED") break; // leaves no watch behind
for await (const { spec } of short) if (spec.job === "embargo") break;

// Somebody else, somewhere else.
for (const run of await listFlows({ flow: report, status: ["running", "waiting"], labelSelector: "team=sales" }, { cluster })) {
  const { job, state } = run.request.spec;
  const { status, reason } = resultOf(await (await cancelFlow(run)).finished);
  console.log(`${job}/${state}: ${status} (${reason})`);
}

ending.abort();
await Promise.all([director.finished, worker.finished]);
