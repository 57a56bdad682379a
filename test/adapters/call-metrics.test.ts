/** What is counted of requests, under client-go's names. */
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createCluster } from "../../src/adapters/api/http.ts";
import type { MetricLabels, Metrics } from "../../src/ports.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { scriptedTransport, type Step } from "../support/transport.ts";

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const key = { name: "a" };
const text = (labels: MetricLabels = {}) => Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(" ");

function start(...steps: Step[]) {
  const clock = createVirtualClock();
  const counted: string[] = [];
  const metrics: Metrics = {
    counter: ({ name }) => (labels, value = 1) => void counted.push(`${name} ${text(labels)} +${value}`),
    histogram: ({ name }) => (value, labels) => void counted.push(`${name} ${text(labels)} ${value}`),
    gauge: () => () => {},
  };
  const transport = { ...scriptedTransport(...steps), server: "https://kube:6443/prefix" };
  return { cluster: createCluster(transport, { clock, metrics, requestTimeout: 2_000 }), counted, clock };
}

const metrics = suite("metrics of requests");

metrics("an answer, a refusal, and none", async () => {
  const { cluster, counted, clock } = start({ body: "{}" }, { http: 409, body: "" }, { silent: true });
  await cluster.get(widgets, key);
  await cluster.patch(widgets, key, []).catch(() => {});
  const silent = cluster.delete(widgets, key).catch(() => {});
  await clock.advance(2_000);
  await silent;
  assert.equal(counted, [
    "rest_client_requests_total code=200 method=GET host=kube:6443 +1",
    "rest_client_request_duration_seconds verb=GET host=kube:6443 0",
    "rest_client_requests_total code=409 method=PATCH host=kube:6443 +1",
    "rest_client_request_duration_seconds verb=PATCH host=kube:6443 0",
    "rest_client_requests_total code=<error> method=DELETE host=kube:6443 +1",
    "rest_client_request_duration_seconds verb=DELETE host=kube:6443 2",
  ]);
});

metrics("a watch counts when it begins, and has no duration", async () => {
  const { cluster, counted } = start({ chunks: [] }, { http: 410, body: "" });
  const watching = { resourceVersion: "1", timeoutSeconds: 9 };
  for await (const _ of await cluster.watch(widgets, watching)) assert.unreachable();
  await cluster.watch(widgets, watching).catch(() => {});
  assert.equal(counted, [
    "rest_client_requests_total code=200 method=GET host=kube:6443 +1",
    "rest_client_requests_total code=410 method=GET host=kube:6443 +1",
  ]);
});

metrics("each page and each try counts", async () => {
  const page = (token?: string): Step => ({
    body: JSON.stringify({ metadata: { resourceVersion: "5", continue: token }, items: [] }),
  });
  const { cluster, counted } = start(page("t"), { http: 401, body: "", renew: () => true }, page());
  await cluster.list(widgets);
  assert.equal(
    counted.filter((line) => line.startsWith("rest_client_requests_total")).map((line) => /code=(\S+)/.exec(line)![1]),
    [
      "200",
      "401",
      "200",
    ],
  );
});
metrics("who counts may throw: the call rejects, and nothing is left that nobody handles", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  const broken = () => {
    throw new Error("no such label");
  };
  const metrics: Metrics = { counter: () => broken, histogram: () => broken, gauge: () => broken };
  const transport = scriptedTransport({ body: "{}" }, { http: 409, body: "" });
  const cluster = createCluster(transport, { clock: createVirtualClock(), metrics });
  for (let calls = 0; calls < 2; calls++) {
    const error = await cluster.get(widgets, key).then(() => assert.unreachable(), (error) => error);
    assert.is(error.message, 'Cannot get widgets "a": no such label');
  }
  await new Promise((resolve) => setTimeout(resolve));
  process.off("unhandledRejection", listen);
  assert.equal(unhandled, []);
});
metrics.run();
