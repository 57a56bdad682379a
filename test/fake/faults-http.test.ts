import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, cut, cutWatch, type Fault, loseAnswer, refuse, silenceWatch } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { linesOf } from "./client.ts";

const test = suite("fake: faults over HTTP");

async function onServer(story: (fake: ReturnType<typeof createFakeCluster>, url: string) => Promise<void>): Promise<void> {
  const fake = createFakeCluster();
  const server = await listen(fake);
  try {
    await story(fake, `${server.url}/api/v1/namespaces`);
  } finally {
    fake.close();
    await server.close();
  }
}
const post = (url: string, name: string) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ metadata: { name } }) });

const losses: [fault: Fault, effect: number | undefined][] = [[cut(), undefined], [loseAnswer(), 201]];
for (const [fault, effect] of losses) {
  test(`${fault.name}: the connection breaks, the next one works`, () =>
    onServer(async (fake, url) => {
      // Deno's fetch sends a request whose connection broke once more by itself, a POST too: that one is to break as well.
      const handle = fake.faults.add({ match: { verb: "create" }, times: Infinity, fault });
      const error = await post(url, "a").then(() => assert.unreachable("was answered"), (error) => error);
      assert.instance(error, TypeError);
      handle.remove();
      const again = await post(url, "a");
      await again.text();
      assert.is(again.status, effect === undefined ? 201 : 409);
      const [first] = fake.requests;
      assert.equal([first!.status, first!.effect], [0, effect]);
    }));
}

test("a watch that is cut: what came before arrives, then the connection breaks", () =>
  onServer(async (fake, url) => {
    fake.faults.add({ fault: cutWatch(2) });
    const lines = linesOf((await fetch(`${url}?watch=1`)).body!);
    assert.equal([(await lines.next()).type, (await lines.next()).type], ["ADDED", "ADDED"]);
    const rest = await lines.next().then((line) => line, () => "broken");
    assert.is(rest, "broken");
  }));

test("a silent watch sends its headers, and ends with its client", () =>
  onServer(async (fake, url) => {
    fake.faults.add({ fault: silenceWatch() });
    const controller = new AbortController();
    const response = await fetch(`${url}?watch=1`, { signal: controller.signal });
    assert.is(response.status, 200);
    controller.abort();
    await response.text().catch(() => {});
  }));

test("Retry-After and the texts of proxies pass", () =>
  onServer(async (fake, url) => {
    fake.faults.add({ fault: refuse({ code: 429, text: "<html>", retryAfter: 3 }) });
    const response = await fetch(url);
    assert.equal([response.status, response.headers.get("retry-after"), await response.text()], [429, "3", "<html>"]);
  }));

test.run();
