/**
 * What validation rules answer: a schema, a value, and what is wrong with it. The answers are those of a genuine 1.35.
 *
 * @module
 */
import { expressions, functions } from "./cel-expressions.ts";
import { at, type Case, keyed, object, text, whole, wholes } from "./cel-schemas.ts";

const rule = "self > 1";
const places: readonly Case[] = [
  { name: "a scalar", schema: at(whole, [rule]), value: 1, answers: ["spec.v: Invalid value: 1: failed rule: self > 1"] },
  {
    name: "a scalar whose rule breaks",
    schema: at(whole, ["1 / self == 1"]),
    value: 0,
    answers: ['spec.v: Invalid value: "integer": division by zero evaluating rule: 1 / self == 1'],
  },
  {
    name: "a text",
    schema: at(text, ["self == 'a'"]),
    value: "b",
    answers: ["spec.v: Invalid value: \"b\": failed rule: self == 'a'"],
  },
  {
    name: "items of a list",
    schema: { type: "array", maxItems: 8, items: at(whole, [rule]) },
    value: [2, 1, 0],
    answers: ["spec.v[1]: Invalid value: 1: failed rule: self > 1", "spec.v[2]: Invalid value: 0: failed rule: self > 1"],
  },
  {
    name: "values of a map",
    schema: { type: "object", maxProperties: 8, additionalProperties: at(whole, [rule]) },
    value: { a: 1, b: 2 },
    answers: ["spec.v[a]: Invalid value: 1: failed rule: self > 1"],
  },
  {
    name: "members of an object, and the object",
    schema: at({ type: "object", properties: { n: at(whole, [rule]) } }, ["self.n > 5"]),
    value: { n: 1 },
    answers: ["spec.v.n: Invalid value: 1: failed rule: self > 1", "spec.v: Invalid value: failed rule: self.n > 5"],
  },
  {
    name: "a list as a whole",
    schema: at(wholes, ["self.size() > 1"]),
    value: [1],
    answers: ["spec.v: Invalid value: failed rule: self.size() > 1"],
  },
  {
    name: "message",
    schema: at(whole, [{ rule, message: " too small " }]),
    value: 1,
    answers: ["spec.v: Invalid value: 1: too small"],
  },
  {
    name: "messageExpression",
    schema: at(whole, [{ rule, message: "unused", messageExpression: "'not ' + 'enough'" }]),
    value: 1,
    answers: ["spec.v: Invalid value: 1: not enough"],
  },
  {
    name: "a messageExpression that fails",
    schema: at(whole, [{ rule, message: "used", messageExpression: "string(1 / (self - 1))" }]),
    value: 1,
    answers: ["spec.v: Invalid value: 1: used"],
  },
  {
    name: "reason Required",
    schema: at(object, [{ rule: "has(self.s)", message: "say s", reason: "FieldValueRequired", fieldPath: ".s" }]),
    value: {},
    answers: ["spec.v.s: Required value: say s"],
  },
  {
    name: "reason Forbidden",
    schema: at(object, [{ rule: "!has(self.o)", reason: "FieldValueForbidden", fieldPath: ".o.s" }]),
    value: { o: {} },
    answers: ["spec.v.o.s: Forbidden: failed rule: !has(self.o)"],
  },
  {
    name: "reason Duplicate",
    schema: at(text, [{ rule: "self == 'a'", message: "m", reason: "FieldValueDuplicate" }]),
    value: "b",
    answers: ['spec.v: Duplicate value: "b"'],
  },
  {
    name: "reason Duplicate of an object",
    schema: at(object, [{ rule: "has(self.s)", reason: "FieldValueDuplicate" }]),
    value: {},
    answers: ["spec.v: Duplicate value"],
  },
  {
    name: "a fieldPath into a map",
    schema: at(object, [{ rule: "has(self.s)", message: "m", fieldPath: ".m['x']" }]),
    value: {},
    answers: ["spec.v.m[x]: Invalid value: m"],
  },
  {
    name: "a schema error blocks rules",
    schema: at({ ...object, required: ["t"] }, ["self.s == 'a'"]),
    value: { s: "b" },
    answers: [
      "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
      "spec.v.t: Required value",
    ],
  },
  {
    name: "a pattern does not block rules",
    schema: at({ ...text, pattern: "^a$" }, ["self == 'a'"]),
    value: "b",
    answers: [
      "spec.v: Invalid value: \"b\": failed rule: self == 'a'",
      "spec.v: Invalid value: \"b\": spec.v in body should match '^a$'",
    ],
  },
  { name: "null is not checked", schema: at({ ...text, nullable: true }, ["self == 'a'"]), value: null, answers: [] },
];

