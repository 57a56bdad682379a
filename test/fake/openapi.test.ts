import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { crds } from "./openapi-crds.ts";

const test = suite("fake: OpenAPI documents");

/** The hashes under which a genuine 1.35.4 has the documents: SHA-512 of their bytes. */
const hashes = {
  "open-api.example.com/v1":
    "fb86a4f8bc3339c3d6493d3eb2d6ea45c2b9fed92ad1025bfa32796ac6edfd82eae2c914714080949096c3933eb9feef0ad70e778a4ecf89b6ee48545ddacdad",
  "open-api.example.com/v1beta1":
    "80e8890f05af296ed5517c6eedb1a6b2f9f35a0bedb2cb44b0e98987cc82990f432fe58288c18c95b60a7e5a24b28c7f2256f6a0958f101462cb8c923bc6220c",
  "9things.k8s.io/v1alpha1":
    "69485d227b0a962bd7416725ffbd181dc9a1b04451e8ef926b640dbccfa06844c785d700b3a4b5f06c4d009dcf41c9c68feb133ba63a269421c005636851f6c3",
  "plain.io/v1":
    "435f72d98b1f494e52e1753312bc0f6da50a012b7697f1b24e1e86234f3880a163e20e28e32be316333ee2c60e2160248991c97ce996d7312550bb1b0f4fb735",
};

const protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** Those of the one document of v2, which is a genuine server's with all of its own groups, by media type. */
const older = {
  "application/json":
    "66fc242018ad40b326f75090a388d3ba3df4a74103a14eb7777dfcaaa7a1023d65a272e40a1d368205ca9d0794008b4ff37b36293b960966e7b1ae80ae2f3fc9",
  [protobuf]:
    "41a92e612974fe85d8413f89a2825ba473d598bd01ee1379fc95c206e75705d5a33709cc27b3a621bb8954a02a1fdbca96e1bd7d2e10f1dd5535fb2ddfc498c0",
};

const hashOf = async (answer: Response): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-512", await answer.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

test("of custom resources are the genuine server's, byte by byte", async () => {
  const fake = createFakeCluster({ crds });
  for (const [version, hash] of Object.entries(hashes)) {
    const answer = await fake.fetch(new Request(`http://fake/openapi/v3/apis/${version}`));
    assert.is(await hashOf(answer), hash, version);
  }
  fake.close();
});

test("of v2 are the genuine server's, in JSON and in protobuf", async () => {
  const fake = createFakeCluster({ crds });
  const ask = (accept: string, more: Record<string, string> = {}) =>
    fake.fetch(new Request("http://fake/openapi/v2", { headers: { accept, ...more } }));
  for (const [type, hash] of Object.entries(older)) {
    const answer = await ask(type);
    assert.is(answer.headers.get("content-type"), type);
    assert.is((await ask(type, { "if-none-match": answer.headers.get("etag")! })).status, 304);
    assert.is(await hashOf(answer), hash, type);
  }
  const typeOf = async (accept: string) => (await ask(accept)).headers.get("content-type");
  assert.is(await typeOf("*/*"), "application/json");
  assert.is(await typeOf("application/json;q=0.5,application/com.github.proto-openapi.spec.v2@v1.0+protobuf"), protobuf);
  assert.is((await ask("text/plain")).status, 406);
  fake.close();
});

test("follow the CRDs, in both versions", async () => {
  const fake = createFakeCluster({ crds: crds.slice(0, 1) });
  const ask = async (path: string) => (await fake.fetch(new Request(`http://fake${path}`))).json();
  const send = (method: string, path: string, type: string, body: unknown) =>
    fake.fetch(
      new Request(`http://fake/apis/apiextensions.k8s.io/v1/customresourcedefinitions${path}`, {
        method,
        headers: { "content-type": type },
        body: JSON.stringify(body),
      }),
    );
  const definitions = async () => (await ask("/openapi/v2")).definitions as Record<string, { description: string }>;
  const own = async () => Object.keys(await definitions()).filter((name) => name.startsWith("com.example.")).length;
  const hash = async () => (await ask("/openapi/v3")).paths["apis/open-api.example.com/v1"].serverRelativeURL as string;
  assert.is(await own(), 4);
  const before = await hash();
  await send("POST", "", "application/json", crds[1]);
  assert.is(await own(), 8);
  const between = await hash();
  assert.is.not(between, before);
  const path = "/spec/versions/0/schema/openAPIV3Schema/description";
  await send("PATCH", "/widgets.open-api.example.com", "application/json-patch+json", [{
    op: "replace",
    path,
    value: "Otherwise.",
  }]);
  assert.is.not(await hash(), between);
  assert.is((await definitions())["com.example.open-api.v1.Widget"]!.description, "Otherwise.");
  fake.close();
});

test("of v3 are given to who takes JSON", async () => {
  const fake = createFakeCluster({ crds });
  const ask = (accept: string) => fake.fetch(new Request("http://fake/openapi/v3/apis/plain.io/v1", { headers: { accept } }));
  const protobuf = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
  const status = async (accept: string) => (await ask(accept)).status;
  assert.equal(
    [await status("text/plain"), await status("application/yaml"), await status("application/*"), await status(protobuf)],
    [406, 406, 200, 501],
  );
  const nothing = await ask("nonsense");
  assert.equal([nothing.status, await nothing.text()], [200, ""]);
  fake.close();
});

test.run();
