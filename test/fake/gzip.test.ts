import { Buffer } from "node:buffer";
import { get, type IncomingMessage } from "node:http";
import { createGunzip, gunzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, cutWatch, endWatch, gzip, type GzipOptions } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { clientOf } from "./client.ts";

const test = suite("fake: compressed answers");

const path = "/api/v1/namespaces/default/configmaps";
const plain = { "accept-encoding": "identity" };
const accepting = { "accept-encoding": "deflate, gzip" };

/** What a server sends, as it is sent. */
async function ask(url: string, headers: Record<string, string>): Promise<{ answer: IncomingMessage; bytes(): Promise<Buffer> }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => get(url, { headers }, resolve).on("error", reject));
  return {
    answer,
    async bytes() {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

const setUp = async (fault?: GzipOptions) => {
  const fake = createFakeCluster();
  const client = clientOf(fake);
  for (const name of ["a", "b"]) await client.post(path, { metadata: { name } });
  if (fault) fake.faults.add({ fault: gzip(fault), times: Infinity });
  const server = await listen(fake);
  const close = async () => {
    fake.close();
    await server.close();
  };
  return { fake, client, url: server.url + path, close };
};

test("with the fault every answer is, for who accepts it", async () => {
  const { fake, url, close } = await setUp({});
  const { answer, bytes } = await ask(`${url}/a`, accepting);
  assert.is(answer.headers["content-encoding"], "gzip");
  assert.is(answer.headers.vary, "Accept-Encoding");
  assert.is(JSON.parse(gunzipSync(await bytes()).toString()).metadata.name, "a");
  const other = await ask(`${url}/a`, plain);
  assert.is(other.answer.headers["content-encoding"], undefined);
  assert.is(JSON.parse((await other.bytes()).toString()).metadata.name, "a");
  assert.equal(fake.requests.lines().slice(2), [
    "get configmaps default/a 200 (gzip)",
    "get configmaps default/a 200 (gzip)",
  ]);
  await close();
});

test("always, where a proxy does not ask", async () => {
  const { url, close } = await setUp({ always: true });
  const { answer, bytes } = await ask(`${url}/none`, plain);
  assert.is(answer.statusCode, 404);
  assert.is(JSON.parse(gunzipSync(await bytes()).toString()).code, 404);
  await close();
});

test("long answers are in any case, as the genuine server's", async () => {
  const { client, url, close } = await setUp();
  for (const name of ["long1", "long2"]) await client.post(path, { metadata: { name }, data: { a: "x".repeat(100_000) } });
  const list = await ask(url, accepting);
  assert.is(list.answer.headers["content-encoding"], "gzip");
  assert.is(JSON.parse(gunzipSync(await list.bytes()).toString()).items.length, 4);
  const one = await ask(`${url}/long1`, accepting);
  assert.is(one.answer.headers["content-encoding"], undefined);
  await one.bytes();
  await close();
});

for (const each of ["member", "flush"] as const) {
  test(`a watch is readable event by event: ${each}`, async () => {
    const { fake, client, url, close } = await setUp({ each });
    const { answer } = await ask(`${url}?watch=1&resourceVersion=1&timeoutSeconds=60`, accepting);
    assert.is(answer.headers["content-encoding"], "gzip");
    const whole = createGunzip();
    const events: string[] = [];
    const pieces: Buffer[] = [];
    let told = () => {};
    whole.on("data", (chunk: Buffer) => {
      events.push(
        ...chunk.toString().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line).object.metadata.name),
      );
      told();
    });
    const until = async (count: number) => {
      while (events.length < count) await new Promise<void>((resolve) => told = resolve);
    };
    answer.on("data", (chunk: Buffer) => {
      pieces.push(chunk);
      whole.write(chunk);
    });
    await until(2);
    await client.post(path, { metadata: { name: "c" } });
    await until(3);
    assert.equal(events, ["a", "b", "c"]);
    const heads = Buffer.concat(pieces).toString("latin1").split("\x1f\x8b\x08").length - 1;
    assert.is(heads, each === "member" ? 3 : 1);
    const ended = new Promise<void>((resolve) => answer.on("end", resolve));
    fake.close();
    await ended;
    whole.end();
    await close();
  });
}

test("a caller of the function gets what fetch gives: nothing is compressed", async () => {
  const { client, close } = await setUp({ always: true });
  const { headers, body } = await client.get(path, accepting);
  assert.is(headers.get("content-encoding"), null);
  assert.is(body.items.length, 2);
  await close();
});

test("a watch that breaks is broken, one that ends has ended", async () => {
  for (const [fault, end] of [[cutWatch(1), "broken"], [endWatch(1), "ended"]] as const) {
    const { fake, url, close } = await setUp();
    fake.faults.add({ match: { verb: "watch" }, fault });
    const { answer } = await ask(`${url}?watch=1`, accepting);
    const came = await new Promise((resolve) =>
      answer.on("end", () => resolve("ended")).on("error", () => resolve("broken")).resume()
    );
    assert.is(came, end);
    await close();
  }
});

test.run();
