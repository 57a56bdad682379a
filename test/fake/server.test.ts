import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { createVirtualClock } from "../../src/runtime/clock.ts";
import { linesOf } from "./client.ts";

const test = suite("fake: loopback server");

const setUp = async () => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock });
  return { clock, fake, server: await listen(fake) };
};

test("answers over HTTP, with a kubeconfig", async () => {
  const { fake, server } = await setUp();
  const response = await fetch(`${server.url}/api/v1/namespaces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ metadata: { name: "a", nope: 1 }, also: 2 }),
  });
  assert.is(response.status, 201);
  assert.is(response.headers.get("warning"), '299 - "unknown field \\"metadata.nope\\"", 299 - "unknown field \\"also\\""');
  await response.text();
  assert.match(server.kubeconfig(), `server: "${server.url}"`);
  await server.close();
  fake.close();
});

test("a watch sends its headers before there is anything to tell", async () => {
  const { fake, server } = await setUp();
  const response = await fetch(`${server.url}/api/v1/configmaps?watch=1&resourceVersion=1`);
  assert.is(response.status, 200);
  const lines = linesOf(response.body!);
  const created = await fetch(`${server.url}/api/v1/namespaces/default/configmaps`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"metadata":{"name":"c"}}',
  });
  await created.text();
  assert.is((await lines.next()).object.metadata.name, "c");
  fake.close();
  assert.is(await lines.next(), undefined);
  await server.close();
});

test("a client that goes away ends its watch", async () => {
  const { clock, fake, server } = await setUp();
  const controller = new AbortController();
  const response = await fetch(`${server.url}/api/v1/namespaces?watch=1`, { signal: controller.signal });
  const reader = response.body!.getReader();
  await reader.read();
  assert.is(clock.pending, 1);
  controller.abort();
  await reader.read().catch(() => {});
  for (let turn = 0; clock.pending > 0 && turn < 200; turn++) await clock.settle();
  assert.is(clock.pending, 0);
  await server.close();
  fake.close();
});

test("close() cuts open watches", async () => {
  const { clock, fake, server } = await setUp();
  const response = await fetch(`${server.url}/api/v1/namespaces?watch=1&resourceVersion=1`);
  const ended = response.text().then(() => "ended", () => "cut");
  await server.close();
  assert.ok(["ended", "cut"].includes(await ended));
  for (let turn = 0; clock.pending > 0 && turn < 200; turn++) await clock.settle();
  assert.is(clock.pending, 0);
  fake.close();
});

test("two thousand requests over few connections", async () => {
  const { fake, server } = await setUp();
  const worker = async () => {
    for (let count = 0; count < 250; count++) await (await fetch(`${server.url}/api/v1/namespaces/default`)).text();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  assert.is(fake.requests.matching({ verb: "get", status: 200 }).length, 2000);
  await server.close();
  fake.close();
});

test.run();
