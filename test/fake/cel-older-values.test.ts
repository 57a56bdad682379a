/** What rules see of values that were stored before their schema, and are of other types. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { widgetsOf } from "./widgets-of-schema.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = "/apis/t.io/v1/namespaces/default/widgets";

const loose = widgetsOf({ type: "object", "x-kubernetes-preserve-unknown-fields": true });
const tight = (rules: readonly string[]) =>
  widgetsOf({
    type: "object",
    properties: {
      n: { type: "integer" },
      m: { type: "object", maxProperties: 3, additionalProperties: { type: "string", maxLength: 5 } },
      z: { type: "array", maxItems: 3, items: { type: "string", maxLength: 5 } },
      o: { type: "array", maxItems: 3, items: { type: "string", maxLength: 5, nullable: true } },
      l: {
        type: "array",
        maxItems: 3,
        items: { type: "object", properties: { a: { type: "string", maxLength: 5 } } },
      },
    },
    "x-kubernetes-validations": rules.map((rule) => ({ rule, message: `<${rule}>` })),
  });
/** As it was stored; the first item and the member are of other types than the schema says since. */
const stored = {
  ...{ apiVersion: "t.io/v1", kind: "Widget", metadata: { name: "a" } },
  ...{ n: 1, l: ["x", { a: "b" }], m: { k: 1 }, z: [null, "y"], o: [null, "y"] },
};

const ITEM = "invalid data, expected a map for the provided schema with type=object";
const NULL = "invalid data, got null for schema with nullable=false";
const MEMBER = "invalid data, expected string, got int64";
/** What a genuine 1.35 says of an update of another member; undefined: the rule holds. */
const answers: readonly (readonly [rule: string, fault?: string])[] = [
  ["self.l.size() == 2"],
  ["has(self.l) && self.l[1].a == 'b'"],
  ["self.l[0].a == 'q' || true"],
  ["self.l.all(e, true)"],
  ["self.l.all(i, e, true)"],
  ["self.l.exists(e, e.a == 'q' || true)"],
  ["self.l.exists(e, e.a == 'b')"],
  ["self.l.exists(e, e.a == 'c')", ITEM],
  ["self.l.exists_one(e, true) == false"],
  ["self.l.map(e, 1).size() == 2"],
  ["self.l.map(e, e).size() == 2", ITEM],
  ["self.l.filter(e, true).size() == 2", ITEM],
  ["self.l[1] in self.l"],
  ["self.l == self.l", ITEM],
  ["[self.l[0]].all(e, true)", ITEM],
  ["self.m.all(k, true)"],
  ["self.m.all(k, v, true)"],
  ["self.m['k'] == 'x' || true"],
  ["[self.m['k']].all(e, true)", MEMBER],
  ["self.z.size() == 2 && self.z[1] == 'y'"],
  ["self.z.all(e, true)"],
  ["self.z.exists(e, e == 'y')"],
  ["self.z.exists(e, e == 'n')", NULL],
  ["'y' in self.z"],
  ["'n' in self.z", NULL],
  ["self.o.exists(e, e == 'n') == false"],
  ["!('n' in self.o)"],
];

const values = suite("values from before their schema");
values("what is of another type is an error for a rule that asks for it", async () => {
  const fake = createFakeCluster({ crds: [loose] });
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = { "content-type": "application/json" };
    return await (await fake.fetch(new Request(`http://fake${path}`, { method, headers, body: JSON.stringify(body) }))).json();
  };
  const made = await send("POST", WIDGETS, stored);
  const { metadata } = await send("GET", `${CRDS}/widgets.t.io`);
  await send("PUT", `${CRDS}/widgets.t.io`, { ...tight(answers.map(([rule]) => rule)), metadata });
  const { details } = await send("PUT", `${WIDGETS}/a`, { ...made, n: 2 });
  assert.equal(
    details.causes.map(({ message }: { message: string }) => message),
    answers.flatMap(([rule, fault]) => fault ? [`Invalid value: "object": ${fault} evaluating rule: <${rule}>`] : []),
  );
  fake.close();
});
values.run();
