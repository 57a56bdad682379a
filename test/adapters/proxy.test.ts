/** Calls and watches through a proxy: to a server with TLS by a tunnel, to one without by whole addresses, over SOCKS. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createCluster } from "../../src/adapters/api/http.ts";
import type { Connection } from "../../src/adapters/credentials/identity.ts";
import { createWire } from "../../src/adapters/wire/wire.ts";
import { isNoAnswer } from "../../src/errors.ts";
import { createCertificate } from "../../src/fake/http/certificate.ts";
import type { Cluster } from "../../src/ports.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { type Proxy, type ProxyOptions, startHttpProxy, startSocksProxy } from "../support/proxy.ts";
import { chunk, CHUNKED_HEAD, rawAnswer, type RawServer, startRawServer } from "../support/raw-server.ts";

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const key = { name: "a" };
const widget = { apiVersion: "acme.io/v1", kind: "Widget", metadata: { ...key, resourceVersion: "2" } };
const certificate = createCertificate();
const rejection = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not reject"), (error) => error);

let server: RawServer;
let proxy: Proxy;
let cluster: Cluster | undefined;

/** The server is known by a name that only the proxy can resolve. */
async function start(
  scheme: "http" | "https",
  startProxy: () => Promise<Proxy>,
  proxyUrl = (url: string) => url,
): Promise<Cluster> {
  server = await startRawServer(({ line, socket }) => {
    if (line.includes("watch=")) socket.write(CHUNKED_HEAD + chunk(JSON.stringify({ type: "ADDED", object: widget }) + "\n"));
    else socket.write(rawAnswer(200, widget));
  }, scheme === "https" ? certificate : undefined);
  proxy = await startProxy();
  const connection: Connection = {
    server: `${scheme}://kube.invalid:${server.port}/prefix`,
    ca: certificate.ca,
    serverName: "127.0.0.1",
    proxy: proxyUrl(proxy.url),
  };
  const authorization = { headers: { authorization: "Bearer t" }, connection };
  const identity = { source: "the test", server: connection.server, authorize: () => authorization, refused: () => false };
  return cluster = createCluster(createWire(identity, systemClock), { requestTimeout: 5_000 });
}

const through = suite("through a proxy");
through.after.each(async () => {
  await cluster?.close();
  cluster = undefined;
  await proxy?.stop();
  await server?.stop();
});

const ways: [
  what: string,
  scheme: "http" | "https",
  start: () => Promise<Proxy>,
  asked: (port: number) => string,
  each: boolean,
][] = [
  ["HTTPS by CONNECT", "https", () => startHttpProxy(), (port) => `CONNECT kube.invalid:${port}`, false],
  [
    "HTTPS by CONNECT, to a proxy with TLS",
    "https",
    () => startHttpProxy({ certificate }),
    (port) => `CONNECT kube.invalid:${port}`,
    false,
  ],
  ["HTTPS over SOCKS 5", "https", startSocksProxy, (port) => `SOCKS kube.invalid:${port}`, false],
  ["HTTP over SOCKS 5", "http", startSocksProxy, (port) => `SOCKS kube.invalid:${port}`, false],
  ["HTTP by whole addresses", "http", () => startHttpProxy(), (port) => `GET http://kube.invalid:${port}/prefix`, true],
];
for (const [what, scheme, startProxy, asked, each] of ways) {
  through(`${what}: a call and a watch`, async () => {
    const cluster = await start(scheme, startProxy);
    for (let count = 0; count < 3; count++) assert.equal(await cluster.get(widgets, key), widget);
    const watch = await cluster.watch(widgets, { resourceVersion: "1", timeoutSeconds: 9 });
    const iterator = watch[Symbol.asyncIterator]();
    assert.is((await iterator.next()).value.object.metadata.name, "a");
    await iterator.return?.();
    const path = "/apis/acme.io/v1/widgets";
    const query = "?watch=true&allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=9";
    const address = asked(server.port);
    assert.equal(proxy.asked, each ? [...Array(3).fill(`${address}${path}/a`), `${address}${path}${query}`] : [address, address]);
    assert.equal(server.asked, [...Array(3).fill(`GET /prefix${path}/a`), `GET /prefix${path}${query}`]);
  });
  through(`${what}: with a name and a password`, async () => {
    const cluster = await start(scheme, startProxy, (url) => url.replace("//", "//me:p%40ss@"));
    await cluster.get(widgets, key);
    const [sent] = proxy.authorizations;
    assert.is(sent?.startsWith("Basic ") ? atob(sent.slice(6)) : sent, "me:p@ss");
    await cluster.get(widgets, key);
  });
}

const refusing = (options: ProxyOptions) => () => startHttpProxy(options);
through("a proxy that refuses is named, with what it says and without its password", async () => {
  const cluster = await start("https", refusing({ refuses: 407 }), (url) => url.replace("//", "//me:secret@"));
  const error = await rejection(cluster.get(widgets, key));
  assert.is(error.message, `Cannot get widgets "a": the proxy ${proxy.url}: HTTP 407 Not Today`);
  assert.ok(isNoAnswer(error));
  assert.equal(server.asked, []);
});

through("a proxy that is not there is named", async () => {
  const cluster = await start("https", () => startHttpProxy());
  await proxy.stop();
  const error = await rejection(cluster.get(widgets, key));
  assert.match(error.message, /^Cannot get widgets "a": the proxy http:\/\/127\.0\.0\.1:\d+: .*(ECONNREFUSED|refused)/);
});

through("a call that is given up ends its tunnel", async () => {
  let connected = 0;
  const mute = await startRawServer(() => void connected++);
  const cluster = await start("https", () => Promise.resolve({ ...mute, asked: [], authorizations: [] }));
  const giveUp = new AbortController();
  const given = rejection(cluster.get(widgets, key, { signal: giveUp.signal }));
  while (connected === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  giveUp.abort("enough");
  assert.is(await given, "enough");
  while (mute.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});
through.run();
