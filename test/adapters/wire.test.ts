/** Connections: used again, bounded, cut, renewed, held back; and what a server may do to them. */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createCluster } from "../../src/adapters/api/http.ts";
import type { Authorization, Connection, Identity } from "../../src/adapters/credentials/identity.ts";
import { createDialer } from "../../src/adapters/wire/dial.ts";
import { streamExchange, textExchange } from "../../src/adapters/wire/exchange.ts";
import { createPool } from "../../src/adapters/wire/pool.ts";
import type { ByteStream } from "../../src/adapters/transport/transport.ts";
import { createWire } from "../../src/adapters/wire/wire.ts";
import { isNoAnswer, isStatus } from "../../src/errors.ts";
import { createCertificate } from "../../src/fake/http/certificate.ts";
import type { Clock, Cluster } from "../../src/ports.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { temporaryFolder } from "../support/files.ts";
import { runtime } from "../support/gates.ts";
import { chunk, CHUNKED_HEAD, rawAnswer, type RawRequest, type RawServer, startRawServer } from "../support/raw-server.ts";

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const key = { namespace: "shop", name: "a" };
const widget = { apiVersion: "acme.io/v1", kind: "Widget", metadata: key };
const watching = { namespace: "shop", resourceVersion: "1", timeoutSeconds: 60 };
const PATH = "/apis/acme.io/v1/namespaces/shop/widgets/a";
const line = (n: number | string) =>
  JSON.stringify({ type: "ADDED", object: { ...widget, metadata: { ...key, resourceVersion: `${n}` } } }) + "\n";
const rejection = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not reject"), (error) => error);
const later = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 500) throw new Error(`never: ${what}`);
    await later(10);
  }
}

/** Who asks; a test changes what it is made of. */
function createIdentity(connection: Connection, headers: Record<string, string> = {}) {
  let authorization: Authorization = { headers, connection };
  const refusals: Authorization[] = [];
  const identity: Identity = {
    source: "the test",
    server: connection.server,
    authorize: () => authorization,
    refused: (refused) => refusals.push(refused) > 0,
  };
  return { identity, refusals, set: (change: Partial<Authorization>) => void (authorization = { ...authorization, ...change }) };
}

let server: RawServer;
let cluster: Cluster | undefined;
async function start(
  handler: (request: RawRequest) => void,
  options: { clock?: Clock; requestTimeout?: number; tls?: boolean } = {},
) {
  const { clock = systemClock, requestTimeout, tls } = options;
  const certificate = tls ? createCertificate() : undefined;
  server = await startRawServer(handler, certificate);
  const who = createIdentity({ server: server.url, ca: certificate?.ca });
  cluster = createCluster(createWire(who.identity, clock), { clock, requestTimeout });
  return { cluster, ...who };
}
async function stop() {
  await cluster?.close();
  cluster = undefined;
  await server.stop();
}

const connections = suite("connections");
connections.after.each(stop);

connections("one that the server refuses by an alert of TLS is told in one sentence", async () => {
  const { cluster: inTheClear } = await start(() => {});
  await inTheClear.close();
  const who = createIdentity({ server: server.url.replace("http", "https"), insecure: true });
  cluster = createCluster(createWire(who.identity, systemClock));
  const asking = rejection(cluster.get(widgets, key));
  await eventually(() => server.sockets.size > 0, "a connection");
  // A fatal alert: handshake_failure (RFC 8446, 6.2).
  for (const socket of server.sockets) socket.end(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40));
  const { message } = await asking;
  assert.match(message, /^Cannot get widgets "shop\/a": .*handshake ?failure$/i);
  assert.not.match(message, /error:|\n/);
});
for (const tls of [false, true]) {
  connections(`one is used for one call after the other, ${tls ? "over TLS" : "in the clear"}`, async () => {
    const { cluster } = await start(({ socket }) => void socket.write(rawAnswer(200, widget)), { tls });
    for (let count = 0; count < 5; count++) assert.equal(await cluster.get(widgets, key), widget);
    await cluster.patch(widgets, key, []);
    assert.is(server.connections, 1);
  });
}

