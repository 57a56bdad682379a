import { suite } from "uvu";
import * as assert from "uvu/assert";
import { capUpdaters } from "../../src/fake/managed/cap.ts";
import { compare } from "../../src/fake/managed/compare.ts";
import { identify, isReset, type Managed, readEntries, writeEntries } from "../../src/fake/managed/entries.ts";
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmpty,
  paths,
  readFieldSet,
  setOf,
  union,
  without,
} from "../../src/fake/managed/field-set.ts";
import { deduced, type FieldType } from "../../src/fake/managed/field-type.ts";
import { merge } from "../../src/fake/managed/merge.ts";
import { fieldsOf, withNamed } from "../../src/fake/managed/owned.ts";
import { compareElements, PathElementError, printElement, readElement } from "../../src/fake/managed/path-element.ts";
import { reconcile } from "../../src/fake/managed/reconcile.ts";
import { removeFields } from "../../src/fake/managed/remove.ts";
import { schemaType } from "../../src/fake/managed/schema-type.ts";
import { checkTyped } from "../../src/fake/managed/validate.ts";
import type { Json, JsonObject } from "../../src/fake/types/json.ts";

const elements = suite("path elements");
for (
  const [text, read, shown] of [
    ["f:name", "f:name", ".name"],
    ["f:a.b/c", "f:a.b/c", ".a.b/c"],
    ["f:", "f:", "."],
    ['v:"x"', 'v:"x"', '[="x"]'],
    ['v: "x"', 'v:"x"', '[="x"]'],
    ["v:5", "v:5", "[=5]"],
    ["v:1.0", "v:1", "[=1]"],
    ['v:"<"', 'v:"\\u003c"', '[="<"]'],
    ['k:{"protocol":"TCP","name":"a"}', 'k:{"name":"a","protocol":"TCP"}', '[name="a",protocol="TCP"]'],
    ['k:{"port":80}', 'k:{"port":80}', "[port=80]"],
    ["i:07", "i:7", "[7]"],
  ] as const
) {
  elements(text, () => {
    const element = readElement(text)!;
    assert.is(element, read);
    assert.is(printElement(element), shown);
  });
}
elements("what a later version may know is left out", () => assert.is(readElement("x:later"), undefined));
for (const text of ["", "f", "name", "v:{", "k:[1]", "k:5", "i:x"]) {
  elements(
    `${JSON.stringify(text)} is none`,
    () => assert.throws(() => readElement(text), (error: unknown) => error instanceof PathElementError),
  );
}
elements("their order", () => {
  const ordered = [
    "f:a",
    "f:b",
    'k:{"a":1}',
    'k:{"a":1,"b":2}',
    'k:{"a":9}',
    'k:{"a":10}',
    'k:{"a":"x"}',
    'k:{"b":1}',
    "v:9",
    "v:10",
    'v:"a"',
    "v:false",
    "v:true",
  ];
  assert.equal(ordered.toReversed().sort(compareElements), ordered);
});
elements.run();

const sets = suite("sets of fields");
const set = (value: Json) => readFieldSet(value);
const a = set({ "f:a": {}, "f:b": { ".": {}, "f:c": {} }, "f:d": { "f:e": {} } });
const b = set({ "f:b": { "f:c": {}, "f:x": {} }, "f:d": {}, "f:y": {} });
for (
  const [name, got, wanted] of [
    ["union", union(a, b), { "f:a": {}, "f:b": { ".": {}, "f:c": {}, "f:x": {} }, "f:d": { ".": {}, "f:e": {} }, "f:y": {} }],
    ["intersection", intersection(a, b), { "f:b": { "f:c": {} } }],
    ["difference", difference(a, b), { "f:a": {}, "f:b": {}, "f:d": { "f:e": {} } }],
    ["the other difference", difference(b, a), { "f:b": { "f:x": {} }, "f:d": {}, "f:y": {} }],
    ["without", without(a, b), { "f:a": {}, "f:b": {} }],
    ["without a member and what is below", without(b, a), { "f:d": {}, "f:y": {} }],
    ["nothing left", difference(a, a), {}],
  ] as const
) {
  sets(name, () => {
    assert.equal(got, wanted);
    assert.equal(Object.keys(got), Object.keys(got).sort());
    assert.ok(Object.isFrozen(got));
  });
}
sets("what does not change is the same object", () => {
  assert.is(union(a, set({ "f:a": {}, "f:d": { "f:e": {} } })), a);
  assert.is(union(emptySet, a), a);
  assert.is(difference(a, set({ "f:z": {}, "f:d": {} })), a);
  assert.is(without(a, set({ "f:z": {} })), a);
  assert.is(readFieldSet(a as Json), a);
});
sets("members that come before and after what is below them", () => {
  const wanted = { "f:a": { ".": {}, "f:b": { ".": {}, "f:c": {} } } };
  assert.equal(setOf(["f:a"], ["f:a", "f:b"], ["f:a", "f:b", "f:c"]), wanted);
  assert.equal(setOf(["f:a", "f:b", "f:c"], ["f:a", "f:b"], ["f:a"]), wanted);
  assert.ok(isEmpty(setOf([])));
});
sets("a body's nodes: nothing is a member, null as well", () => {
  assert.equal(set({ "f:b": null, "f:a": { "x:y": {} } }), { "f:a": {}, "f:b": {} });
  assert.equal(set(null), {});
  for (const odd of ["text", 5, [1], { "f:a": 5 }, { "f:a": { b: {} } }] as Json[]) assert.throws(() => set(odd));
});
sets("paths: members of a level first", () => {
  const told = [...paths(set({ "f:z": {}, "f:a": { "f:b": {} }, 'k:{"n":10}': {}, 'k:{"n":9}': { ".": {}, "f:v": {} } }))];
  assert.equal(told, [["f:z"], ['k:{"n":9}'], ['k:{"n":10}'], ["f:a", "f:b"], ['k:{"n":9}', "f:v"]]);
});
sets.run();

