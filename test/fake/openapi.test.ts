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
    "1360a4d29bb860c56ece93a0aa687f5a08e2cc295cf7f93db1d43f5cae3177b6c4bc04aeb39793a6b38c8769401de2b1e1ec082258af4a006df13b5be38324fd",
};

const hashOf = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-512", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

test("of custom resources are the genuine server's, byte by byte", async () => {
  const fake = createFakeCluster({ crds });
  for (const [version, hash] of Object.entries(hashes)) {
    const answer = await fake.fetch(new Request(`http://fake/openapi/v3/apis/${version}`));
    assert.is(await hashOf(await answer.text()), hash, version);
  }
  fake.close();
});

test.run();
