import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { cases } from "./cel-cases.ts";
import type { Case } from "./cel-schemas.ts";
import { type Answer, sendTo } from "./cel-transitions.ts";

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** A CRD whose `spec.v` has a schema. */
const crdOf = (schema: unknown, name = "thing") => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${name}s.example.com` },
  spec: {
    group: "example.com",
    scope: "Cluster",
    names: { plural: `${name}s`, kind: name[0]!.toUpperCase() + name.slice(1) },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: rootOf(schema) } }],
  },
});
const rootOf = (schema: unknown) => ({ type: "object", properties: { spec: { type: "object", properties: { v: schema } } } });
const withoutRules = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema, (key, value) => key === "x-kubernetes-validations" ? undefined : value));

const causesOf = ({ code, body }: Answer): string[] =>
  code < 300 ? [] : body.details?.causes?.map((cause) => `${cause.field}: ${cause.message}`) ?? [`${code}: ${body.message}`];
const warningsOf = (header: string | null): string[] =>
  [...(header ?? "").matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map((match) => `warning: ${JSON.parse(match[1]!)}`);

async function answersTo(fake: FakeCluster, { schema, old, value }: Case): Promise<string[]> {
  const send = sendTo(fake);
  const objects = "/apis/example.com/v1/things";
  const object = (v: unknown) => ({ apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" }, spec: { v } });
  const created = await send("POST", crds, crdOf(old === undefined ? schema : withoutRules(schema)));
  if (created.code !== 201) return causesOf(created);
  if (old === undefined) return causesOf(await send("POST", objects, object(value)));
  assert.is((await send("POST", objects, object(old))).code, 201);
  const path = "/spec/versions/0/schema/openAPIV3Schema";
  const ruled = await send(
    "PATCH",
    `${crds}/things.example.com`,
    [{ op: "replace", path, value: rootOf(schema) }],
    "application/json-patch+json",
  );
  assert.is(ruled.code, 200, ruled.body.message);
  const response = await fake.fetch(
    new Request(`http://fake${objects}/a`, {
      method: "PATCH",
      headers: { "content-type": "application/json-patch+json" },
      body: JSON.stringify([{ op: "replace", path: "/spec/v", value }]),
    }),
  );
  const warnings = warningsOf(response.headers.get("warning"));
  return [...causesOf({ code: response.status, body: await response.json() }), ...warnings];
}

const values = suite("validation rules");
for (const each of cases) {
  values(`${each.name}: ${JSON.stringify(each.value)}`, async () => {
    const fake = createFakeCluster();
    try {
      assert.equal((await answersTo(fake, each)).sort(), [...each.answers].sort());
    } finally {
      fake.close();
    }
  });
}
values.run();

const text = { type: "string", maxLength: 9 };
const properties = { s: text, n: { type: "integer" }, d: { type: "number" }, texts: { type: "array", maxItems: 9, items: text } };
const at = "spec.validation.openAPIV3Schema.properties[spec].properties[v]";
const ruled = (rule: string | Record<string, unknown>) => ({
  type: "object",
  properties: { ...properties, set: { ...properties.texts, "x-kubernetes-list-type": "set" } },
  "x-kubernetes-validations": [typeof rule === "string" ? { rule } : rule],
});

/** Rules that do not compile: where the compiler points to, and what it says. */
const faults: Readonly<Record<string, string>> = {
  "self.nope == 1": "1:5: undefined field 'nope'",
  "self.d == 1": "1:8: found no matching overload for '_==_' applied to '(double, int)'",
  "'a' in self.s": "1:5: found no matching overload for '@in' applied to '(string, string)'",
  "foo(self.s)": "1:4: undeclared reference to 'foo' (in container '')",
  "self.s.foo()": "1:11: undeclared reference to 'foo' (in container '')",
  "x == 1": "1:1: undeclared reference to 'x' (in container '')",
  "b'a'.hex() == ''": "1:9: undeclared reference to 'hex' (in container '')",
  "self.s.charAt('x') == ''": "1:14: found no matching overload for 'charAt' applied to 'string.(string)'",
  "self['s'] == 'a'": "1:5: found no matching overload for '_[_]' applied to '(selfType, string)'",
  "self.?nope.hasValue()": "1:5: undefined field 'nope'",
  "self.n.a == 1": "1:7: type 'int' does not support field selection",
  "self.s ? true : false": "1:8: found no matching overload for '_?_:_' applied to '(string, bool, bool)'",
  "!self.s": "1:1: found no matching overload for '!_' applied to '(string)'",
  "true && self.n": "1:13: expected type 'bool' but found 'int'",
  "[1, 'a'].size() == 2": "1:5: expected type 'int' but found 'string'",
  "self.texts.all(x, x)": "1:19: expected type 'bool' but found 'string'",
  "self.texts.all(i, x, x)": "1:22: expected type 'bool' but found 'string'",
  "has(self)": "1:5: invalid argument to has() macro",
  "self.s.matches('(')": "1:16: invalid matches argument",
  "self.s == 'a')": "1:14: Syntax error: extraneous input ')' expecting <EOF>",
  ".s == 'a'": "1:2: undeclared reference to '.s' (in container '')",
  ".size('a', 'b') == 1": "1:6: found no matching overload for 'size' applied to '(string, string)'",
  "self.s.('') == ''": "1:8: Syntax error: no viable alternative at input '.('",
  "self.texts.map(x, x).sort() == [1]": "1:29: found no matching overload for '_==_' applied to '(list(string), list(int))'",
  "(self.s == 'a'": "1:15: Syntax error: missing ')' at '<EOF>'",
};