const schema: JsonObject = {
  type: "object",
  properties: {
    n: { type: "integer" },
    s: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } },
    m: { type: "object", additionalProperties: { type: "string" } },
    set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
    list: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name", "protocol"],
      items: {
        type: "object",
        properties: { name: { type: "string" }, protocol: { type: "string", default: "TCP" }, v: { type: "integer" } },
      },
    },
    whole: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: { type: "string" } } },
    atomic: { type: "array", items: { type: "string" } },
    free: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { known: { type: "object", properties: { x: { type: "string" } } } },
    },
    any: { "x-kubernetes-int-or-string": true },
  },
};
const type = schemaType(schema);
const tcp = (name: string) => `k:{"name":"${name}","protocol":"TCP"}`;

const objects = suite("objects and their fields");
for (
  const [what, before, after, wanted] of [
    ["a struct that is new", {}, { s: { a: "x" } }, { added: { "f:s": { ".": {}, "f:a": {} } } }],
    ["a struct that goes", { s: { a: "x" } }, {}, { removed: { "f:s": { ".": {}, "f:a": {} } } }],
    ["a scalar", { n: 1 }, { n: 2 }, { modified: { "f:n": {} } }],
    ["a map that becomes empty", { m: { a: "1" } }, { m: {} }, { removed: { "f:m": { "f:a": {} } } }],
    ["an empty map that is new", {}, { m: {} }, { added: { "f:m": {} } }],
    ["null for a map", { m: {} }, { m: null }, { modified: { "f:m": {} } }],
    ["items of a set", { set: ["a", "b"] }, { set: ["b", "c"] }, {
      added: { "f:set": { 'v:"c"': {} } },
      removed: { "f:set": { 'v:"a"': {} } },
    }],
    ["the order of a set", { set: ["a", "b"] }, { set: ["b", "a"] }, {}],
    ["doubles that come", { set: ["a"] }, { set: ["a", "a"] }, {
      added: { "f:set": { 'v:"a"': {} } },
      removed: { "f:set": { 'v:"a"': {} } },
    }],
    ["doubles that go", { set: ["a", "a"] }, { set: ["a"] }, {
      added: { "f:set": { 'v:"a"': {} } },
      removed: { "f:set": { 'v:"a"': {} } },
    }],
    ["an item", { list: [{ name: "x", v: 1 }] }, { list: [{ name: "x", protocol: "TCP", v: 2 }] }, {
      modified: { "f:list": { [tcp("x")]: { "f:v": {} } } },
      added: { "f:list": { [tcp("x")]: { "f:protocol": {} } } },
    }],
    ["what is owned as a whole", { whole: { a: "1" }, atomic: ["a"] }, { whole: { a: "2" }, atomic: ["b"] }, {
      modified: { "f:atomic": {}, "f:whole": {} },
    }],
    ["what is not known", { free: { x: { y: 1 } } }, { free: { x: { y: 2, z: [1] } } }, {
      modified: { "f:free": { "f:x": { "f:y": {} } } },
      added: { "f:free": { "f:x": { "f:z": {} } } },
    }],
    ["another kind of value", { any: 1 }, { any: "x" }, { modified: { "f:any": {} } }],
  ] as readonly [string, JsonObject, JsonObject, Partial<Record<"added" | "modified" | "removed", Json>>][]
) {
  objects(`compared: ${what}`, () => {
    assert.equal(compare(before, after, type), { added: {}, modified: {}, removed: {}, ...wanted });
  });
}
for (
  const [value, wanted] of [
    [{ n: 1, s: { a: "x" }, m: { k: "v" } }, { "f:m": { "f:k": {} }, "f:n": {}, "f:s": { "f:a": {} } }],
    [{ s: {}, m: null, set: [], list: [] }, { "f:m": {}, "f:s": {} }],
    [{ set: ["a", "a", "b"], list: [{ name: "x" }] }, {
      "f:list": { [tcp("x")]: { ".": {}, "f:name": {} } },
      "f:set": { 'v:"a"': {}, 'v:"b"': {} },
    }],
    [{ whole: { a: "x" }, atomic: ["x"], free: { x: { y: 1 } } }, {
      "f:atomic": {},
      "f:free": { "f:x": { ".": {}, "f:y": {} } },
      "f:whole": {},
    }],
  ] as readonly [JsonObject, Json][]
) {
  objects(`owned: ${JSON.stringify(value)}`, () => assert.equal(fieldsOf(value, type), wanted));
}
objects("named fields are members of a set that names what is below them", () => {
  const below = set({
    "f:free": { "f:known": { "f:x": {} }, "f:other": { "f:y": {} } },
    "f:list": { [tcp("a")]: { "f:v": {} } },
    "f:m": { "f:k": {} },
  });
  assert.equal(withNamed(below, type), {
    "f:free": { ".": {}, "f:known": { ".": {}, "f:x": {} }, "f:other": { "f:y": {} } },
    "f:list": { ".": {}, [tcp("a")]: { "f:v": {} } },
    "f:m": { ".": {}, "f:k": {} },
  });
});
for (
  const [live, applied, wanted] of [
    [["a", "b", "c"], ["c", "a"], ["b", "c", "a"]],
    [["a", "c"], ["a", "b", "c"], ["a", "b", "c"]],
    [["x", "a"], ["a", "y"], ["x", "a", "y"]],
    [["a", "b"], ["b", "x", "a"], ["b", "x", "a"]],
    [["a", "a", "b"], ["b", "a"], ["b", "a"]],
    [[], ["b"], ["b"]],
    [["a"], [], ["a"]],
  ] as readonly [string[], string[], string[]][]
) {
  objects(`merged: ${applied} into ${live}`, () => assert.equal(merge({ set: live }, { set: applied }, type), { set: wanted }));
}
objects("merged: items by their keys, members by name, leaves as applied", () => {
  const live = { n: 1, list: [{ name: "x", v: 1 }], s: { a: "1", b: "2" }, whole: { a: "1" }, free: { x: { y: 1 } } };
  const applied = { list: [{ name: "x", protocol: "TCP", v: 2 }], s: { a: null }, whole: {}, free: { x: { z: 2 } } };
  assert.equal(merge(live, applied, type), {
    n: 1,
    list: [{ name: "x", protocol: "TCP", v: 2 }],
    s: { a: null, b: "2" },
    whole: {},
    free: { x: { y: 1, z: 2 } },
  });
});
objects("removed: members and items; what loses its last is null", () => {
  const object = { n: 1, m: { a: "1", b: "2" }, set: ["a", "b"], list: [{ name: "x", v: 1 }] };
  const gone = set({
    "f:list": { [tcp("x")]: { "f:v": {} } },
    "f:m": { "f:a": {}, "f:b": {} },
    "f:n": {},
    "f:set": { 'v:"a"': {} },
  });
  assert.equal(removeFields(object, gone, type), { m: null, set: ["b"], list: [{ name: "x" }] });
});
for (
  const [value, wanted] of [
    [{ n: "x" }, ".n: expected numeric (int or float), got string"],
    [{ n: [1] }, ".n: expected numeric (int or float), got []interface {}"],
    [
      { s: { a: { b: [1, "x", null, true] } } },
      '.s.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"b":[]interface {}{1, "x", interface {}(nil), true}}}',
    ],
    [{ s: [1, "x"] }, ".s: expected map, got &{[1 x]}"],
    [{ set: { a: 1 } }, ".set: expected list, got &{map[a:1]}"],
    [{ s: { c: 1 } }, ".s.c: field not declared in schema"],
    [{ set: ["a", "a"] }, '.set: duplicate entries for key [="a"]'],
    [{ list: [{ name: "a", v: "x" }] }, '.list[name="a",protocol="TCP"].v: expected numeric (int or float), got string'],
    [{ atomic: ["a", 5] }, ".atomic[1]: expected string, got &value.valueUnstructured{Value:5}"],
    [{ n: "x", s: 5 }, "errors:\n  .n: expected numeric (int or float), got string\n  .s: expected map, got &{5}"],
  ] as readonly [JsonObject, string][]
) {
  objects(`refused: ${JSON.stringify(value)}`, () => {
    assert.throws(() => checkTyped(value, type), (error: Error) => error.message === wanted || assert.is(error.message, wanted));
  });
}
objects("doubles that are there already are let through", () => checkTyped({ set: ["a", "a"] }, type, { unique: false }));
objects("a set fits a schema that has become atomic", () => {
  const then = set({ "f:m": { ".": {}, "f:a": {} }, "f:s": { "f:a": {} }, "f:set": { 'v:"a"': {} } });
  const properties = schema.properties as Record<string, JsonObject>;
  const now: FieldType = schemaType({
    ...schema,
    properties: {
      ...properties,
      m: { ...properties.m, "x-kubernetes-map-type": "atomic" },
      set: { ...properties.set, "x-kubernetes-list-type": "atomic" },
    },
  });
  assert.equal(reconcile(then, now), { "f:m": {}, "f:s": { "f:a": {} }, "f:set": {} });
  assert.is(reconcile(then, type), then);
  assert.is(reconcile(then, deduced), then);
});
objects.run();

