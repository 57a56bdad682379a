import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock } from "../../mod.ts";
import { createCluster } from "../../src/adapters/api/http.ts";
import { limitRate } from "../../src/adapters/api/rate-limit.ts";
import type { Transport } from "../../src/adapters/transport/transport.ts";

/** A transport that notes when it sends, in milliseconds. */
function createNotes() {
  const clock = createVirtualClock();
  const sent: number[] = [];
  const transport: Transport = {
    server: "http://127.0.0.1:1",
    text() {
      sent.push(clock.monotonic());
      return Promise.resolve({ code: 200, text: JSON.stringify({ kind: "Pod", apiVersion: "v1", metadata: { name: "a" } }) });
    },
    stream() {
      sent.push(clock.monotonic());
      return Promise.resolve({ code: 200, read: () => Promise.resolve(undefined), cancel() {} });
    },
    close: () => Promise.resolve(),
  };
  return { clock, sent, transport };
}
const PODS = { group: "", version: "v1", plural: "pods" };
const KEY = { namespace: "default", name: "a" };

const limit = suite("rate limit");
limit("a burst goes out at once, the rest in step, in order; a quiet time fills the bucket again", async () => {
  const { clock, sent, transport } = createNotes();
  const cluster = createCluster(transport, { clock, rateLimit: { qps: 10, burst: 3 } });
  const calls = Array.from({ length: 6 }, () => cluster.get(PODS, KEY));
  await clock.advance(300);
  await Promise.all(calls);
  assert.equal(sent, [0, 0, 0, 100, 200, 300]);
  await clock.advance(60_000);
  sent.length = 0;
  const more = Array.from({ length: 4 }, () => cluster.get(PODS, KEY));
  await clock.advance(100);
  await Promise.all(more);
  assert.equal(sent.map((at) => at - 60_300), [0, 0, 0, 100]);
});

limit("watches are not limited, as in client-go", async () => {
  const { clock, sent, transport } = createNotes();
  const cluster = createCluster(transport, { clock, rateLimit: { qps: 1, burst: 1 } });
  await cluster.get(PODS, KEY);
  await cluster.watch(PODS, { resourceVersion: "1", timeoutSeconds: 60 });
  assert.equal(sent, [0, 0]);
});

limit("who gives up while it waits is not sent, and its place is the next one's", async () => {
  const { clock, sent, transport } = createNotes();
  const cluster = createCluster(transport, { clock, rateLimit: { qps: 1, burst: 1 } });
  await cluster.get(PODS, KEY);
  const ending = new AbortController();
  const given = cluster.get(PODS, KEY, { signal: ending.signal }).catch((error) => error);
  await clock.advance(500);
  ending.abort(new Error("no more"));
  assert.is((await given).message, "no more");
  const next = cluster.get(PODS, KEY);
  await clock.advance(500);
  await next;
  assert.equal(sent, [0, 1_000]);
  assert.is(clock.pending, 0);
});

limit("a long wait is told, now and then", async () => {
  const { clock, transport } = createNotes();
  const lines: string[] = [];
  const log = { debug() {}, info: (line: string) => void lines.push(line), warn() {}, error() {} };
  const limited = limitRate(transport, { qps: 1, burst: 1 }, { clock, log });
  const life = { over: false, whenOver() {} };
  const calls = Array.from({ length: 9 }, () => limited.text({ method: "GET", path: "/api/v1/pods?limit=500" }, life));
  await clock.advance(10_000);
  await Promise.all(calls);
  assert.equal(lines, ["Waited 1.0 s before GET /api/v1/pods: no more than 1 requests are sent a second"]);
});

limit("nonsense is refused", () => {
  const { clock, transport } = createNotes();
  assert.throws(() => createCluster(transport, { clock, rateLimit: { qps: 0 } }), /^qps is 0, expected a positive number/);
  assert.throws(() => createCluster(transport, { clock, rateLimit: { qps: 1, burst: 0.5 } }), /^burst is 0.5, expected a whole/);
});
limit.run();
