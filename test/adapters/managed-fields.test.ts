/** Who manages which field is cut out of a line of a watch: nothing else ever is, whatever somebody has written into an object. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cutManagedFields, cutManagedFieldsOfMetadata } from "../../src/adapters/api/managed-fields.ts";
import type { KubernetesObject } from "../../src/ports.ts";

const managedFields = [
  {
    apiVersion: "acme.io/v1",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:spec": { ".": {}, "f:size": {}, 'k:{"type":"a]}],"}': {}, "f:a}],": {} } },
    manager: 'one "two" \\',
    operation: "Update",
    time: "2026-11-26T21:54:53Z",
  },
  { fieldsV1: {}, manager: 'name":"}]', operation: "Apply" },
];
/** The members of metadata that come before it and after it, as a kube-apiserver writes them: in the order of the alphabet. */
const before = {
  annotations: { "a/b": 'x,"managedFields":[{}],"name":"y"', c: "\\" },
  creationTimestamp: "2026-11-26T21:54:53Z",
  deletionGracePeriodSeconds: 0,
  finalizers: ["a/b", 'c"d'],
  generation: 4,
  labels: { x: "" },
};
const after = { name: "a", namespace: "shop", ownerReferences: [{ name: "b" }], resourceVersion: "7", uid: "u" };
const line = (metadata: object, rest: object = {}, type = "MODIFIED") =>
  JSON.stringify({ type, object: { apiVersion: "acme.io/v1", kind: "Widget", metadata, ...rest } });

/** What the line says, without it. */
function pruned(text: string): unknown {
  const event = JSON.parse(text) as { object: KubernetesObject };
  delete (event.object.metadata as { managedFields?: unknown }).managedFields;
  return event;
}

const cut = suite("managedFields of a line");
const cases: [what: string, line: string][] = [
  ["alone", line({ managedFields, ...after })],
  ["after all that may come before it", line({ ...before, managedFields, ...after })],
  ["of what is deleted", line({ ...before, managedFields, ...after }, {}, "DELETED")],
  [
    "with others of that name in the object",
    line({ managedFields, ...after }, { spec: { metadata: { managedFields, ...after } } }),
  ],
];
for (const [what, text] of cases) {
  cut(`${what}: are cut out unread`, () => {
    assert.equal(JSON.parse(cutManagedFields(text)), pruned(text));
    assert.ok(cutManagedFields(text).length <= text.length - JSON.stringify(managedFields).length);
  });
}

const kept: [what: string, line: string][] = [
  ["none", line({ ...before, ...after })],
  ["empty", line({ managedFields: [], ...after })],
  ["the last of the metadata", line({ ...after, managedFields })],
  ["of a member called metadata further in", line(after, { spec: { metadata: { managedFields, ...after } } })],
  [
    "of the metadata of a template before the object's own",
    JSON.stringify({
      type: "ADDED",
      object: { apiVersion: "v1", kind: "Widget", data: { metadata: { managedFields, ...after } }, metadata: after },
    }),
  ],
  ["in another order", JSON.stringify({ object: { metadata: { managedFields, ...after } }, type: "ADDED" })],
  ["lists inside a list", line({ managedFields: [{ a: [{}], name: "b" }], ...after })],
  ["a list inside, at its beginning", line({ managedFields: [{}, [{}], {}], ...after })],
  ["in a text", line({ ...after, annotations: { a: JSON.stringify({ managedFields, ...after }) } })],
  ["something else of that name", line({ managedFields: { a: 1 }, ...after })],
  ["not JSON", '{"type":"ADDED","object":{"apiVersion":"a","kind":"b","metadata":{"managedFields":[{'],
  ["a bookmark", line({ resourceVersion: "9" }, {}, "BOOKMARK")],
];
for (const [what, text] of kept) cut(`${what}: the line is left as it is`, () => assert.is(cutManagedFields(text), text));

cut("texts of others, whatever they hold, change nothing but that", () => {
  const pieces = ['"', "\\", "{", "}", "[", "]", ",", ":", '"managedFields":[{', '}],"name":', "a", "\u2028"];
  let seed = 7;
  const next = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
  const text = () => Array.from({ length: next(6) }, () => pieces[next(pieces.length)]).join("");
  const map = () => Object.fromEntries(Array.from({ length: next(3) }, () => [text(), text()]));
  for (let round = 0; round < 3_000; round++) {
    const fields = { [text()]: {}, [text()]: { [text()]: {} } };
    const metadata = { annotations: map(), labels: map(), managedFields: [{ fieldsV1: fields, manager: text() }], ...after };
    const whole = line(metadata, { spec: map(), status: { managedFields, [text()]: text() } });
    const said = JSON.parse(cutManagedFields(whole));
    if (JSON.stringify(said) !== whole) assert.equal(said, pruned(whole), whole);
  }
});

/** An answer that is only metadata, in the order in which a kube-apiserver writes those. */
const answer = (metadata: object, rest: object = {}) =>
  JSON.stringify({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata, ...rest });
const own = {
  name: "a",
  namespace: "shop",
  uid: "u",
  resourceVersion: "7",
  generation: 2,
  creationTimestamp: "2026-11-26T21:54:53Z",
  labels: { x: "" },
  annotations: { "a/b": 'x,"managedFields":[{}]}}', c: "\\" },
};

for (const [what, end] of [["as it is", ""], ["with a line feed", "\n"]] as const) {
  cut(`of an answer of metadata, ${what}: are cut out unread`, () => {
    assert.equal(JSON.parse(cutManagedFieldsOfMetadata(answer({ ...own, managedFields }) + end)), JSON.parse(answer(own)));
    assert.equal(JSON.parse(cutManagedFieldsOfMetadata(answer({ managedFields }) + end)), JSON.parse(answer({})));
  });
}

const whole: [what: string, answer: string][] = [
  ["none", answer(own)],
  ["not the last", answer({ managedFields, ...own })],
  ["the last of something else", answer(own, { more: { managedFields } })],
  ["a list after it", answer({ ...own, managedFields, more: [{ a: { b: {} } }] })],
  ["owners, which are not understood here", answer({ ...own, ownerReferences: [{ uid: "o" }], managedFields })],
  ["of a whole object", JSON.stringify({ kind: "Widget", apiVersion: "acme.io/v1", metadata: { ...own, managedFields } })],
  ["a list inside", answer({ ...own, managedFields: [{ a: [{ b: { c: {} } }] }] })],
  ["a list after it that is written with spaces", answer({ managedFields, more: 1 }).replace(/1\}\}$/, ' [{"a":1}]}}')],
  ["not JSON", '{"kind":"PartialObjectMetadata","apiVersion":"v1","metadata":{"managedFields":[{'],
];
for (const [what, text] of whole) {
  cut(`of an answer of metadata, ${what}: it says what it said`, () => {
    const said = cutManagedFieldsOfMetadata(text);
    if (said !== text) assert.equal(JSON.parse(said), JSON.parse(text));
  });
}

cut("a long annotation does not get in the way", () => {
  const text = line({ annotations: { last: 'x"'.repeat(500_000) }, managedFields, ...after });
  assert.equal(JSON.parse(cutManagedFields(text)), pruned(text));
});
cut.run();
