/**
 * What the events of one watch cost and leave behind: CPU through reflector and store alone, and through lines and JSON as well;
 * heap, timers and listeners. No socket. Ends with 1 when any of these grows.
 *
 *   node --expose-gc --import tsx test/soak/events.ts [--events 100000]
 *   deno run -A --v8-flags=--expose-gc test/soak/events.ts [--events 100000]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import type { KubernetesObject, Reader, WatchEvent } from "../../src/ports.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { runReflector } from "../../src/runtime/reflector/reflector.ts";
import { runtime } from "../support/gates.ts";
import { createHoldings } from "./holdings.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "100000" } } });
const total = Number(values.events);
const OBJECTS = 1_000;
const RESOURCE = { group: "com.redhat.ecosystem.sample", version: "v1", plural: "requeststates" };

const object = (version: number) => ({
  apiVersion: "com.redhat.ecosystem.sample/v1",
  kind: "RequestState",
  metadata: {
    creationTimestamp: "2026-01-01T00:00:00Z",
    generation: 3,
    managedFields: [{
      manager: "crd-watcher",
      operation: "Update",
      fieldsV1: { "f:spec": { "f:job": {}, "f:state": {} }, "f:status": { "f:history": {} } },
    }],
    name: `name-${version % OBJECTS}`,
    namespace: "default",
    resourceVersion: `${version}`,
    uid: `0123abcd-0123-4123-8123-${version % OBJECTS}`,
  },
  spec: { job: "JOB1", state: "STARTED", "request-uid": `name-${version % OBJECTS}` },
  status: {
    history: [1, 2].map((seq) => ({
      job: "JOB1",
      state: "REQUESTED",
      timestamp: "2026-01-01T00:00:00.000Z",
      seq,
      attempt: 1,
      by: "worker",
    })),
  },
});

/** Events that are there already. */
function reader(): Reader {
  const events = Array.from({ length: total }, (_, at) => ({ type: "MODIFIED", object: object(at + 2) }));
  return {
    get: () => Promise.reject(new Error("never")),
    list: async () => ({ resourceVersion: "1", items: [] }),
    async watch<T extends KubernetesObject>() {
      async function* all() {
        yield* events as unknown as WatchEvent<T>[];
        await new Promise(() => {});
      }
      return all();
    },
  };
}

/** The same as lines in chunks of 64 KiB. */
const cluster = () =>
  createFetchCluster((request) => {
    if (!request.url.includes("watch=true")) {
      return Promise.resolve(Response.json({ metadata: { resourceVersion: "1" }, items: [] }));
    }
    let at = 2;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        let chunk = "";
        for (; chunk.length < 65_536 && at < total + 2; at++) {
          chunk += JSON.stringify({ type: "MODIFIED", object: object(at) }) + "\n";
        }
        if (chunk === "") return new Promise(() => {});
        controller.enqueue(encoder.encode(chunk));
      },
    });
    return Promise.resolve(new Response(body));
  });

async function measure(what: string, cluster: Reader): Promise<number> {
  const ending = new AbortController();
  const done = Promise.withResolvers<void>();
  let events = 0;
  const used = process.cpuUsage();
  const began = performance.now();
  const reflector = runReflector({
    cluster,
    resource: RESOURCE,
    clock: systemClock,
    log: silentLog,
    signal: ending.signal,
    onEvent() {
      if (++events === total) done.resolve();
    },
  });
  await done.promise;
  const { user, system } = process.cpuUsage(used);
  ending.abort();
  await reflector.finished;
  const each = (user + system) / total;
  console.log(
    `${runtime}, ${what}: ${each.toFixed(2)} us of CPU an event, ${
      Math.round(total / (performance.now() - began) * 1_000)
    } events/s`,
  );
  return each;
}

/** What making the lines costs, which is not to be counted. */
function making(): number {
  const used = process.cpuUsage();
  const encoder = new TextEncoder();
  let bytes = 0;
  for (let at = 2; at < total + 2; at++) {
    bytes += encoder.encode(JSON.stringify({ type: "MODIFIED", object: object(at) }) + "\n").length;
  }
  const { user, system } = process.cpuUsage(used);
  console.log(
    `${runtime}, making the lines (${Math.round(bytes / total)} bytes each): ${((user + system) / total).toFixed(2)} us`,
  );
  return (user + system) / total;
}

/** What is held after each tenth of them. Collecting it would be counted as the events' own, so it is a run for itself. */
async function holding(): Promise<string[]> {
  const { clock, signal, abort, count, faults } = createHoldings();
  const done = Promise.withResolvers<void>();
  let events = 0;
  const reflector = runReflector({
    ...{ cluster: cluster(), resource: RESOURCE, clock, log: silentLog, signal },
    onEvent() {
      if (++events % (total / 10) === 0) count(`events ${events}`);
      if (events === total) done.resolve();
    },
  });
  await done.promise;
  abort();
  await reflector.finished;
  return faults();
}

await measure("warming up", reader());
await measure("reflector and store", reader());
making();
const made = making();
await measure("warming up", cluster());
console.log(`  without making them: ${(await measure("with lines and JSON", cluster()) - made).toFixed(2)} us`);
const faults = await holding();
console.log(faults.join("; ") || "flat");
process.exit(faults.length > 0 ? 1 : 0);
