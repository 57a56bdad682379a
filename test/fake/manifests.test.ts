/** What a fake cluster is set up with: objects that were read from files, and what is refused there. */
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { readObjects } from "../../src/fake/server.ts";
import { temporaryFolder } from "../support/files.ts";
import { clientOf } from "./client.ts";
import { widgets } from "./widgets.ts";

const folder = temporaryFolder();
const test = suite("fake: manifests");
test.after(() => folder.remove());

const names = (objects: readonly { readonly kind: string; readonly metadata?: unknown }[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${(metadata as { name: string }).name}`);

test("a folder is read, CRDs first and then namespaces, lists as their items; a test is set up with them", async () => {
  folder.write(
    "all/a.yaml",
    "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: {size: 2}\n---\n# nothing\n",
  );
  folder.write(
    "all/b.yml",
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: m}}\n- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n",
  );
  folder.write("all/c.json", JSON.stringify(widgets));
  folder.write("all/README.md", "no manifest");
  const objects = await readObjects(`${folder.path}/all`);
  assert.equal(names(objects), [
    "CustomResourceDefinition widgets.example.com",
    "Namespace shop",
    "Widget w",
    "ConfigMap m",
  ]);
  assert.equal(await readObjects(pathToFileURL(`${folder.path}/all/`)), objects);
  const fake = createFakeCluster({ objects });
  const { body } = await clientOf(fake).get("/apis/example.com/v1/namespaces/shop/widgets/w");
  assert.is(body.spec.size, 2);
  fake.close();
});

const unreadable: readonly (readonly [what: string, text: string | undefined, message: RegExp])[] = [
  ["nothing", undefined, /^Cannot read .*\.yaml: there is no such file or folder$/],
  ["no YAML", "a: [b", /^Cannot read .*\.yaml: Flow sequence .* line 1, column 6$/],
  ["no object", "a: b", /^Cannot use .*\.yaml: it is no object of Kubernetes, which has an apiVersion and a kind$/],
];
for (const [what, text, message] of unreadable) {
  test(`${what} is told with the path, and no flag of the command`, async () => {
    const path = `${what.replace(" ", "-")}.yaml`;
    if (text !== undefined) folder.write(path, text);
    const said = await readObjects(`${folder.path}/${path}`).then(() => "read", ({ message }: Error) => message);
    assert.match(said, message);
  });
}

const refused: readonly (readonly [what: string, given: unknown, message: string])[] = [
  [
    "a text",
    "apiVersion: v1\nkind: ConfigMap\n",
    "objects[0]: it is a text, expected an object; readObjects(path) of crd-watcher/fake/server reads files of YAML and JSON",
  ],
  ["an array", [{ apiVersion: "v1" }], "objects[0]: it is an array, expected an object"],
  ["null", null, "objects[0]: it is null, expected an object"],
  [
    "an object of something else",
    { metadata: { name: "a" } },
    "objects[0]: it is no object of Kubernetes, which has an apiVersion and a kind",
  ],
  ["a list", { apiVersion: "v1", kind: "ConfigMapList", items: [] }, 'ConfigMapList "": give the items of a list in its place'],
  [
    "an unknown kind",
    { apiVersion: "v1", kind: "Cog", metadata: { name: "a" } },
    'Cog "a": v1 has no such kind here',
  ],
];
for (const [what, given, message] of refused) {
  test(`${what} in the place of an object is refused in words`, () => {
    assert.throws(
      () => createFakeCluster({ objects: [given as object] }),
      ({ message: said }: Error) => said === `Cannot set up ${message}`,
    );
  });
}
test("so it is among CRDs", () => {
  assert.throws(() => createFakeCluster({ crds: [widgets, "kind: x" as never] }), /^Cannot set up crds\[1\]: it is a text, /);
});
test.run();
