import { request } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster, unavailable } from "../../src/fake/mod.ts";
import { type FakeServer, listen } from "../../src/fake/server.ts";

const test = suite("fake: steps of dots in a path, as they come over the wire");

let fake: FakeCluster;
let server: FakeServer;
test.before(async () => {
  fake = createFakeCluster({
    objects: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "n" } },
    ],
  });
  server = await listen(fake);
});
test.after(async () => {
  await server.close();
  fake.close();
});

/** Asks without taking anything out of the path, as `fetch` would. */
function ask(method: string, path: string): Promise<readonly [status: number, message: string]> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => text += part).on("error", reject);
      answer.on("end", () => resolve([answer.statusCode!, text.startsWith("{") ? JSON.parse(text).message ?? "" : text]));
    });
    sent.on("error", reject).end();
  });
}

const nothing = "the server could not find the requested resource";
const at = "/api/v1/namespaces/n/configmaps";

/** What a genuine 1.35 answers. */
const cases: readonly (readonly [method: string, path: string, status: number, message: string])[] = [
  ["GET", `${at}/.`, 400, `Name parameter invalid: ".": may not be '.'`],
  ["GET", `${at}/..`, 400, `Name parameter invalid: "..": may not be '..'`],
  ["DELETE", `${at}/.`, 400, `Name parameter invalid: ".": may not be '.'`],
  ["DELETE", `${at}/..`, 400, `Name parameter invalid: "..": may not be '..'`],
  ["GET", `${at}/%2e`, 400, `Name parameter invalid: ".": may not be '.'`],
  ["GET", `${at}/%2e%2e?pretty=1`, 400, `Name parameter invalid: "..": may not be '..'`],
  ["GET", "/api/v1/namespaces/n/./configmaps", 404, nothing],
  ["GET", "/api/v1/namespaces/n/../n/configmaps", 404, nothing],
  ["GET", "/api/./v1", 404, nothing],
  ["DELETE", "/api/./v1", 404, nothing],
  ["GET", "/api/../apis", 404, nothing],
  ["GET", "/../api", 404, "404 page not found\n"],
  ["POST", "/../api", 404, "404 page not found\n"],
];

for (const [method, path, status, message] of cases) {
  test(`${method} ${path}`, async () => assert.equal(await ask(method, path), [status, message]));
}

test("nothing was deleted, with a fault to come, too", async () => {
  const fault = fake.faults.add({ match: { verb: "create" }, fault: unavailable() });
  assert.equal(await ask("DELETE", `${at}/..`), [400, `Name parameter invalid: "..": may not be '..'`]);
  assert.equal((await ask("GET", "/api/v1/namespaces/n"))[0], 200);
  assert.equal((await ask("GET", `${at}/a`))[0], 200);
  fault.remove();
});

test("TRACE is a method like others that are not known", async () => {
  assert.equal(await ask("TRACE", at), [405, "the server does not allow this method on the requested resource"]);
  assert.equal((await ask("TRACE", "/apis"))[0], 200);
});

test("a URL may be as long as the server takes it", async () => {
  const [status, message] = await ask("GET", `${at}?labelSelector=${"x".repeat(20_000)}`);
  assert.is(status, 400);
  assert.match(message, /^unable to parse requirement: <nil>: Invalid value: "xxx/);
});

test.run();
