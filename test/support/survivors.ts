/**
 * A program that does something very often, and prints what is left of it in V8's heap, in bytes for each time, when only what is young has
 * been collected: `node --expose-gc survivors.ts WHAT`.
 */
import process from "node:process";
import { createCluster } from "../../src/adapters/api/http.ts";
import type { KubernetesObject } from "../../src/ports.ts";
import type { Transport } from "../../src/adapters/transport/transport.ts";
import { createWorkQueue } from "../../src/runtime/queue/work-queue.ts";
import { createExpectations } from "../../src/runtime/controller/expectations.ts";
import { ChurnMap } from "../../src/runtime/store/churn.ts";
import { createStore } from "../../src/runtime/store/store.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";

/** So many things are there at any time. */
const LIVING = 16;
/** So often something is done. */
const TIMES = 20_000;

const collect = (globalThis as unknown as { gc: (how?: { type: "minor" }) => void }).gc;
const text = () => "x".repeat(500) + Math.random();
const object = (index: number): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: `a-${index}`, uid: `u-${index}`, resourceVersion: `${index + 1}`, annotations: { text: text() } },
});

/** What is done each time, by name: something comes, and what came `LIVING` times before goes. */
const WHAT: Readonly<Record<string, () => (index: number) => unknown>> = {
  /** As a `Map` of V8 does it. */
  map() {
    const map = new Map<number, string>();
    return (index) => (map.set(index, text()), map.delete(index - LIVING));
  },
  churn() {
    const map = new ChurnMap<number, string>();
    return (index) => (map.set(index, text()), map.delete(index - LIVING));
  },
  store() {
    const store = createStore();
    return (index) => {
      store.put(object(index));
      const old = store.get(`a-${index - LIVING}`);
      if (old) store.remove(old);
    };
  },
  expectations() {
    const expectations = createExpectations<string>(systemClock);
    return (index) => {
      expectations.wrote("cache", object(index), `a-${index}`);
      expectations.gone(`u-${index - LIVING}`);
    };
  },
  queue() {
    const queue = createWorkQueue({ clock: systemClock });
    return (index) => {
      queue.add(`a-${index} ${text()}`);
      const key = queue.poll();
      if (key !== undefined) queue.done(key);
    };
  },
  calls() {
    const transport: Transport = {
      server: "https://api.example",
      source: "here",
      text: ({ method }) =>
        method === "GET" ? new Promise(() => {}) : Promise.resolve({ code: 200, text: JSON.stringify(object(0)) }),
      stream: () => Promise.reject(new Error("not here")),
      close: () => Promise.resolve(),
    };
    const cluster = createCluster(transport);
    const { signal } = new AbortController();
    const resource = { group: "", version: "v1", plural: "configmaps" };
    const key = { namespace: "a", name: "b" };
    cluster.get(resource, key, { signal }).catch(() => {}); // as a busy program always has one under way
    return () => cluster.patch(resource, key, [{ op: "add", path: "/data", value: text() }], { signal });
  },
};

const act = WHAT[process.argv[2]!]!();
let index = 0;
for (; index < 1_000; index++) await act(index);
collect(); // what lives becomes old
const before = process.memoryUsage().heapUsed;
for (; index < 1_000 + TIMES; index++) {
  await act(index);
  if (index % 2_000 === 0) collect({ type: "minor" });
}
collect({ type: "minor" });
console.log((process.memoryUsage().heapUsed - before) / TIMES);
process.exit();
