/**
 * Random schemas of custom resources, with rules, and random values that fit them or nearly do.
 *
 * @module
 */
import type { Dice } from "../../src/testing/dice.ts";
import type { Value } from "../recordings/scenario.ts";
import { weighted } from "./places.ts";

/** A mapping that is being made. */
export type Members = { [key: string]: Value };
/** A schema, as a CRD writes it. */
export type Schema = { readonly [key: string]: Value };

const some = <T>(dice: Dice, share: number, make: () => T): T[] => dice.chance(share) ? [make()] : [];
const merged = (parts: readonly Members[]): Members => Object.assign({}, ...parts) as Members;

const ruleOf = (dice: Dice, rules: readonly string[]): Members[] =>
  some(dice, 0.2, () => {
    const rule = dice.pick(rules);
    const more = merged([
      ...some(dice, 0.3, () => ({ message: "as it is ruled" })),
      ...some(dice, 0.15, () => ({ messageExpression: dice.pick(["'it is ' + 'so'", "''", "'a\\nb'", "string(1 / 0)", "1"]) })),
      ...some(dice, 0.2, () => ({ reason: dice.pick(["FieldValueForbidden", "FieldValueDuplicate", "FieldValueRequired"]) })),
      ...some(dice, /oldSelf\.orValue/.test(rule) ? 0.95 : 0.02, () => ({ optionalOldSelf: true })),
    ]);
    return { "x-kubernetes-validations": [{ rule, ...more }] };
  });

const textRules = [
  "self.size() < 3",
  "self.startsWith('a')",
  "self != 'b'",
  "self.matches('^[a-z]*$')",
  "self == oldSelf",
  "oldSelf.orValue('') != 'a' || self == 'a'",
  "self.charAt(1) != 'b'",
  "int(self) < 5",
  "self.lowerAscii() == self",
];
const wholeRules = [
  "self >= 0",
  "self >= oldSelf",
  "self % 2 == 0",
  "10 / self > 1",
  "self + 9223372036854775807 > 0",
  "self < 5",
];
const listRules = [
  "self.size() < 3",
  "self.size() >= oldSelf.size()",
  "self[0] == self[1]",
  "self == oldSelf",
  "self.exists(x, x == self[0])",
];
const mapRules = ["self.size() < 2", "!('b' in self)", "oldSelf.all(k, k in self)", "self['a'] == self['b']"];

function text(dice: Dice): Members {
  return merged([
    { type: "string" },
    dice.chance(0.8) ? { maxLength: dice.between(1, 9) } : {},
    ...some(dice, 0.1, () => ({ minLength: dice.between(1, 3) })),
    ...some(dice, 0.1, () => ({ pattern: dice.pick(["^a", "^[a-z]*$", "b$"]) })),
    ...some(dice, 0.1, () => ({ enum: ["a", "b", "abc"] })),
    ...some(dice, 0.1, () => ({ format: dice.pick(["date", "date-time", "uuid", "duration", "ipv4", "byte", "int32"]) })),
    ...some(dice, 0.15, () => ({ default: dice.pick(["a", "b", "abc"]) })),
    ...some(dice, 0.1, () => ({ nullable: true })),
    ...ruleOf(dice, textRules),
  ]);
}

function whole(dice: Dice): Members {
  return merged([
    { type: dice.pick(["integer", "integer", "number"]) },
    ...some(dice, 0.2, () => ({ minimum: dice.between(-1, 2) })),
    ...some(dice, 0.2, () => ({ maximum: dice.between(3, 9), ...dice.chance(0.3) ? { exclusiveMaximum: true } : {} })),
    ...some(dice, 0.1, () => ({ multipleOf: dice.between(2, 3) })),
    ...some(dice, 0.1, () => ({ format: dice.pick(["int32", "int64", "double"]) })),
    ...some(dice, 0.15, () => ({ default: dice.between(0, 6) })),
    ...some(dice, 0.1, () => ({ nullable: true })),
    ...ruleOf(dice, wholeRules),
  ]);
}