connections("row 5: sockets leak, calls are slow: 32 at most carry the calls, first come, first served", async () => {
  const held: RawRequest[] = [];
  const { cluster } = await start((request) => void held.push(request));
  const calls = Array.from({ length: 50 }, (_, n) => cluster.get(widgets, { name: `w${n}` }));
  await eventually(() => held.length === 32, "32 requests");
  await later();
  assert.is(server.connections, 32);
  assert.equal(server.asked.toSorted(), Array.from({ length: 32 }, (_, n) => `GET /apis/acme.io/v1/widgets/w${n}`).toSorted());
  held[0]!.socket.write(rawAnswer(200, widget));
  await eventually(() => held.length === 33, "the next one");
  assert.is(server.asked[32], "GET /apis/acme.io/v1/widgets/w32");
  while (held.length < 50) {
    held.splice(0).forEach(({ socket }) => socket.write(rawAnswer(200, widget)));
    await later(5);
    if (server.asked.length === 50 && held.length === 0) break;
  }
  held.forEach(({ socket }) => socket.write(rawAnswer(200, widget)));
  await Promise.all(calls);
  assert.is(server.connections, 32);
});

connections("a call that is given up while it waits never leaves, and makes room", async () => {
  const held: RawRequest[] = [];
  const { cluster } = await start((request) => void held.push(request));
  const first = Array.from({ length: 32 }, () => cluster.get(widgets, key));
  await eventually(() => held.length === 32, "32 requests");
  const giveUp = new AbortController();
  const given = rejection(cluster.get(widgets, { name: "given-up" }, { signal: giveUp.signal }));
  const last = cluster.get(widgets, { name: "last" });
  giveUp.abort("enough");
  assert.is(await given, "enough");
  held.splice(0).forEach(({ socket }) => socket.write(rawAnswer(200, widget)));
  await eventually(() => held.length === 1, "the last request");
  held[0]!.socket.write(rawAnswer(200, widget));
  await Promise.all([...first, last]);
  assert.equal(server.asked.slice(32), ["GET /apis/acme.io/v1/widgets/last"]);
});

connections("a call that is given up takes its connection with it, and no other", async () => {
  const { cluster } = await start(({ line, socket }) => {
    if (!line.includes("silent")) socket.write(rawAnswer(200, widget));
  });
  const giveUp = new AbortController();
  const given = rejection(cluster.get(widgets, { name: "silent" }, { signal: giveUp.signal }));
  await eventually(() => server.asked.length === 1, "the request");
  await cluster.get(widgets, key);
  giveUp.abort("enough");
  assert.is(await given, "enough");
  await eventually(() => server.sockets.size === 1, "one connection is closed");
  await cluster.get(widgets, key);
  assert.is(server.connections, 2);
});

connections("one that is being opened is given up with its call", async () => {
  // It takes the connection and never says a word of TLS.
  const mute = await startRawServer(() => {});
  const who = createIdentity({ server: mute.url.replace("http:", "https:") });
  const silent = createCluster(createWire(who.identity, systemClock), { requestTimeout: 50 });
  const errors = await Promise.all([
    rejection(silent.get(widgets, key)),
    rejection(silent.watch(widgets, watching)),
  ]);
  for (const error of errors) assert.match(error.message, /: no answer within 0\.05 s$/);
  await eventually(() => mute.sockets.size === 0 && mute.connections === 2, "both are closed");
  await silent.close();
  await mute.stop();
  await start(() => {});
});

connections("one that was idle for 50 s is not used again", async () => {
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => now };
  const { cluster } = await start(({ socket }) => void socket.write(rawAnswer(200, widget)), { clock });
  await cluster.get(widgets, key);
  now += 50_000;
  await cluster.get(widgets, key);
  assert.is(server.connections, 1);
  now += 50_001;
  await cluster.get(widgets, key);
  assert.is(server.connections, 2);
  await eventually(() => server.sockets.size === 1, "the old one is closed");
});

