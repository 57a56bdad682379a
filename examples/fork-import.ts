/**
 * An import fails, its code is mended, and it goes on from where it failed, on a fake cluster in this process:
 * `npx tsx examples/fork-import.ts`, `npx deno run -P examples/fork-import.ts`.
 */
import {
  createConsoleLog,
  defineFlow,
  forkFlow,
  NeverRetryError,
  resultOf,
  runDirector,
  runWorker,
  shape,
  startFlow,
} from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";
import { requestStateCrd } from "crd-watcher/testing";

const importing = defineFlow("import", {
  start: "download",
  input: shape<{ separator: string }>(),
  jobs: {
    download: { next: "split", output: shape<string>() },
    split: { next: "store", output: shape<string[]>() },
    store: {},
  },
});

const cluster = createFetchCluster(createFakeCluster({ crds: [requestStateCrd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const log = createConsoleLog("error"); // jobs that fail on purpose are no news here
const options = { cluster, log, signal: ending.signal };

const director = runDirector([importing], options);
const worker = runWorker(importing, {
  async download() {
    console.log("downloading for an hour");
    return { output: "ann;bob;cid" };
  },
  async split({ input, outputs }) {
    const names = outputs.download!.split(input.separator);
    if (names.length === 1) throw new NeverRetryError(`there is no "${input.separator}" in it`);
    return { output: names };
  },
  store: async ({ outputs }) => console.log(`stored ${outputs.split?.join(" and ")}`),
}, options);

const run = await startFlow(importing, { input: { separator: "," } }, { cluster });
const failed = resultOf(await run.finished);
console.log(`${failed.status}: ${failed.message}`);

// From the job that failed, with what the jobs before it gave back. Without another input, retryFlow(run) does the same.
const fork = await forkFlow(run, { input: { separator: ";" } });
const { status, path } = resultOf(await fork.finished);
console.log(`${status}: the fork went by ${path.join(", ")}`);

ending.abort();
await Promise.all([director.finished, worker.finished]);
