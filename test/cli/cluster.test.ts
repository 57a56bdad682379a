/** What `--mode cluster` is given: files of manifests, and the requests that it tells of. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startFakeServer } from "../../cli/cluster/fake-server.ts";
import { readManifests } from "../../src/fake/manifests.ts";
import { requestLine } from "../../cli/cluster/request-log.ts";
import { readStages } from "../../cli/cluster/stages.ts";
import { jobComplete, podReady } from "../../src/fake/mod.ts";
import { temporaryFolder } from "../support/files.ts";

const folder = temporaryFolder();
const widgets = JSON.stringify({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets" },
    versions: [{
      ...{ name: "v1", served: true, storage: true, subresources: { status: {} } },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: { type: "object", properties: { size: { type: "integer", minimum: 1 } } },
            status: { type: "object", properties: { phase: { type: "string" } } },
          },
        },
      },
    }],
  },
});
const map = (name: string, more = "") => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${more}`;

let folders = 0;
/** Starts a server with what is in these files, below a folder of their own each; a folder that is not named is not given. */
async function serve(files: Readonly<Record<string, string>>) {
  const at = `case-${folders++}`;
  for (const [name, text] of Object.entries(files)) folder.write(`${at}/${name}`, text);
  const given = (list: "crds" | "objects") => {
    const isThere = Object.keys(files).some((name) => name.startsWith(`${list}/`));
    return isThere ? readManifests(`${folder.path}/${at}/${list}`, list) : [];
  };
  try {
    return await startFakeServer({ crds: await given("crds"), objects: await given("objects") });
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(`${folder.path}/${at}/`, ""));
  }
}

const cluster = suite("cluster: what is there from the start");
cluster.after(() => folder.remove());