connections("one that the server says to close after 5 s is not used after 4", async () => {
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => now };
  const { cluster } = await start(
    ({ socket }) => void socket.write(rawAnswer(200, widget, { "keep-alive": "timeout=5, max=100" })),
    {
      clock,
    },
  );
  await cluster.get(widgets, key);
  now += 4_000;
  await cluster.get(widgets, key);
  assert.is(server.connections, 1);
  now += 4_001;
  await cluster.get(widgets, key);
  assert.is(server.connections, 2);
});

connections("one that the server closes while it is idle is not used again", async () => {
  const { cluster } = await start(({ socket }) => void socket.write(rawAnswer(200, widget)));
  await cluster.get(widgets, key);
  for (const socket of server.sockets) socket.end();
  await eventually(() => server.sockets.size === 0, "it is closed");
  await cluster.patch(widgets, key, []);
  assert.equal(server.asked, [`GET ${PATH}`, `PATCH ${PATH}`]);
  assert.is(server.connections, 2);
});

connections("one on which the server speaks unasked is closed", async () => {
  const { cluster } = await start(({ socket }) => {
    socket.write(rawAnswer(200, widget));
    setTimeout(() => socket.write(rawAnswer(200, { not: "asked for" })), 10);
  });
  await cluster.get(widgets, key);
  await eventually(() => server.sockets.size === 0, "it is closed");
  assert.equal(await cluster.get(widgets, key), widget);
});

connections("an answer that says close is the last one on its connection", async () => {
  const { cluster } = await start(({ socket }) => void socket.write(rawAnswer(200, widget, { connection: "close" })));
  await cluster.get(widgets, key);
  await cluster.get(widgets, key);
  assert.is(server.connections, 2);
});

connections("row 5: other certificates: new connections for calls, while a watch goes on", async () => {
  const watched: RawRequest[] = [];
  const { cluster, set } = await start((request) => {
    if (!request.line.includes("watch=")) return void request.socket.write(rawAnswer(200, widget));
    watched.push(request);
    request.socket.write(CHUNKED_HEAD);
  });
  await cluster.get(widgets, key);
  const events = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
  set({ connection: { server: server.url } });
  await cluster.get(widgets, key);
  assert.is(server.connections, 3);
  await eventually(() => server.sockets.size === 2, "the old call's connection is closed");
  watched[0]!.socket.write(chunk(line(2)));
  assert.is((await events.next()).value.object.metadata.resourceVersion, "2");
  await events.return?.();
  await eventually(() => server.sockets.size === 1, "the watch's connection is closed");
});

connections("other headers: the same connections", async () => {
  const seen: unknown[] = [];
  const { cluster, set } = await start(({ headers, socket }) => {
    seen.push(headers.authorization);
    socket.write(rawAnswer(200, widget));
  });
  set({ headers: { authorization: "Bearer one" } });
  await cluster.get(widgets, key);
  set({ headers: { authorization: "Bearer two" } });
  await cluster.get(widgets, key);
  assert.equal(seen, ["Bearer one", "Bearer two"]);
  assert.is(server.connections, 1);
});

connections("close() closes all of them, those that are being opened, too", async () => {
  const { cluster } = await start(({ line, socket }) => {
    if (line.includes("watch=")) socket.write(CHUNKED_HEAD);
    else if (!line.includes("silent")) socket.write(rawAnswer(200, widget));
  });
  await cluster.get(widgets, key);
  const events = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
  const calls = [
    rejection(events.next()),
    rejection(cluster.get(widgets, { name: "silent" })),
    rejection(cluster.get(widgets, { name: "silent" })),
  ];
  await cluster.close();
  for (const error of await Promise.all(calls)) assert.match(error.message, /: the connection was closed$/);
  await eventually(() => server.sockets.size === 0, "all are closed");
  assert.match((await rejection(cluster.get(widgets, key))).message, /: the connection was closed$/);
});

