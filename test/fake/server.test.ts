import { connect } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, serverError } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
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

/** What is answered to bytes on a connection that ends with the answer, but for the time of day and the port. */
function raw(url: string, text: string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text, "latin1"));
    socket.setEncoding("latin1").on("data", (part: string) => answer += part).on("error", reject).on(
      "close",
      () => resolve(answer),
    );
    socket.on("end", () => socket.end());
  }).then((answer) => answer.replace(/^Date: .*$/m, "Date: now").replaceAll(new URL(url).host, "host"));
}

/** Requests, without the head that all have. */
const RAW: readonly (readonly [line: string, headers: readonly string[], body?: string])[] = [
  ["GET /api/v1/namespaces/default", []],
  ["GET /api/v1/namespaces/default?pretty=1", ["Accept: application/yaml"]],
  ["GET /api/v1/../v1/namespaces//none", []],
  ["GET /api/v1/namespaces/%7e%zz", []],
  ["GET /api/v1/namespaces/default?resourceVersion=x#part", []],
  ["HEAD /api/v1/namespaces/default", []],
  ["OPTIONS /api/v1/namespaces/default", []],
  ["GET /api", ["If-None-Match: x", "ACCEPT: application/json", "accept: */*"]],
  ["GET /openapi/v2", ["Accept: application/com.github.proto-openapi.spec.v2.v1.0+protobuf"]],
  ["GET /healthz?verbose", []],
  ["GET /version", ["Accept-Encoding: gzip"]],
  ["GET /openapi/v3/api/v1", ["Accept-Encoding: gzip"]],
  ["GET /api/v1/namespaces", ["Impersonate-Uid: b", "Impersonate-Extra-a: c"]],
  ["GET /api/v1/namespaces", ["User-Agent: curl/8"]],
  ["POST /api/v1/namespaces", ["Content-Type: application/json"], '{"metadata":{"name":"a","nope\u00fc":1},"more":1}'],
  ["POST /api/v1/namespaces", ["Content-Type: text/odd", "Content-Type: application/json"], "{}"],
  ["PATCH /api/v1/namespaces/a", ["Content-Type: application/merge-patch+json"], '{"metadata":{"labels":{"a":"\u00fc"}}}'],
  ["PUT /api/v1/namespaces/a", [], "{"],
  ["DELETE /api/v1/namespaces/a?dryRun=All", []],
  ["GET /api/v1/namespaces?watch=1&timeoutSeconds=0&resourceVersion=x", []],
];

test("what is read from the wire is answered as a Request is, byte for byte", async () => {
  const answersOf = async (wrapped: boolean) => {
    const fake = createFakeCluster({ clock: createVirtualClock(), seed: 1 });
    // Another function than the cluster's own has to be asked itself: by a Request.
    const server = await listen(wrapped ? { ...fake, fetch: (request) => fake.fetch(request) } : fake);
    const answers: string[] = [];
    for (const [line, headers, body] of RAW) {
      const bytes = body === undefined ? "" : String.fromCharCode(...new TextEncoder().encode(body));
      const head = [`${line} HTTP/1.1`, "Host: fake", "Connection: close", ...headers, `Content-Length: ${bytes.length}`];
      answers.push(await raw(server.url, `${head.join("\r\n")}\r\n\r\n${bytes}`));
    }
    await server.close();
    const seen = fake.requests.map((entry) => ({ ...entry }));
    fake.close();
    return { answers, seen };
  };
  const [own, asked] = [await answersOf(false), await answersOf(true)];
  RAW.forEach(([line], index) => assert.is(own.answers[index], asked.answers[index], line));
  assert.ok(own.answers.every((answer) => answer.startsWith("HTTP/1.1 ")));
  assert.equal(own.seen, asked.seen);
});

test("a fault hits what is read from the wire", async () => {
  const { fake, server } = await setUp();
  const ask = async () => (await fetch(`${server.url}/api/v1/namespaces/default`)).status;
  fake.faults.add({ match: { where: ({ headers }) => headers.get("accept") !== null }, nth: 2, fault: serverError() });
  assert.equal([await ask(), await ask(), await ask()], [200, 500, 200]);
  await server.close();
  fake.close();
});

test.run();