cluster("files of YAML and JSON, several documents, lists, in any order; a status, a uid, a date that stays a text", async () => {
  const { fake, server } = await serve({
    "crds/widgets.json": widgets,
    "crds/README.md": "no manifest",
    "objects/a.yaml": [
      "# first what needs the rest",
      "apiVersion: example.com/v1",
      "kind: Widget",
      "metadata: {name: w, namespace: shop, uid: 0000-1}",
      "spec: {size: 3}",
      "status: {phase: Ready}",
      "---",
      "---",
      "apiVersion: v1",
      "kind: Namespace",
      "metadata: {name: shop, labels: {a: b}}",
    ].join("\n"),
    "objects/b.yml": `apiVersion: v1\nkind: List\nitems:\n- ${
      map("a", "data: {when: 2026-01-01}").trim().replaceAll("\n", "\n  ")
    }`,
    "objects/c.json": `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default","labels":{"c":"d"}}}`,
  });
  const get = async (path: string) => await (await fetch(`${server.url}${path}`)).json();
  try {
    const widget = await get("/apis/example.com/v1/namespaces/shop/widgets/w");
    assert.equal([widget.spec, widget.status, widget.metadata.uid], [{ size: 3 }, { phase: "Ready" }, "0000-1"]);
    assert.is((await get("/api/v1/namespaces/default/configmaps/a")).data.when, "2026-01-01");
    assert.is((await get("/api/v1/namespaces/shop")).metadata.labels.a, "b");
    assert.is((await get("/api/v1/namespaces/default")).metadata.labels.c, "d");
    const crds = (await get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")).items as { metadata: { name: string } }[];
    assert.equal(crds.map(({ metadata }) => metadata.name), ["requeststates.com.redhat.ecosystem.sample", "widgets.example.com"]);
    assert.ok(crds.every(({ metadata }) => JSON.stringify(metadata).includes("last-applied-configuration")));
  } finally {
    fake.close();
    await server.close();
  }
});

cluster("a CRD that has the name of the project's own stands in its place", async () => {
  const own = await readFile(new URL("../../crds/request-state.yaml", import.meta.url), "utf8");
  const { server } = await serve({ "crds/mine.yaml": own.replace("shortNames: [rqs]", "shortNames: [mine]") });
  const { items } = await (await fetch(`${server.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`)).json();
  await server.close();
  assert.equal(items.map((crd: { spec: { names: { shortNames: string[] } } }) => crd.spec.names.shortNames), [["mine"]]);
});

/** What is given, and the one sentence. */
const REFUSED: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, sentence: RegExp]>> = {
  "text that is no YAML": [
    { "objects/a.yaml": `${map("a")}---\na: [1\nb: 2\n` },
    /^Cannot read objects\/a\.yaml, document 2: .+ at line \d+, column \d+$/,
  ],
  "a member twice": [
    { "objects/a.yaml": map("a", "kind: Secret") },
    /^Cannot read objects\/a\.yaml: Map keys must be unique at line/,
  ],
  "a bomb of aliases": [
    { "objects/a.yaml": `a: &a [1,2]\nb: &b [${"*a,".repeat(11)}]\nc: &c [${"*b,".repeat(11)}]\nd: [${"*c,".repeat(11)}]\n` },
    /^Cannot read objects\/a\.yaml: Excessive alias count/,
  ],
  "what is no object": [
    { "objects/a.yaml": `${map("a")}---\n- 1\n` },
    /^Cannot use objects\/a\.yaml, document 2: it is no object of Kubernetes, which has an apiVersion and a kind$/,
  ],
  "an item of a list that is none": [
    { "objects/a.yaml": "apiVersion: v1\nkind: List\nitems: [{a: 1}]\n" },
    /^Cannot use objects\/a\.yaml, item 1: it is no object/,
  ],
  "a kind that is not served": [
    { "objects/a.yaml": `${map("a")}---\napiVersion: apps/v1\nkind: Gadget\nmetadata: {name: web}\n` },
    /^Cannot set up Gadget "web" of objects\/a\.yaml, document 2: apps\/v1 has no such kind here: add its CustomResourceDefinition with --crds, or leave it out$/,
  ],
  "an object that is refused": [
    {
      "crds/w.json": widgets,
      "objects/a.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 0}\n",
    },
    /^Cannot set up Widget "w" of objects\/a\.yaml: Widget\.example\.com "w" is invalid: spec\.size: Invalid value: 0: spec\.size in body should be greater than or equal to 1$/,
  ],
  "an object that cannot be read": [
    { "objects/a.yaml": map("a", "data: {x: 5}") },
    /^Cannot set up ConfigMap "a" of objects\/a\.yaml: json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/,
  ],
  "metadata that is none": [
    { "objects/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: 5\n" },
    /^Cannot set up ConfigMap "" of objects\/a\.yaml: json: cannot unmarshal number into Go value of type v1\.ObjectMeta$/,
  ],
  "an object twice, in two files": [
    { "objects/a.yaml": map("a"), "objects/b.yaml": map("a") },
    /^Cannot set up ConfigMap "a" of objects\/b\.yaml: configmaps "a" already exists$/,
  ],
  "a namespace that is not there": [
    { "objects/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n" },
    /^Cannot set up ConfigMap "a" of objects\/a\.yaml: there is no namespace "shop": add a document with apiVersion: v1, kind: Namespace, metadata: \{name: shop\}$/,
  ],
  "a CRD that is refused": [
    { "crds/w.json": widgets.replace('"name":"widgets.example.com"', '"name":"widgets"') },
    /^Cannot set up CustomResourceDefinition "widgets" of crds\/w\.json: .* is invalid: metadata\.name: Invalid value: "widgets": must be spec\.names\.plural/,
  ],
  "what is no CRD, among them": [
    { "crds/a.yaml": map("a") },
    /^Cannot use crds\/a\.yaml as a CRD: it is a ConfigMap of v1, expected a CustomResourceDefinition of apiextensions\.k8s\.io\/v1; objects of other kinds are given with --objects$/,
  ],
  "a CRD of another time": [
    { "crds/w.json": widgets.replace("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1") },
    /^Cannot use crds\/w\.json as a CRD: it is a CustomResourceDefinition of apiextensions\.k8s\.io\/v1beta1, expected .*\/v1$/,
  ],
  "a folder without manifests": [
    { "objects/README.md": "" },
    /^Cannot read objects \(--objects\): no file in that folder ends with \.yaml, \.yml or \.json$/,
  ],
  "files in which nothing stands": [
    { "objects/a.yaml": "# later\n---\n", "objects/b.json": "" },
    /^Cannot use objects \(--objects\): nothing stands in it, expected objects of Kubernetes$/,
  ],
};
for (const [what, [files, sentence]] of Object.entries(REFUSED)) {
  cluster(`one sentence for ${what}`, async () => {
    const { message } = await serve(files).then(() => new Error("it was served"), (error: Error) => error);
    assert.match(message.replaceAll(folder.path, "").replace(/\/case-\d+\//, ""), sentence);
  });
}

/** Reads stages of files, below a folder of their own. */
async function stagesOf(files: Readonly<Record<string, string>>) {
  const at = `case-${folders++}`;
  for (const [name, text] of Object.entries(files)) folder.write(`${at}/${name}`, text);
  try {
    return await readStages(`${folder.path}/${at}`, "stages");
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(`${folder.path}/${at}/`, ""));
  }
}

cluster("stages: names of those that there are, one's own, of several files and documents", async () => {
  const own = { name: "a", resource: "pods", delay: [1, 2], delete: true };
  const found = await stagesOf({
    "a.yaml": "- podReady\n- {name: a, resource: pods, delay: [1, 2], delete: yes}\n---\njobComplete\n---\n",
    "b.json": JSON.stringify(own),
  });
  assert.equal(found, [podReady, own, jobComplete, own]);
});

const REFUSED_STAGES: Readonly<Record<string, readonly [text: string, sentence: string | RegExp]>> = {
  "a name of none": [
    "- podReady\n- podReddy\n",
    /^Cannot use "podReddy" of a\.yaml, item 2 as a stage: expected deploymentAvailable, .*podReady.*, or one of your own; did you mean "podReady"\?$/,
  ],
  nothing: ["# later\n", /^Cannot use .* \(--stages\): nothing stands in it, expected stages$/],
  "what is none": ["- 5\n", "Cannot use 5 as a stage of a.yaml, item 1: expected an object, such as podReady"],
  "a member that there is not": [
    "name: a\nresource: pods\nnext: {delete: true}\n",
    /^Cannot use the stage "a" of a\.yaml: it has a member "next", expected name, /,
  ],
  "an expression that is none": [
    "- {name: a, resource: pods, delete: true, when: '1'}\n",
    'Cannot use the stage "a" of a.yaml, item 1: the expression "1" gives int, expected bool',
  ],
};
for (const [what, [text, sentence]] of Object.entries(REFUSED_STAGES)) {
  cluster(`stages: one sentence for ${what}`, async () => {
    const { message } = await stagesOf({ "a.yaml": text }).then(() => new Error("it was read"), (error: Error) => error);
    if (typeof sentence === "string") assert.is(message, sentence);
    else assert.match(message, sentence);
  });
}

cluster("a stage that fails is told of in a line, and the server goes on", async () => {
  const told: string[] = [];
  const stages = await stagesOf({ "a.yaml": "- {name: a, resource: configmaps, when: self.nope, delete: true}\n" });
  const { fake, server } = await startFakeServer({ stages, stageFailed: (line) => told.push(line) });
  const answer = await fetch(`${server.url}/api/v1/namespaces/default/configmaps`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"metadata":{"name":"m"}}',
  });
  assert.is(answer.status, 201);
  assert.equal(told, ['The stage "a" fails for configmaps "default/m": the expression "self.nope": no such key: nope']);
  fake.close();
  await server.close();
});