connections("row 5: sockets leak: 200 restarts of a watch leave none behind", async () => {
  const { cluster } = await start(({ socket, nth }) => {
    assert.is(nth, 1);
    socket.write(CHUNKED_HEAD);
    socket.write(chunk(line(2)));
    if (server.connections % 2 === 0) socket.write(chunk("")); // it is for the client to close it
  });
  for (let count = 0; count < 200; count++) {
    for await (const _ of await cluster.watch(widgets, watching)) if (server.connections % 2 === 1) break;
  }
  await eventually(() => server.sockets.size === 0, "all are closed");
  assert.is(server.connections, 200);
});
connections("row 24: slow heap growth: neither calls nor watches leave anything in their pool", async () => {
  await start(({ socket, nth }) => {
    socket.write(CHUNKED_HEAD);
    socket.write(chunk("x"));
    if (nth === 1) socket.end(chunk(""));
  });
  const pool = createPool(createDialer({ server: server.url }), { clock: systemClock, width: 2 });
  const bytes = `GET / HTTP/1.1\r\nhost: test\r\n\r\n`;
  const life = { over: false, whenOver() {} };
  const question = { bytes, repeatable: true, life };
  for (let count = 0; count < 10; count++) {
    const stream = await new Promise<ByteStream>((resolve, reject) => pool.runAlone(streamExchange(question, resolve, reject)));
    if (count % 2 === 0) stream.cancel();
    else while (await stream.read());
    await new Promise((resolve, reject) => pool.run(textExchange(question, resolve, reject)));
  }
  pool.retire();
  await eventually(() => pool.empty, "an empty pool");
});
connections.run();

const lost = suite("requests that the server has not answered");
lost.after.each(stop);

/** The server answers the first request of each connection and closes it at the second one, as if it had been too late. */
const closesLate = ({ nth, socket }: RawRequest) => nth === 1 ? void socket.write(rawAnswer(200, widget)) : socket.destroy();

lost("a read on a connection that was closed meanwhile is sent again, on a new one", async () => {
  const { cluster } = await start(closesLate);
  await cluster.get(widgets, key);
  assert.equal(await cluster.get(widgets, key), widget);
  assert.equal(server.asked, Array(3).fill(`GET ${PATH}`));
  assert.is(server.connections, 2);
});

const writes: [name: string, write: (cluster: Cluster) => Promise<unknown>][] = [
  ["patch", (cluster) => cluster.patch(widgets, key, [])],
  ["replace", (cluster) => cluster.replace(widgets, widget)],
  ["create", (cluster) => cluster.create(widgets, widget)],
  ["delete", (cluster) => cluster.delete(widgets, key)],
];
for (const [name, write] of writes) {
  lost(`a ${name} is not: it may have landed`, async () => {
    const { cluster } = await start(closesLate);
    await cluster.get(widgets, key);
    const error = await rejection(write(cluster));
    assert.ok(isNoAnswer(error), String(error));
    assert.match(error.message, /: the server closed the connection without an answer$|ECONNRESET/);
    await later();
    assert.is(server.asked.length, 2);
  });
}

lost("a read on a new connection is not sent again: the server has seen it", async () => {
  const { cluster } = await start(({ socket }) => socket.destroy());
  assert.ok(isNoAnswer(await rejection(cluster.get(widgets, key))));
  assert.is(server.asked.length, 1);
});

lost("nor is one whose answer had begun", async () => {
  const { cluster } = await start(({ nth, socket }) => {
    socket.write(nth === 1 ? rawAnswer(200, widget) : "HTTP/1.1 2");
    if (nth === 2) setTimeout(() => socket.destroy(), 20);
  });
  await cluster.get(widgets, key);
  const error = await rejection(cluster.get(widgets, key));
  assert.match(error.message, /: the server closed the connection in the middle of its answer$|ECONNRESET/);
  assert.is(server.asked.length, 2);
});

lost("nor a second time", async () => {
  const { cluster } = await start(({ socket }) =>
    server.asked.length === 1 ? void socket.write(rawAnswer(200, widget)) : socket.destroy()
  );
  await cluster.get(widgets, key);
  assert.ok(isNoAnswer(await rejection(cluster.get(widgets, key))));
  assert.is(server.asked.length, 3);
});
lost.run();

