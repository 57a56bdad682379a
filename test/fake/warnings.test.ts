import { connect } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { warningHeaders } from "../../src/fake/output/warnings.ts";
import { listen } from "../../src/fake/server.ts";
import { clientOf } from "./client.ts";

const test = suite("fake: warnings");

const path = "/api/v1/namespaces/default/configmaps";
const odd = { metadata: { name: "a" }, "ключ": 1, "日本😀": 1, "ü": 1, 'a"b': 1 };
const said = ["ключ", "日本😀", "ü", 'a\\\\\\"b'].map((name) => `299 - "unknown field \\"${name}\\""`);

/** What `fetch` shows of a header in UTF-8. */
const fromBytes = (text: string) =>
  new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(text, (c) => c.charCodeAt(0)));

/** All that a server sends before it closes the connection, a character a byte. */
function exchange(url: string, body: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const bytes = new TextEncoder().encode(body);
  const head = `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}`;
  const socket = connect(Number(port), hostname, () => {
    socket.write(`${head}\r\nConnection: close\r\n\r\n`);
    socket.write(bytes);
  });
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => text += chunk).on("error", reject).on("close", () => resolve(text));
  return promise;
}

test("fault 3: a warning breaks the connection: a name in any script is warned of, and the object is stored", async () => {
  const fake = createFakeCluster();
  const { post, get } = clientOf(fake);
  const { status, headers } = await post(path, odd);
  assert.is(status, 201);
  assert.is(fromBytes(headers.get("warning")!), said.join(", "));
  assert.is((await get(`${path}/a`)).status, 200);
  fake.close();
});

test("fault 3: a warning breaks the connection: on the wire it is UTF-8, a header line for each", async () => {
  const fake = createFakeCluster();
  const server = await listen(fake);
  const [head] = fromBytes(await exchange(server.url, JSON.stringify(odd))).split("\r\n\r\n");
  assert.equal(
    head!.split("\r\n").filter((line) => /^warning:/i.test(line)).map((line) => line.slice("warning: ".length)),
    said,
  );
  await server.close();
  fake.close();
});

test("a client of the loopback server gets what the function gives", async () => {
  const fake = createFakeCluster();
  const server = await listen(fake);
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(odd),
  });
  await response.text();
  assert.is(fromBytes(response.headers.get("warning")!), said.join(", "));
  await server.close();
  fake.close();
});

test("control characters leave a warning out, the next one comes", () => {
  for (const control of ["\n", "\t", "\x01", "\x7f", "\x85"]) {
    assert.equal(warningHeaders([`a${control}b`, "next"]), ['299 - "next"']);
  }
  assert.equal(warningHeaders(["\u00a0", "\u200f", "", "same", "same"]).map(fromBytes), [
    '299 - "\u00a0"',
    '299 - "\u200f"',
    '299 - "same"',
  ]);
});

test("beyond 4,096 characters each is cut to 256, and there are no more once that is too much again", () => {
  const long = "ж".repeat(4000);
  assert.equal(warningHeaders([long]).map(fromBytes), [`299 - "${long}"`]);
  const cut = warningHeaders([
    long,
    "b".repeat(100),
    "short",
    ...Array.from({ length: 40 }, (_, at) => `${at}${"x".repeat(300)}`),
  ])
    .map(fromBytes);
  assert.is(cut[0], `299 - "${"ж".repeat(256)}"`);
  assert.is(cut[1], `299 - "${"b".repeat(100)}"`);
  const length = cut.reduce((sum, text) => sum + text.length - '299 - ""'.length, 0);
  assert.ok(length >= 4096 && length < 4096 + 256, String(length));
});

test.run();