cluster("a stage about what nobody serves as yet is told of in a line: its CRD may come", async () => {
  const told: string[] = [];
  const text = ["widgts", "widgets", "pods", "zebras", "deployments.app"]
    .map((resource) => `- {name: on-${resource}, resource: ${resource}, when: "false", delete: true}\n`).join("");
  const crds = await (async () => {
    folder.write("idle/crd.json", widgets);
    return await readManifests(`${folder.path}/idle`);
  })();
  const stages = await stagesOf({ "a.yaml": text });
  const { fake, server } = await startFakeServer({ stages, crds, stageFailed: (line) => told.push(line) });
  assert.equal(told, [
    'The stage "on-widgts" waits: no resource "widgts" is served as yet; did you mean "widgets"?',
    'The stage "on-zebras" waits: no resource "zebras" is served as yet',
    'The stage "on-deployments.app" waits: no resource "deployments.app" is served as yet; did you mean "deployments.apps"?',
  ]);
  fake.close();
  await server.close();
});

cluster("a request in a line, whatever its client has sent", () => {
  const line = (method: string, path: string, ...[status]: [status?: number]) =>
    requestLine({ time: Date.UTC(2026, 0, 1), method, url: new URL(`http://fake${path}`), status, took: 2.6 });
  const at = "2026-01-01T00:00:00.000Z";
  assert.is(line("GET", "/api/v1/namespaces?limit=5", 200), `${at} list   /api/v1/namespaces?limit=5 200 3ms`);
  assert.is(line("GET", "/api/v1/namespaces?watch=1", 200), `${at} watch  /api/v1/namespaces?watch=1 200 3ms`);
  assert.is(line("POST", "/api/v1/namespaces", 201), `${at} create /api/v1/namespaces 201 3ms`);
  assert.is(line("GET", "/version"), `${at} get    /version broken 3ms`);
  assert.is(line("GET", "/api/v1/nodes/%C3%A4?l=a%3Db", 200), `${at} get    /api/v1/nodes/ä?l=a=b 200 3ms`);
  assert.is(
    line("GET", "/api/v1/nodes/%1b%5b2J%0aforged%20line%e2%80%ae%ff%zz", 400),
    `${at} get    /api/v1/nodes/%1b%5b2J%0aforged%20line%e2%80%ae%ff%zz 400 3ms`,
  );
  assert.is(line("GET", "/x%1b%5b2J%e2%80%ae", 404), `${at} get    /x\\u001b[2J\\u202e 404 3ms`);
});
cluster.run();
