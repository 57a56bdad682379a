/**
 * A worker of the story, in a thread of its own: what is killed there is gone as a process would be, its timers and its connections
 * with it.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { runWorker } from "../../mod.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { createLog } from "../log.ts";
import { implementOrder } from "./flow.ts";
import type { Post } from "./hire.ts";

const { name, url, namespace, leaseDuration, level, format } = workerData as Post;
const { connect } = await ("Deno" in globalThis ? import("../../src/adapters/deno.ts") : import("../../src/adapters/node.ts"));
const log = level === undefined ? silentLog : createLog({ level, format, logger: name });
const cluster = await connect({ master: url, log });
const ending = new AbortController();
const worker = runWorker(implementOrder(), {
  ...{ cluster, namespace, identity: name, leaseDuration, log },
  grace: 0,
  signal: ending.signal,
});
parentPort!.once("message", () => ending.abort());
parentPort!.postMessage(worker.identity);
await worker.finished;
await cluster.close();