function list(dice: Dice, depth: number): Members {
  const kind = dice.pick(["map", "map", "set", "atomic", "none"]);
  const bounds = merged([{ maxItems: dice.between(1, 4) }, ...some(dice, 0.1, () => ({ minItems: 1 }))]);
  if (kind === "map") {
    const keys = dice.pick([["a"], ["a"], ["a", "b"]]);
    const items = record(dice, depth - 1) as Members;
    const properties = { ...items.properties as Members };
    for (const key of keys) {
      properties[key] = dice.pick<Members>([{ type: "string", maxLength: 5 }, { type: "integer" }]);
      if (key === "b" && dice.chance(0.5)) properties[key] = { type: "string", default: "b" };
    }
    return {
      type: "array",
      ...bounds,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": keys,
      items: { ...items, properties, required: keys.filter((key) => (properties[key] as Members).default === undefined) },
      ...merged(
        ruleOf(dice, ["self.size() < 3", "self.exists_one(x, x.a == self[0].a)", "self.all(x, has(x.c))", "self == oldSelf"]),
      ),
    };
  }
  const items = kind === "set" ? dice.pick([text, whole])(dice) : schemaOf(dice, depth - 1) as Members;
  if (kind === "set") delete items.nullable;
  const type: Members = kind === "none" ? {} : { "x-kubernetes-list-type": kind };
  return merged([{ type: "array", items }, bounds, type, ...ruleOf(dice, listRules)]);
}

const names = ["a", "b", "c", "d", "e"];

function record(dice: Dice, depth: number): Schema {
  const chosen = names.filter(() => dice.chance(0.6));
  const properties = Object.fromEntries(chosen.map((name) => [name, schemaOf(dice, depth - 1)]));
  const rules = chosen.length === 0 ? [] : ruleOf(dice, [
    `has(self.${chosen[0]})`,
    `!has(self.${chosen[0]}) || has(self.${chosen.at(-1)})`,
    `self.${chosen[0]} == self.${chosen.at(-1)}`,
    `self.${chosen[0]} == oldSelf.${chosen[0]}`,
    `self.${chosen[0]} != null`,
  ]);
  return merged([
    { type: "object", properties },
    ...some(dice, 0.15, () => ({ required: chosen.slice(0, 1) })),
    ...some(dice, 0.15, () => ({ "x-kubernetes-preserve-unknown-fields": true })),
    ...some(dice, 0.1, () => ({ "x-kubernetes-map-type": dice.pick(["atomic", "granular"]) })),
    ...some(dice, 0.15, () => ({ default: {} })),
    ...some(dice, 0.1, () => ({ nullable: true })),
    ...some(dice, 0.05, () => ({ maxProperties: 2 })),
    ...some(dice, 0.05, () => ({ anyOf: chosen.slice(0, 2).map((name) => ({ required: [name] })) })),
    ...rules,
  ]);
}

/** A schema. Not each is one that a server takes. */
export function schemaOf(dice: Dice, depth: number): Schema {
  const simple: (readonly [number, () => Members])[] = [
    [4, () => text(dice)],
    [3, () => whole(dice)],
    [1, () => ({ type: "boolean", ...dice.chance(0.3) ? { default: true } : {} })],
    [1, () => ({ "x-kubernetes-int-or-string": true, ...dice.chance(0.3) ? { default: dice.pick<Value>([1, "a"]) } : {} })],
    [1, () => ({ "x-kubernetes-preserve-unknown-fields": true, ...dice.chance(0.5) ? { type: "object" } : {} })],
  ];
  if (depth <= 0) return weighted(dice, simple)();
  return weighted(dice, [
    ...simple,
    [3, () => list(dice, depth) as Members],
    [3, () => record(dice, depth) as Members],
    [2, () => {
      const values = { type: "object", maxProperties: dice.between(1, 3), additionalProperties: schemaOf(dice, depth - 1) };
      return merged([values, ...some(dice, 0.1, () => ({ "x-kubernetes-map-type": "atomic" })), ...ruleOf(dice, mapRules)]);
    }],
    [1, () => ({
      type: "object",
      "x-kubernetes-embedded-resource": true,
      "x-kubernetes-preserve-unknown-fields": true,
      ...dice.chance(0.5) ? { properties: { spec: schemaOf(dice, depth - 1) } } : {},
    })],
  ] as (readonly [number, () => Members])[])();
}

const odd: readonly Value[] = [null, "", "b", "abcabcabcabc", 0, -1, 7, 1.5, true, [], {}, [null], ["a", "a"], { a: 1 }, {
  zz: { a: null },
}];