const entries = suite("managedFields");
const owned = (fields: FieldSet, applied = false) => ({ set: fields, apiVersion: "v1", applied });
entries("what is read is written alike, in the server's order", () => {
  const given = [
    {
      manager: "b",
      operation: "Update",
      apiVersion: "v1",
      time: "2026-01-01T00:00:01Z",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:a": {} },
    },
    {
      manager: "a",
      operation: "Update",
      apiVersion: "v1",
      time: "2026-01-01T00:00:02Z",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:b": {} },
    },
    {
      manager: "c",
      operation: "Apply",
      apiVersion: "v1",
      time: "2026-01-01T00:00:03Z",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:c": {} },
    },
    {
      manager: "d",
      operation: "Apply",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:d": {} },
      subresource: "status",
    },
  ];
  const written = writeEntries(readEntries(given), false) as JsonObject[];
  assert.equal(written.map(({ manager }) => manager), ["d", "c", "b", "a"]);
  const byName = (list: readonly JsonObject[]) => list.toSorted((a, b) => String(a.manager) < String(b.manager) ? -1 : 1);
  assert.equal(byName(written), byName(given));
});
entries("a reset", () => {
  for (const given of [[], [{}]]) assert.is(isReset(given), true);
  for (const given of [undefined, null, {}, [{}, {}], [{ manager: "x" }]]) assert.is(isReset(given as Json), false);
});
for (
  const entry of [
    { operation: "Sometimes", apiVersion: "v1", fieldsType: "FieldsV1" },
    { operation: "Update", fieldsType: "FieldsV1" },
    { operation: "Update", apiVersion: "v1" },
    { operation: "Update", apiVersion: "v1", fieldsType: "FieldsV2" },
    { operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { x: {} } },
  ]
) {
  entries(`unreadable: ${JSON.stringify(entry)}`, () => assert.throws(() => readEntries([entry])));
}
entries("more than ten updaters: the oldest become one, by version", () => {
  const managed: Managed = { fields: new Map(), times: new Map() };
  for (let at = 0; at < 13; at++) {
    const id = identify({ manager: `m${String(at).padStart(2, "0")}`, operation: "Update", apiVersion: at === 1 ? "v2" : "v1" });
    managed.fields.set(id, { ...owned(setOf([`f:${at}`])), apiVersion: at === 1 ? "v2" : "v1" });
    managed.times.set(id, `2026-01-01T00:00:${String(at).padStart(2, "0")}Z`);
  }
  managed.fields.set(identify({ manager: "applier", operation: "Apply", apiVersion: "v1" }), owned(setOf(["f:x"]), true));
  capUpdaters(managed);
  const written = writeEntries(managed, true) as JsonObject[];
  assert.equal(
    written.map(({ manager }) => manager),
    ["applier", "m01", "ancient-changes", "m05", "m06", "m07", "m08", "m09", "m10", "m11", "m12"],
  );
  const bucket = written.find(({ manager }) => manager === "ancient-changes")!;
  assert.equal(bucket.fieldsV1, { "f:0": {}, "f:2": {}, "f:3": {}, "f:4": {} });
  assert.is(bucket.time, "2026-01-01T00:00:04Z");
});
entries.run();
