import { suite } from "uvu";
import * as assert from "uvu/assert";
import { emptySet } from "../../src/fake/managed/field-set.ts";
import { schemaType } from "../../src/fake/managed/schema-type.ts";
import { trackUpdate } from "../../src/fake/managed/tracking.ts";
import { createRandom } from "../../src/fake/store/random.ts";
import type { JsonObject } from "../../src/fake/types/json.ts";
import { metaOf } from "../../src/fake/types/meta.ts";

const managers = suite("fake: who owns what, write after write");

const apiVersion = "example.com/v1";
const member = { type: "object", additionalProperties: { type: "integer" } };
const kind = {
  isStruct: false,
  apiVersion,
  type: schemaType({ type: "object", properties: { spec: member, status: member } }),
  reset: () => emptySet,
  convert: () => undefined,
};

const write = (live: JsonObject, next: JsonObject, manager: string, now = "2026-01-01T00:00:00Z") =>
  trackUpdate({ kind, manager, subresource: undefined, now }, live, next);

const named = { apiVersion, kind: "Widget" };
const object = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  ...named,
  metadata: { name: "a", uid: "1", ...metadata },
  spec,
});
/** A write of it, after others. */
const after = (live: JsonObject, spec: JsonObject, metadata: JsonObject = {}) =>
  object(spec, { ...metadata, managedFields: metaOf(live).managedFields! as JsonObject[] });

type Entry = { readonly manager: string; readonly fieldsV1: { readonly "f:spec"?: object; readonly "f:metadata"?: object } };
const entriesOf = (live: JsonObject) => (metaOf(live).managedFields ?? []) as unknown as readonly Entry[];

managers("who writes the same fields again keeps his entry, as long as the second is the same", () => {
  const first = write(named, object({ a: 1, b: 1 }), "me");
  const second = write(first, after(first, { a: 2, b: 1 }), "me");
  assert.is(entriesOf(second), entriesOf(first));
  const later = write(second, after(second, { a: 3, b: 1 }), "me", "2026-01-01T00:00:01Z");
  assert.equal(entriesOf(later).map((entry) => (entry as unknown as { time: string }).time), ["2026-01-01T00:00:01Z"]);
  assert.is(entriesOf(later)[0]!.fieldsV1, entriesOf(first)[0]!.fieldsV1);
  const other = write(later, after(later, { a: 3, b: 2 }), "you", "2026-01-01T00:00:01Z");
  assert.equal(entriesOf(other).map(({ manager, fieldsV1 }) => [manager, Object.keys(fieldsV1["f:spec"]!)]), [
    ["me", [".", "f:a"]],
    ["you", ["f:b"]],
  ]);
});

managers("what nobody owns is not owned by who says so, once he has changed it", () => {
  const entry = { manager: "me", operation: "Update", apiVersion, time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1" };
  const claimed = object({ a: 1 }, {
    generation: 1,
    managedFields: [{ ...entry, fieldsV1: { "f:metadata": { "f:generation": {} }, "f:spec": { "f:a": {} } } }],
  });
  const next = write(claimed, after(claimed, { a: 2 }, { generation: 2 }), "me");
  assert.equal(entriesOf(next).map(({ fieldsV1 }) => fieldsV1), [{ "f:spec": { "f:a": {} } }]);
});

managers("each field is owned by whoever has changed it last, and by nobody once it is gone", () => {
  const random = createRandom(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.fraction() * list.length)]!;
  const fields = ["a", "b", "c", "d"];
  for (let story = 0; story < 50; story++) {
    let live = write(named, object({ a: 0, b: 0, c: 0, d: 0 }), "x");
    const owners = new Map(fields.map((field) => [field, "x"]));
    for (let step = 1; step < 12; step++) {
      const manager = pick(["x", "y", "z"]);
      const spec: JsonObject = { ...live.spec as JsonObject };
      for (const field of fields) {
        const what = pick(["stays", "changes", "goes"]);
        const was = Object.hasOwn(spec, field);
        if (what === "changes") spec[field] = step, owners.set(field, manager);
        else if (what === "goes" && was) delete spec[field], owners.delete(field);
      }
      live = write(live, after(live, spec), manager);
      const owned = entriesOf(live).flatMap(({ manager, fieldsV1 }) =>
        Object.keys(fieldsV1["f:spec"] ?? {}).filter((element) => element !== ".").map((element) => [element.slice(2), manager])
      );
      assert.equal(owned.sort(), [...owners].sort(), `story ${story}, step ${step}`);
    }
  }
});

managers.run();