const held = suite("a watch whose reader is slow");
held.after.each(stop);

for (const tls of [false, true]) {
  held(`row 7: under load: makes the server wait, ${tls ? "over TLS" : "in the clear"}, and goes on where it was`, async () => {
    const size = 4_000;
    const events = 8_000; // 32 MB: more than all buffers between them
    let sent = 0;
    const { cluster } = await start(({ socket }) => {
      socket.write(CHUNKED_HEAD);
      const push = () => {
        while (sent < events) {
          const text = line(++sent).trim();
          if (!socket.write(chunk(text + " ".repeat(size - text.length) + "\n"))) return void socket.once("drain", push);
        }
        socket.end(chunk(""));
      };
      push();
    }, { tls });
    const iterator = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
    await iterator.next();
    let before = -1;
    let still = 0; // looks in a row at which nothing more was sent: it may also have been the machine that stood
    await eventually(() => {
      still = sent === before ? still + 1 : 0;
      before = sent;
      return still > 30 && sent > 1;
    }, "the server waits");
    assert.ok(sent < events / 2, `${sent} of ${events} events were sent although only one was read`);
    let last = 0;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (next.value.type !== "BOOKMARK") last = Number(next.value.object.metadata.resourceVersion);
    }
    assert.is(last, events);
  });
}
held.run();

const refused = suite("credentials on the wire");
refused.after.each(stop);

refused("row 21: 401 after an hour: once more with what the identity gives then, for a call and for a watch", async () => {
  const { cluster, refusals, set } = await start(({ headers, line: asked, socket }) => {
    if (headers.authorization !== "Bearer new") {
      return void socket.write(rawAnswer(401, { kind: "Status", status: "Failure", code: 401, message: "Unauthorized" }));
    }
    if (asked.includes("watch=")) socket.write(CHUNKED_HEAD + chunk(line(2)));
    else socket.write(rawAnswer(200, widget));
  });
  set({ headers: { authorization: "Bearer old" } });
  assert.is((await rejection(cluster.get(widgets, key))).status.code, 401);
  assert.is(refusals.length, 1);
  assert.is(server.asked.length, 2);
  const renewing = createRenewing();
  await renewing.cluster.get(widgets, key);
  const events = (await renewing.cluster.watch(widgets, watching))[Symbol.asyncIterator]();
  assert.is((await events.next()).value.object.metadata.resourceVersion, "2");
  await renewing.cluster.close();
});
function createRenewing() {
  let token = "old";
  const connection = { server: server.url };
  const identity: Identity = {
    source: "the test",
    server: connection.server,
    authorize: () => {
      const headers = { authorization: `Bearer ${token}` };
      return Promise.resolve({ headers, connection });
    },
    refused: () => (token = "new", true),
  };
  return { cluster: createCluster(createWire(identity, systemClock)) };
}

refused("fault 10: a token in a message: one with a line break never leaves, and is not told", async () => {
  const { cluster, set } = await start(({ socket }) => void socket.write(rawAnswer(200, widget)));
  set({ headers: { authorization: "Bearer secret\r\nx-evil: 1" } });
  const error = await rejection(cluster.get(widgets, key));
  assert.is(
    error.message,
    'Cannot get widgets "shop/a": The credentials of the test hold a character that the header "authorization" may not have, such as a line break',
  );
  assert.equal(server.asked, []);
});
refused.run();

const odd = suite("odd answers on the wire");
odd.after.each(stop);