/** A value for a schema, which fits it or nearly does. */
export function valueOf(dice: Dice, schema: Schema, oddness: number = 0.05): Value {
  if (dice.chance(oddness)) return dice.pick(odd);
  const inner = (part: Value | undefined) => valueOf(dice, (part ?? {}) as Schema, oddness);
  if (schema["x-kubernetes-int-or-string"] === true) return dice.pick<Value>([1, 2, "a", "50%"]);
  if (schema["x-kubernetes-embedded-resource"] === true) {
    const spec = (schema.properties as Members | undefined)?.spec;
    return {
      apiVersion: "v1",
      kind: "Pod",
      ...dice.chance(0.7) ? { metadata: { name: "x", ...dice.chance(0.3) ? { labels: { a: "b" } } : {} } } : {},
      ...spec === undefined ? { free: 1 } : { spec: inner(spec) },
    };
  }
  switch (schema.type) {
    case "string":
      if (Array.isArray(schema.enum)) return dice.pick(schema.enum as Value[]);
      return dice.pick(["a", "a", "b", "ab", "abc", "A", "é", "1", "2024-01-01", "1h", "10.0.0.1"]);
    case "integer":
      return dice.pick([0, 1, 2, 3, 4, 6]);
    case "number":
      return dice.pick([0, 1, 2.5, 4, 6]);
    case "boolean":
      return dice.chance(0.5);
    case "array":
      return Array.from({ length: dice.roll(4) }, () => inner(schema.items));
    case "object":
      break;
    default:
      return dice.pick<Value>(["free", 1, { x: 1 }, [1, { y: 2 }], null]);
  }
  const found: Members = {};
  for (const [name, own] of Object.entries((schema.properties ?? {}) as Members)) if (dice.chance(0.6)) found[name] = inner(own);
  if (schema.additionalProperties !== undefined) {
    for (const name of ["a", "b", "c.d"]) if (dice.chance(0.4)) found[name] = inner(schema.additionalProperties);
  }
  if (dice.chance(schema["x-kubernetes-preserve-unknown-fields"] === true ? 0.5 : 0.04)) {
    found[dice.pick(["u", "v"])] = dice.pick<Value>([1, { x: 1 }, null, []]);
  }
  return found;
}

/** A schema that is another one at some place. */
export function changedSchema(dice: Dice, schema: Schema, depth: number): Schema {
  const parts = ["properties", "items", "additionalProperties"].filter((part) => schema[part] !== undefined);
  if (parts.length === 0 || dice.chance(0.25)) return dice.chance(0.5) ? tightened(dice, schema) : schemaOf(dice, depth);
  const part = dice.pick(parts);
  if (part !== "properties") return { ...schema, [part]: changedSchema(dice, schema[part] as Schema, depth - 1) };
  const properties = { ...schema.properties as Members };
  for (const name of Object.keys(properties)) {
    if (dice.chance(0.5)) properties[name] = changedSchema(dice, properties[name] as Schema, depth - 1);
  }
  if (dice.chance(0.2)) delete properties[dice.pick(names)];
  if (dice.chance(0.3)) properties[dice.pick(names)] = schemaOf(dice, depth - 1);
  return { ...schema, properties };
}

/** The same, with less that fits. */
function tightened(dice: Dice, schema: Schema): Schema {
  switch (schema.type) {
    case "string":
      return {
        ...schema,
        ...dice.pick<Members>([
          { maxLength: 1 },
          { enum: ["a"] },
          { pattern: "^b" },
          { minLength: 2 },
          ...ruleOf(dice, textRules),
        ]),
      };
    case "integer":
    case "number":
      return {
        ...schema,
        ...dice.pick<Members>([{ maximum: 1 }, { minimum: 3 }, { multipleOf: 2 }, ...ruleOf(dice, wholeRules)]),
      };
    case "array":
      return {
        ...schema,
        ...dice.pick<Members>([
          { maxItems: 1 },
          { minItems: 2 },
          { "x-kubernetes-list-type": "set" },
          ...ruleOf(dice, listRules),
        ]),
      };
    case "object":
      return {
        ...schema,
        ...dice.pick<Members>([{ required: ["a"] }, { maxProperties: 1 }, { minProperties: 2 }, { nullable: true }]),
      };
    default:
      return schema;
  }
}
