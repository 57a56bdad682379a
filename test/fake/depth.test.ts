import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";

const test = suite("fake: bodies that are too deep");

const limit = 10_000;
const deep = '{"a":'.repeat(limit) + "1" + "}".repeat(limit);
const lists = "[".repeat(limit) + "]".repeat(limit);
const head = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}';
const at = "/api/v1/namespaces/default/configmaps";

/** What a genuine 1.35 answers: all 400. */
const cases: readonly (readonly [method: string, path: string, type: string, body: string, message: string])[] = [
  [
    "POST",
    at,
    "application/json",
    `${head},"nope":${deep}}`,
    "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: " +
    `invalid character '{' exceeded max depth ({"apiVersion":"v1","kind":"Con ...)`,
  ],
  [
    "POST",
    at,
    "application/json",
    `${head},"nope":${lists}}`,
    "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: " +
    `invalid character '[' exceeded max depth ({"apiVersion":"v1","kind":"Con ...)`,
  ],
  [
    "PATCH",
    `${at}/a`,
    "application/merge-patch+json",
    `{"nope":${deep}}`,
    "error decoding patch: invalid character '{' exceeded max depth",
  ],
  [
    "PATCH",
    `${at}/a`,
    "application/json-patch+json",
    `[{"op":"add","path":"/nope","value":${deep}}]`,
    "error decoding patch: invalid character '{' exceeded max depth",
  ],
  ["PATCH", `${at}/a`, "application/strategic-merge-patch+json", `{"nope":${deep}}`, "invalid character '{' exceeded max depth"],
  [
    "DELETE",
    `${at}/a`,
    "application/json",
    `{"nope":${deep}}`,
    "couldn't get version/kind; json parse error: invalid character '{' exceeded max depth",
  ],
];

for (const [method, path, type, body, message] of cases) {
  test(`${method} ${type} ${body.includes("[[") ? "of lists" : "of objects"}: refused in the server's words`, async () => {
    const fake = createFakeCluster({
      objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } }],
    });
    const answer = await fake.fetch(new Request(`http://fake${path}`, { method, headers: { "content-type": type }, body }));
    const status = await answer.json() as { readonly message: string; readonly code: number };
    assert.equal([status.code, status.message], [400, message]);
    fake.close();
  });
}

test("below the server's limit and above the fake's own: 501, in YAML, too", async () => {
  const fake = createFakeCluster();
  for (
    const [type, body] of [["application/json", `${head},"nope":${"[".repeat(9_000)}${"]".repeat(9_000)}}`], [
      "application/yaml",
      `${head},"nope":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
    ]] as const
  ) {
    const answer = await fake.fetch(new Request(`http://fake${at}`, { method: "POST", headers: { "content-type": type }, body }));
    const status = await answer.json() as { readonly message: string };
    assert.equal([answer.status, status.message], [501, "the fake API server does not implement objects nested this deeply"]);
  }
  fake.close();
});

test.run();
