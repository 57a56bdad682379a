import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: schemas");

const refused: [string, unknown, string][] = [
  ["wrong type", { size: "x" }, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'],
  ["required", {}, "spec.size: Required value"],
  ["maximum", { size: 101 }, "spec.size: Invalid value: 101: spec.size in body should be less than or equal to 100"],
  ["enum", { size: 1, color: "blue" }, 'spec.color: Unsupported value: "blue": supported values: "red", "green"'],
  ["too many", { size: 1, tags: ["a", "b", "c", "d"] }, "spec.tags: Too many: 4: must have at most 3 items"],
  ["too long", { size: 1, tags: ["abcdef"] }, "spec.tags[0]: Too long: may not be more than 5 bytes"],
  ["pattern", { size: 1, tags: ["A"] }, "spec.tags[0]: Invalid value: \"A\": spec.tags[0] in body should match '^[a-z]+$'"],
  ["set", { size: 1, tags: ["a", "a"] }, 'spec.tags[1]: Duplicate value: "a"'],
  [
    "int or string",
    { size: 1, port: true },
    'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
  ],
  [
    "additional",
    { size: 1, limits: { cpu: "x" } },
    'spec.limits.cpu: Invalid value: "string": spec.limits.cpu in body must be of type integer: "string"',
  ],
  ["format", { size: 1, when: "soon" }, 'spec.when: Invalid value: "soon": spec.when in body must be of type date-time: "soon"'],
];
for (const [name, spec, fault] of refused) {
  test(`refused: ${name}`, async () => {
    const client = clientOf(createFakeCluster({ crds: [widgets] }));
    const { status, body } = await client.post(widgetsPath, widget("a", spec));
    assert.is(status, 422);
    assert.is(body.message, `Widget.example.com "a" is invalid: ${fault}`);
  });
}

const accepted: [string, unknown, unknown][] = [
  ["default", { size: 1 }, { color: "red", size: 1 }],
  ["null gives way to the default", { size: 1, color: null }, { color: "red", size: 1 }],
  ["null where it may be", { size: 1, note: null }, { color: "red", note: null, size: 1 }],
  ["unknown is dropped", { size: 1, nope: 1 }, { color: "red", size: 1 }],
  ["unknown is kept where told", { size: 1, free: { any: [1] } }, { color: "red", free: { any: [1] }, size: 1 }],
];
for (const [name, spec, stored] of accepted) {
  test(`accepted: ${name}`, async () => {
    const client = clientOf(createFakeCluster({ crds: [widgets] }));
    const { status, body } = await client.post(widgetsPath, widget("a", spec));
    assert.is(status, 201);
    assert.equal(body.spec, stored);
  });
}

const unknown = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"size":1,"size":2,"nope":1}}';

test("unknown and duplicate fields are warned about, or refused, or not spoken of", async () => {
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  const strict = await client.post(`${widgetsPath}?fieldValidation=Strict`, unknown);
  assert.is(strict.status, 400);
  assert.match(strict.body.message, 'strict decoding error: duplicate field "spec.size", unknown field "spec.nope"');
  const warned = await client.post(widgetsPath, unknown);
  assert.is(warned.status, 201);
  assert.is(warned.headers.get("warning"), '299 - "duplicate field \\"spec.size\\"", 299 - "unknown field \\"spec.nope\\""');
  const silent = await client.post(`${widgetsPath}?fieldValidation=Ignore`, unknown.replace('"a"', '"b"'));
  assert.is(silent.headers.get("warning"), null);
});

test("what was invalid before a change of the schema may stay as it is", async () => {
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  await client.post(widgetsPath, widget("a", { size: 90 }));
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
  const size = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum";
  assert.is((await client.patch(path, [{ op: "replace", path: size, value: 50 }], "json")).status, 200);
  assert.is((await client.patch(`${widgetsPath}/a`, { spec: { color: "green" } })).status, 200);
  assert.is((await client.patch(`${widgetsPath}/a`, { spec: { size: 91 } })).status, 422);
});

test("fault 1: objects inside arrays of an untyped member are emptied: none is, however it is written", async () => {
  const untyped = { "x-kubernetes-preserve-unknown-fields": true };
  const properties = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
  const client = clientOf(createFakeCluster({ crds: [widgets] }));
  const crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
  const added = Object.entries({
    un: untyped,
    ua: { type: "array", items: untyped },
    ua2: { type: "array", ...untyped, items: { type: "object" } },
  }).map(([name, value]) => ({ op: "add", path: `${properties}/${name}`, value }));
  assert.is((await client.patch(crd, added, "json")).status, 200);
  const spec = { un: [{ b: 1, c: [{ d: 2 }] }, [[{ x: 1 }]]], ua: [{ b: 1 }, [{ c: 1 }]], ua2: [{ b: 1 }] };
  const kept = (answer: { headers: Headers; body: { spec: typeof spec } }) => {
    const { un, ua, ua2 } = answer.body.spec;
    assert.equal({ un, ua, ua2 }, spec);
    assert.is(answer.headers.get("warning"), null);
  };
  const created = await client.post(widgetsPath, widget("a", { size: 1, ...spec }));
  kept(created);
  kept(await client.put(`${widgetsPath}/a`, { ...created.body, spec: { size: 2, ...spec } }));
  await client.post(widgetsPath, widget("b"));
  kept(await client.patch(`${widgetsPath}/b`, { spec }));
  await client.post(widgetsPath, widget("c"));
  const operations = Object.entries(spec).map(([name, value]) => ({ op: "add", path: `/spec/${name}`, value }));
  kept(await client.patch(`${widgetsPath}/c`, operations, "json"));
  kept(await client.get(`${widgetsPath}/c`));
});

test.run();