const table: [what: string, bytes: string | Uint8Array, message: RegExp, kind: (error: unknown) => boolean][] = [
  ["no HTTP", "SSH-2.0-OpenSSH_9.9\r\n", /does not speak HTTP as it should: its answer does not begin like one/, isNoAnswer],
  [
    "a redirect",
    rawAnswer(301, "", { location: "https://elsewhere/" }),
    /widgets\/a: HTTP 301: it points to https:\/\/elsewhere\/$/,
    isNoAnswer,
  ],
  [
    "404 of something else",
    rawAnswer(404, "nothing here"),
    /: http:\/\/127\.0\.0\.1:\d+\/apis\/acme\.io\/v1\/namespaces\/shop\/widgets\/a: HTTP 404: nothing here$/,
    isStatus,
  ],
  ["a page", rawAnswer(200, "<html><title>Sign in</title></html>"), /: the answer is not JSON: Sign in$/, isNoAnswer],
  [
    "an unknown coding",
    rawAnswer(200, "x", { "content-encoding": "br" }),
    /: the answer comes as "br", which nobody asked for$/,
    isNoAnswer,
  ],
];
for (const [what, bytes, message, kind] of table) {
  odd(`${what}: one error that says what came, for a call`, async () => {
    const { cluster } = await start(({ socket }) => void socket.write(bytes));
    const error = await rejection(cluster.get(widgets, key));
    assert.match(error.message, message);
    assert.ok(kind(error));
  });
}

const streams: [what: string, lines: string, message: RegExp][] = [
  ["half a line of JSON", `${line(2)}{"type":"ADD`, /: the stream ended inside a line$/],
  ["HTML", `${line(2)}<html><title>Gone</title></html>\n`, /: a line of the watch is not JSON: Gone$/],
  [
    "an ERROR of an unknown reason",
    `${line(2)}{"type":"ERROR","object":{"kind":"Status","reason":"Weird","message":"odd","code":599}}\n`,
    /: odd$/,
  ],
  [
    "a bookmark without a version",
    `${line(2)}{"type":"BOOKMARK","object":{"metadata":{}}}\n`,
    /has the resourceVersion undefined: \{"type":"BOOKMARK"/,
  ],
  [
    "a version that is a number of JSON",
    `${line(2)}{"type":"ADDED","object":{"metadata":{"resourceVersion":7}}}\n`,
    /has the resourceVersion 7: /,
  ],
  ["a version that is empty", line(2) + line(""), /has the resourceVersion "": /],
];
for (const [what, lines, message] of streams) {
  odd(`${what} in a watch: one error that says what came, and the end of its connection`, async () => {
    const { cluster } = await start(({ socket }) => {
      socket.write(CHUNKED_HEAD);
      socket.write(chunk(lines));
      if (/half/.test(what)) socket.write("0\r\n\r\n");
    });
    const iterator = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
    assert.is((await iterator.next()).value.object.metadata.resourceVersion, "2");
    assert.match((await rejection(iterator.next())).message, message);
    assert.is((await iterator.next()).done, true);
    await eventually(() => server.sockets.size === 0, "the connection is closed");
  });
}
odd("a version beyond 2^53 is kept to the digit", async () => {
  const { cluster } = await start(({ socket }) => void socket.write(CHUNKED_HEAD + chunk(line("18446744073709551615"))));
  const iterator = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
  assert.is((await iterator.next()).value.object.metadata.resourceVersion, "18446744073709551615");
  await iterator.return?.();
});
odd.run();

const exits = suite("a program that does not close its connections");
exits.after.each(stop);

exits("ends all the same: idle ones do not hold it", async () => {
  const { cluster } = await start(({ socket }) => void socket.write(rawAnswer(200, widget)));
  await cluster.close();
  const script = `
    import { connect } from ${JSON.stringify(new URL("../../src/adapters/node.ts", import.meta.url).href)};
    const cluster = await connect({ master: process.argv.at(-1) });
    await cluster.get(${JSON.stringify(widgets)}, ${JSON.stringify(key)});
    console.log("asked");
  `;
  const folder = temporaryFolder();
  const file = folder.write("script.mts", `import process from "node:process";\n${script}`);
  const flags = runtime === "deno" ? ["run", "-A", "--config", fileURLToPath(new URL("../../deno.json", import.meta.url))] : [];
  const child = spawn(process.execPath, [...flags, file, server.url], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  folder.remove();
  assert.equal([output, code], ["asked\n", 0]);
});
exits.run();
