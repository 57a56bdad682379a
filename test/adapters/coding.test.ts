/** Answers and watches that come compressed though nobody asked: in one piece, flushed after each event, each by itself. */
import { Buffer } from "node:buffer";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, createGzip, deflateSync, gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createCluster } from "../../src/adapters/api/http.ts";
import { decodeBody } from "../../src/adapters/transport/coding.ts";
import { createWire } from "../../src/adapters/wire/wire.ts";
import type { Cluster } from "../../src/ports.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const key = { namespace: "shop", name: "a" };
const watching = { namespace: "shop", resourceVersion: "1", timeoutSeconds: 60 };
const widget = (n: number) => ({
  apiVersion: "acme.io/v1",
  kind: "Widget",
  metadata: { ...key, resourceVersion: `${n}` },
  text: "€",
});
const line = (n: number) => Buffer.from(JSON.stringify({ type: "ADDED", object: widget(n) }) + "\n");

/** Sends lines compressed, and tells when one is on its way. */
type Compress = (response: ServerResponse) => { send(bytes: Uint8Array): void; end(): void };
const members: Compress = (response) => ({
  send: (bytes) => void response.write(gzipSync(bytes)),
  end: () => void response.end(),
});
const flushes: Compress = (response) => {
  const gzip = createGzip();
  gzip.pipe(response);
  return { send: (bytes) => (gzip.write(bytes), gzip.flush(constants.Z_SYNC_FLUSH)), end: () => void gzip.end() };
};

interface Serving {
  readonly url: string;
  readonly asked: (string | undefined)[];
  stop(): Promise<void>;
}
async function serve(answer: (response: ServerResponse, url: string) => void): Promise<Serving> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers["accept-encoding"] as string | undefined);
    answer(response, request.url!);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}

const overWire = ({ url }: Serving): Cluster => {
  const authorization = { headers: {}, connection: { server: url } };
  return createCluster(
    createWire({ source: "the test", server: url, authorize: () => authorization, refused: () => false }, systemClock),
  );
};
const overFetch = ({ url }: Serving): Cluster =>
  createFetchCluster((request) => fetch(new Request(request.url.replace("http://cluster.invalid", url), request)));

for (const [over, connect] of Object.entries({ "our own connections": overWire, "the platform's fetch": overFetch })) {
  const coding = suite(`compressed over ${over}`);
  for (const [how, compress] of Object.entries({ "each event by itself": members, "flushed after each event": flushes })) {
    coding(`a watch, ${how}: event by event, as they come`, async () => {
      let stream: ReturnType<Compress> | undefined;
      const server = await serve((response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).flushHeaders();
        stream = compress(response);
        stream.send(line(2));
      });
      const cluster = connect(server);
      const seen: string[] = [];
      for await (const event of await cluster.watch(widgets, watching)) {
        if (event.type === "BOOKMARK") continue;
        const { resourceVersion } = event.object.metadata;
        seen.push(resourceVersion!);
        // The next one is sent only when this one has arrived.
        if (seen.length < 5) stream!.send(line(seen.length + 2));
        else stream!.end();
      }
      assert.equal(seen, ["2", "3", "4", "5", "6"]);
      await cluster.close();
      await server.stop();
    });
  }

  coding("a watch opens before its first event, and can be left", async () => {
    let closed = false;
    const server = await serve((response) => {
      response.on("close", () => closed = true);
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).flushHeaders();
    });
    const cluster = connect(server);
    const giveUp = new AbortController();
    const iterator = (await cluster.watch(widgets, { ...watching, signal: giveUp.signal }))[Symbol.asyncIterator]();
    const next = iterator.next().then(() => assert.unreachable(), (error) => error);
    giveUp.abort("enough");
    assert.is(await next, "enough");
    while (!closed) await new Promise((resolve) => setTimeout(resolve, 5));
    await cluster.close();
    await server.stop();
  });

  coding("an answer, a list, and a refusal", async () => {
    const server = await serve((response, url) => {
      const list = { kind: "WidgetList", apiVersion: "acme.io/v1", metadata: { resourceVersion: "9" }, items: [widget(2)] };
      const refusal = { kind: "Status", status: "Failure", code: 404, reason: "NotFound", message: "none €" };
      const [code, body] = url.endsWith("/none") ? [404, refusal] : url.includes("limit=") ? [200, list] : [200, widget(3)];
      response.writeHead(code, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync(JSON.stringify(body)));
    });
    const cluster = connect(server);
    assert.equal(await cluster.get(widgets, key), widget(3));
    assert.equal((await cluster.list(widgets)).items, [widget(2)]);
    const error = await cluster.get(widgets, { name: "none" }).then(() => assert.unreachable(), (error) => error);
    assert.is(error.message, 'Cannot get widgets "none": none €');
    await cluster.close();
    await server.stop();
  });

  coding("nobody asks for it", async () => {
    const server = await serve((response) => void response.end(JSON.stringify(widget(2))));
    const cluster = connect(server);
    await cluster.get(widgets, key);
    assert.ok(server.asked[0] === undefined || server.asked[0] === "identity", String(server.asked[0]));
    await cluster.close();
    await server.stop();
  });
  coding.run();
}

const whole = suite("compressed over our own connections, further");
whole("deflate", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-encoding": "deflate" }).end(deflateSync(JSON.stringify(widget(2))));
  });
  const cluster = overWire(server);
  assert.equal(await cluster.get(widgets, key), widget(2));
  await cluster.close();
  await server.stop();
});
whole("what is cut off or no gzip is no answer", async () => {
  const server = await serve((response, url) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    if (url.includes("watch=")) response.write(gzipSync(line(2))), response.end(gzipSync(line(3)).subarray(0, 30));
    else response.end("no gzip");
  });
  const cluster = overWire(server);
  const error = await cluster.get(widgets, key).then(() => assert.unreachable(), (error) => error);
  assert.is(error.name, "NoAnswerError");
  const iterator = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
  assert.is((await iterator.next()).value.object.metadata.resourceVersion, "2");
  const broken = await iterator.next().then(() => assert.unreachable(), (error) => error);
  assert.match(broken.message, /^Cannot watch widgets in namespace "shop": /);
  await cluster.close();
  await server.stop();
});
whole("what becomes too large is no answer", async () => {
  const zeros = new Uint8Array(2 ** 20);
  assert.is((await decodeBody(gzipSync(zeros), "gzip", zeros.length)).length, zeros.length);
  for (const [body, coding] of [[gzipSync(zeros), "gzip"], [deflateSync(zeros), "deflate"]] as const) {
    const error = await decodeBody(body, coding, zeros.length / 2).then(() => assert.unreachable(), (error) => error);
    assert.is(error.message, "the answer is larger than 0.5 MiB");
  }
});
whole("a watch in an unknown coding leaves no connection open", async () => {
  let closed: Promise<void> | undefined;
  const server = await serve((response) => {
    closed = new Promise((resolve) => response.on("close", resolve));
    response.writeHead(200, { "content-encoding": "br" }).write("x");
  });
  const cluster = overWire(server);
  const error = await cluster.watch(widgets, watching).then(() => assert.unreachable(), (error) => error);
  assert.match(error.message, /: the answer comes as "br", which nobody asked for$/);
  await closed;
  await cluster.close();
  await server.stop();
});
whole.run();
