/**
 * The schemas that the cases of validation rules share.
 *
 * @module
 */

/** A schema, as a CRD writes it. */
export type Schema = Readonly<Record<string, unknown>>;

/** One write under one rule, or more. */
export interface Case {
  readonly name: string;
  /** The schema of the value. */
  readonly schema: Schema;
  /** What the value replaces. */
  readonly old?: unknown;
  readonly value: unknown;
  /** `field: message` of each cause, sorted; `warning: ...`. The value's own field is `spec.v`. */
  readonly answers: readonly string[];
}

/** In the schemas of the cases. */
export const text: Schema = { type: "string", maxLength: 64 };
/** In the schemas of the cases. */
export const whole: Schema = { type: "integer" };
const texts = { type: "array", maxItems: 8, items: text };
/** In the schemas of the cases. */
export const wholes: Schema = { type: "array", maxItems: 8, items: whole };
/** In the schemas of the cases. */
export const keyed: Schema & { readonly items: Schema } = {
  type: "array",
  maxItems: 8,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["k"],
  items: { type: "object", required: ["k"], properties: { k: text, n: whole } },
};
/** In the schemas of the cases. */
export const object: Schema = {
  type: "object",
  properties: {
    s: text,
    t: text,
    n: whole,
    d: { type: "number" },
    b: { type: "boolean" },
    texts,
    wholes,
    set: { ...texts, "x-kubernetes-list-type": "set" },
    keyed,
    m: { type: "object", maxProperties: 8, additionalProperties: text },
    o: { type: "object", properties: { s: text, n: whole } },
    at: { type: "string", format: "date-time" },
    on: { type: "string", format: "date" },
    long: { type: "string", format: "duration" },
    either: { "x-kubernetes-int-or-string": true },
    nothing: { ...text, nullable: true },
    "request-uid": text,
    namespace: text,
    "a.b": text,
  },
};

/** A schema with rules. */
export const at = (schema: Schema, rules: readonly (string | Schema)[]): Schema => ({
  ...schema,
  "x-kubernetes-validations": rules.map((rule) => typeof rule === "string" ? { rule } : rule),
});