/** What Kubernetes has and this server has not: the CRD is refused with 501. */
const unsupported: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp{seconds: 1} == timestamp(self.s)": "the message google.protobuf.Timestamp",
};

const crdSuite = suite("CRDs with validation rules");
async function refusalOf(schema: unknown): Promise<string[]> {
  const fake = createFakeCluster();
  try {
    return causesOf(await sendTo(fake)("POST", crds, crdOf(schema)));
  } finally {
    fake.close();
  }
}
for (const [rule, fault] of Object.entries(faults)) {
  crdSuite(`are refused for ${rule}`, async () => {
    const [cause, ...more] = await refusalOf(ruled(rule));
    assert.equal(more, []);
    assert.ok(cause?.startsWith(`${at}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"`), cause);
    assert.match(cause!, `"OptionalOldSelf":null}: compilation failed: ERROR: <input>:${fault}\n | ${rule}\n | `);
  });
}
for (const [rule, what] of Object.entries(unsupported)) {
  crdSuite(`answer 501 to ${rule}`, async () => {
    const where = `${at}.x-kubernetes-validations[0].rule: ${rule}`;
    assert.equal(await refusalOf(ruled(rule)), [
      `501: the fake API server does not implement ${what} in validation rules: ${where}`,
    ]);
  });
}

const written: Readonly<Record<string, readonly [rule: Record<string, unknown>, cause: string]>> = {
  "without a rule": [{ rule: " " }, "rule: Required value: rule is not specified"],
  "in two lines without a message": [
    { rule: "self.n\n> 1" },
    "message: Required value: message must be specified if rule contains line breaks",
  ],
  "with a message in two lines": [
    { rule: "self.n > 1", message: "a\nb" },
    'message: Invalid value: "a\\nb": must not contain line breaks',
  ],
  "with an unknown reason": [
    { rule: "self.n > 1", reason: "Nope" },
    'reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
  ],
  "with a path to nowhere": [
    { rule: "self.n > 1", fieldPath: ".nope" },
    'fieldPath: Invalid value: ".nope": must be a valid path',
  ],
  "with an optional old value and no use of it": [
    { rule: "self.n > 1", optionalOldSelf: true },
    "optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule",
  ],
};
for (const [what, [rule, cause]] of Object.entries(written)) {
  crdSuite(`are refused for a rule ${what}`, async () => {
    assert.equal(await refusalOf(ruled(rule)), [`${at}.x-kubernetes-validations[0].${cause}`]);
  });
}

crdSuite("are refused for what is no test", async () => {
  const [cause] = await refusalOf(ruled("self.n"));
  assert.match(cause!, /"OptionalOldSelf":null}: cel expression must evaluate to a bool$/);
});
crdSuite("are refused for oldSelf in a list whose items are not followed", async () => {
  const items = { ...text, "x-kubernetes-validations": [{ rule: "self == oldSelf" }] };
  assert.equal(await refusalOf({ type: "array", maxItems: 9, items }), [
    `${at}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${at}`,
  ]);
});
crdSuite("are refused for rules inside of allOf", async () => {
  assert.equal(await refusalOf({ ...text, allOf: [{ "x-kubernetes-validations": [{ rule: "true" }] }] }), [
    `${at}.allOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural`,
  ]);
});
crdSuite("may look at the name, and at no label", async () => {
  const root = (rule: string) => {
    const crd = crdOf(text);
    Object.assign(crd.spec.versions[0]!.schema.openAPIV3Schema, { "x-kubernetes-validations": [{ rule }] });
    return crd;
  };
  const fake = createFakeCluster();
  const send = sendTo(fake);
  try {
    assert.is((await send("POST", crds, root("self.metadata.labels.size() == 1"))).code, 422);
    assert.is((await send("POST", crds, root("self.metadata.name == 'a' && self.kind == 'Thing'"))).code, 201);
    const thing = (name: string) => ({ apiVersion: "example.com/v1", kind: "Thing", metadata: { name } });
    assert.is((await send("POST", "/apis/example.com/v1/things", thing("a"))).code, 201);
    assert.equal(causesOf(await send("POST", "/apis/example.com/v1/things", thing("b"))), [
      "<nil>: Invalid value: failed rule: self.metadata.name == 'a' && self.kind == 'Thing'",
    ]);
  } finally {
    fake.close();
  }
});
crdSuite.run();
