/** What is in an optional that has a name, `oldSelf` or one that a macro gives: JSON without its schema, on a genuine server. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { widgetsOf } from "./widgets-of-schema.ts";

const WIDGETS = "/apis/t.io/v1/namespaces/default/widgets";
const widget = {
  ...{ apiVersion: "t.io/v1", kind: "Widget", metadata: { name: "a" }, n: 1 },
  ...{ p: { t: "2026-01-01T00:00:00Z", i: 2, d: 3 }, q: [1, 2], s: { a: "b" } },
};

/** Whether each holds at an update of another member, as a genuine 1.35 says, and a 1.33; a 1.37 keeps the schema. */
const answers: readonly (readonly [rule: string, holds: boolean])[] = [
  ["type(self.p.t) == string", false],
  ["type(oldSelf.value().p.t) == string", true],
  ["type(oldSelf.?p.value().t) == string", true],
  ["type(oldSelf.?p.?t.value()) == string", true],
  ["oldSelf.value().q == [2, 1]", false],
  ["oldSelf.?p.value() == self.p", false],
  ["oldSelf.orValue(self).p == self.p", false],
  ["oldSelf.value().s == self.s", true],
  ["oldSelf.value().n == 1", true],
  ["type(self.p.d) == double", true],
  ["self.q == [2, 1]", true],
  ["[self.?p].all(x, type(x.value().t) == string)", true],
  ["[self.?p].all(x, type(x.?t.value()) == string)", true],
  ["[self.?p.?t].all(x, type(x.value()) == string)", false],
  ["[self.p].all(x, type(x.t) == string)", false],
  ["[self.?q].all(x, x.value() == [2, 1])", false],
  ["[self.?p].all(x, x.value() == self.p)", false],
  ["[self.?p].all(x, type(x.orValue(self.p).t) == string)", true],
  ["[self.?p].all(x, [x].all(y, type(y.value().t) == string))", true],
  ["[self.?p].all(x, type(x.value().d) == double)", false],
  ["[self.?p].all(x, x.value().i / 2 == 1)", true],
  ["[self.?p].all(x, has(x.t) && has(x.value().t) && x.?t.hasValue())", true],
];

const crd = widgetsOf({
  type: "object",
  properties: {
    n: { type: "integer" },
    p: {
      type: "object",
      properties: { i: { type: "integer" }, d: { type: "number" }, t: { type: "string", format: "date-time" } },
    },
    q: { type: "array", maxItems: 3, "x-kubernetes-list-type": "set", items: { type: "integer" } },
    s: { type: "object", properties: { a: { type: "string", maxLength: 5 } } },
  },
  // Only updates are judged; with `optionalOldSelf` creations would be, too.
  "x-kubernetes-validations": answers.map(([rule]) => ({
    rule: `!oldSelf.hasValue() || self.n == 1 || (${rule})`,
    message: `<${rule}>`,
    optionalOldSelf: true,
  })),
});

const optionals = suite("optionals that have a name");
optionals("what is in them has no schema any more", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    return await (await fake.fetch(new Request(`http://fake${path}`, { method, headers, body: JSON.stringify(body) }))).json();
  };
  const made = await send("POST", WIDGETS, widget);
  const { details } = await send("PUT", `${WIDGETS}/a`, { ...made, n: 2 });
  assert.equal(
    details.causes.map(({ message }: { message: string }) => message),
    answers.flatMap(([rule, holds]) => holds ? [] : [`Invalid value: <${rule}>`]),
  );
  fake.close();
});
optionals.run();
