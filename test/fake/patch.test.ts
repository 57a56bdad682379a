import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jsonPatch, JsonPatchError, type Operation } from "../../src/fake/patch/json-patch.ts";
import type { JsonObject } from "../../src/fake/types/json.ts";
import { mergePatch } from "../../src/fake/patch/merge-patch.ts";

const test = suite("fake: patches");

const merges: [string, JsonObject, JsonObject, JsonObject][] = [
  ["null deletes", { a: 1, b: 2 }, { a: null }, { b: 2 }],
  ["objects merge", { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
  ["lists are replaced", { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ["a new object loses its nulls", {}, { a: { b: null } }, { a: {} }],
  ["nulls in a list stay", {}, { a: [null, 1] }, { a: [null, 1] }],
  ["an object replaces a text", { a: "x" }, { a: { b: 1 } }, { a: { b: 1 } }],
];
for (const [name, target, patch, expected] of merges) {
  test(`merge: ${name}`, () => assert.equal(mergePatch(target, patch), expected));
}

const operations: [string, JsonObject, Operation[], unknown][] = [
  ["add to an object", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
  ["add without a value adds null", {}, [{ op: "add", path: "/b" }], { b: null }],
  ["add at an index", { a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
  ["add at the end", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
  ["replace of an absent member adds", {}, [{ op: "replace", path: "/a", value: 1 }], { a: 1 }],
  ["replace of an absent item fails", { a: [] }, [{ op: "replace", path: "/a/0", value: 1 }], "fails"],
  ["remove", { a: 1 }, [{ op: "remove", path: "/a" }], {}],
  ["remove of an absent member fails", {}, [{ op: "remove", path: "/a" }], "fails"],
  ["test that holds", { a: { b: [1] } }, [{ op: "test", path: "/a", value: { b: [1] } }], { a: { b: [1] } }],
  ["test that does not hold", { a: 1 }, [{ op: "test", path: "/a", value: 2 }], "fails"],
  ["test of an absent member against null", {}, [{ op: "test", path: "/a", value: null }], {}],
  ["test below an absent parent fails", {}, [{ op: "test", path: "/a/b", value: null }], "fails"],
  ["move", { a: 1 }, [{ op: "move", from: "/a", path: "/b" }], { b: 1 }],
  ["copy", { a: [1] }, [{ op: "copy", from: "/a", path: "/b" }], { a: [1], b: [1] }],
  ["escapes", { "a/b": 1, "c~d": 2 }, [{ op: "remove", path: "/a~1b" }, { op: "remove", path: "/c~0d" }], {}],
  ["an unknown operation fails", {}, [{ op: "frob", path: "/a" }], "fails"],
  ["an operation without a path fails", {}, [{ op: "add", value: 1 }], "fails"],
  ["an index out of range fails", { a: [] }, [{ op: "add", path: "/a/1", value: 1 }], "fails"],
];
for (const [name, target, patch, expected] of operations) {
  test(`json: ${name}`, () => {
    const before = JSON.stringify(target);
    if (expected === "fails") assert.throws(() => jsonPatch(target, patch), (error: unknown) => error instanceof JsonPatchError);
    else assert.equal(jsonPatch(target, patch), expected);
    assert.is(JSON.stringify(target), before, "the target is untouched");
  });
}

test.run();
