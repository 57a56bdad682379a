import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JsonObject } from "../../src/fake/types/json.ts";
import { goStruct } from "../../src/fake/builtin/go-types.ts";
import { Refusal } from "../../src/fake/types/status.ts";
import { strategicMerge } from "../../src/fake/patch/strategic-merge.ts";

const test = suite("fake: strategic merge patch");

const held = (...finalizers: string[]): JsonObject => ({ metadata: { finalizers } });
const robot = (...names: string[]): JsonObject => ({ secrets: names.map((name) => ({ name })) });

const objects: readonly [string, JsonObject, JsonObject, JsonObject][] = [
  ["objects merge, null deletes", { data: { a: "1", b: "2" } }, { data: { a: null, c: "3" } }, { data: { b: "2", c: "3" } }],
  ["replace", { data: { a: "1" } }, { data: { $patch: "replace", c: "3" } }, { data: { c: "3" } }],
  ["delete", { data: { a: "1" } }, { data: { $patch: "delete" } }, { data: {} }],
  ["a directive for what is not there", {}, { data: { $patch: "replace", c: "3" } }, {}],
  ["retainKeys", { data: { a: "1", b: "2" } }, { data: { $retainKeys: ["b", "c"], c: "3" } }, { data: { b: "2", c: "3" } }],
  ["new texts go to the front", held("a"), held("b"), held("b", "a")],
  ["texts that are there stay", held("a", "b"), held("b"), held("a", "b")],
  ["a list deletes", held("a", "b"), { metadata: { "$deleteFromPrimitiveList/finalizers": ["a", "x"] } }, held("b")],
  ["an order", held("a", "b"), { metadata: { "$setElementOrder/finalizers": ["b", "a"] } }, held("b", "a")],
  [
    "an order that is empty",
    held("a"),
    { metadata: { "$setElementOrder/finalizers": [], finalizers: ["b"] } },
    held("a", "b"),
  ],
  [
    "an order with what is new",
    held("a", "b"),
    { metadata: { "$setElementOrder/finalizers": ["c", "b"], finalizers: ["c"] } },
    held("c", "a", "b"),
  ],
];
for (const [name, target, patch, expected] of objects) {
  test(name, () => assert.equal(strategicMerge(target, patch, goStruct("api/core/v1.ConfigMap")), expected));
}

const lists: readonly [string, JsonObject, JsonObject, JsonObject][] = [
  ["a list of objects merges by its key", robot("a"), robot("b"), robot("b", "a")],
  ["an item is deleted", robot("a", "b"), { secrets: [{ name: "a", $patch: "delete" }] }, robot("b")],
  ["a list is replaced", robot("a"), { secrets: [{ $patch: "replace" }, { name: "b" }] }, robot("b")],
  ["an atomic list is replaced", { imagePullSecrets: [{ name: "a" }] }, { imagePullSecrets: [{ name: "b" }] }, {
    imagePullSecrets: [{ name: "b" }],
  }],
];
for (const [name, target, patch, expected] of lists) {
  test(name, () => assert.equal(strategicMerge(target, patch, goStruct("api/core/v1.ServiceAccount")), expected));
}

const refusals: readonly [string, JsonObject, JsonObject, number, string][] = [
  [
    "an unknown directive",
    robot("a"),
    { secrets: [{ $patch: "frob" }] },
    500,
    "unknown patch type: frob in map: map[$patch:frob]",
  ],
  [
    "no merge key",
    robot("a"),
    { secrets: [{ namespace: "x" }] },
    500,
    "map: map[namespace:x] does not contain declared merge key: name",
  ],
  ["other elements", held("a"), { metadata: { finalizers: [1] } }, 500, "list element types are not identical: [[a] [1]]"],
  ["a text as retainKeys", { metadata: {} }, { metadata: { $retainKeys: "a" } }, 400, "invalid patch format of retainKeys"],
  ["an order that is no list", {}, { "$setElementOrder/secrets": 5 }, 500, "expected a []interface {}, but received a int64"],
  ["a directive without a field", {}, { $setElementOrder: [] }, 400, "invalid patch format of setElementOrder list"],
  ["a list that the genuine server breaks on", {}, { "$setElementOrder/imagePullSecrets": [{ name: "a" }] }, 501, ""],
];
for (const [name, target, patch, code, message] of refusals) {
  test(`refused: ${name}`, () => {
    try {
      strategicMerge(target, patch, goStruct("api/core/v1.ServiceAccount"));
      assert.unreachable();
    } catch (error) {
      assert.instance(error, Refusal);
      assert.is((error as Refusal).code, code);
      if (message !== "") assert.is((error as Refusal).message, message);
    }
  });
}
test.run();