const same = "self == oldSelf";
const transitions: readonly Case[] = [
  { name: "not on create", schema: at(text, [same]), value: "a", answers: [] },
  {
    name: "a changed text",
    schema: at(text, [same]),
    old: "a",
    value: "b",
    answers: ['spec.v: Invalid value: "b": failed rule: self == oldSelf'],
  },
  { name: "an unchanged text", schema: at(text, [same]), old: "a", value: "a", answers: [] },
  {
    name: "a member that is new",
    schema: { type: "object", properties: { s: at(text, [same]) } },
    old: {},
    value: { s: "a" },
    answers: [],
  },
  {
    name: "a member that goes",
    schema: { type: "object", properties: { s: at(text, [same]) } },
    old: { s: "a" },
    value: {},
    answers: [],
  },
  {
    name: "an object that is equal in another order",
    schema: at(object, [same]),
    old: { set: ["a", "b"], keyed: [{ k: "a" }, { k: "b" }], at: "2024-01-01T01:00:00+01:00" },
    value: { set: ["b", "a"], keyed: [{ k: "b" }, { k: "a" }], at: "2024-01-01T00:00:00Z" },
    answers: [],
  },
  {
    name: "optionalOldSelf on create",
    schema: at(whole, [{ rule: "self > oldSelf.orValue(0)", optionalOldSelf: true }]),
    value: 0,
    answers: ["spec.v: Invalid value: 0: failed rule: self > oldSelf.orValue(0)"],
  },
  {
    name: "optionalOldSelf on update",
    schema: at(whole, [{ rule: "!oldSelf.hasValue() || self > oldSelf.value()", optionalOldSelf: true, message: "only up" }]),
    old: 5,
    value: 4,
    answers: ["spec.v: Invalid value: 4: only up"],
  },
  {
    name: "items of a keyed list, followed by their keys",
    schema: { ...keyed, items: { ...keyed.items, properties: { k: text, n: at(whole, ["self >= oldSelf"]) } } },
    old: [{ k: "a", n: 1 }, { k: "b", n: 5 }],
    value: [{ k: "b", n: 4 }, { k: "a", n: 2 }, { k: "c", n: 0 }],
    answers: ["spec.v[0].n: Invalid value: 4: failed rule: self >= oldSelf"],
  },
  {
    name: "values of a map, followed by their names",
    schema: { type: "object", maxProperties: 8, additionalProperties: at(whole, ["self >= oldSelf"]) },
    old: { a: 1, b: 5 },
    value: { a: 2, b: 4, c: 0 },
    answers: ["spec.v[b]: Invalid value: 4: failed rule: self >= oldSelf"],
  },
];

const big = at({ type: "object", properties: { n: whole, s: text } }, ["self.n < 10"]);
const ratcheting: readonly Case[] = [
  {
    name: "an unchanged part that broke a new rule is let through",
    schema: { type: "object", properties: { part: big, other: text } },
    old: { part: { n: 50 }, other: "a" },
    value: { part: { n: 50 }, other: "b" },
    answers: ["warning: spec.v.part: Invalid value: failed rule: self.n < 10"],
  },
  {
    name: "a changed part is not",
    schema: { type: "object", properties: { part: big, other: text } },
    old: { part: { n: 50 }, other: "a" },
    value: { part: { n: 50, s: "x" }, other: "a" },
    answers: ["spec.v.part: Invalid value: failed rule: self.n < 10"],
  },
  {
    name: "items of an atomic list are new each time",
    schema: { type: "array", maxItems: 8, items: at(whole, [rule]) },
    old: [0],
    value: [0, 5],
    answers: ["spec.v[0]: Invalid value: 0: failed rule: self > 1"],
  },
  {
    name: "items of a keyed list are not",
    schema: { ...keyed, items: at(keyed.items, ["!has(self.n) || self.n < 10"]) },
    old: [{ k: "a", n: 50 }],
    value: [{ k: "b", n: 1 }, { k: "a", n: 50 }],
    answers: ["warning: spec.v[1]: Invalid value: failed rule: !has(self.n) || self.n < 10"],
  },
];

/** All of them. */
export const cases: readonly Case[] = [...expressions, ...functions, ...places, ...transitions, ...ratcheting];
