/**
 * Types of values, said once and checked where values come in: the interface that zod, valibot, arktype and others share
 * (https://standardschema.dev), as far as it is used here. Types only; no library is needed.
 *
 * @module
 */

/** A schema of any library that keeps to the specification, version 1. */
export interface StandardSchema<Given = unknown, Read = Given> {
  /** What the specification asks for. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The library. */
    readonly vendor: string;
    /** Checks a value; may make another one of it. */
    readonly validate: (value: unknown) => SchemaResult<Read> | Promise<SchemaResult<Read>>;
    /** Exists for the compiler only. */
    readonly types?: { readonly input: Given; readonly output: Read } | undefined;
  };
}

/** Any schema. */
// deno-lint-ignore no-explicit-any -- it stands on both sides of an assignment
export type AnySchema = StandardSchema<any, any>;

/** What a schema says about a value. */
export type SchemaResult<Read> =
  | { readonly value: Read; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** For people. */
  readonly message: string;
  /** Where in the value. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What may be given where a schema says what is expected; that is what is stored. */
export type Given<Schema> = Schema extends StandardSchema<infer Value, infer _> ? Value : never;

/** What is read there: what the schema made of it. */
export type Read<Schema> = Schema extends StandardSchema<infer _, infer Value> ? Value : never;

/**
 * A type without a check, where a type parameter is enough and no library shall be needed.
 *
 * @example
 * ```ts
 * import { defineFlow, shape } from "crd-watcher";
 *
 * defineFlow("order", { start: "charge", jobs: { charge: {} }, input: shape<{ amount: number }>() });
 * ```
 */
export function shape<Value>(): StandardSchema<Value> {
  return SHAPE as StandardSchema<Value>;
}

const SHAPE: AnySchema = Object.freeze({
  "~standard": Object.freeze({ version: 1 as const, vendor: "crd-watcher", validate: (value: unknown) => ({ value }) }),
});

/** A value as a schema reads it, or what is wrong with it in one clause. */
export type Checked<Value = unknown> = { readonly value: Value; readonly fault?: undefined } | { readonly fault: string };

/** How many issues a message names. */
const NAMED_ISSUES = 5;

/** Checks a value. Pure, as far as the schema is. @param schema Without one every value passes. */
export async function checkValue(schema: AnySchema | undefined, value: unknown): Promise<Checked> {
  if (!schema) return { value };
  const result = await schema["~standard"].validate(value) as SchemaResult<unknown>;
  if (!result.issues) return { value: result.value };
  const clauses = result.issues.slice(0, NAMED_ISSUES).map(({ message, path = [] }) => {
    const where = path.map((part) => typeof part === "object" ? part.key : part).map(String).join(".");
    return where ? `${where}: ${message}` : message;
  });
  const more = result.issues.length - clauses.length;
  return { fault: clauses.join("; ") + (more > 0 ? `; ${more} more` : "") };
}

/** Whether a value can serve as a schema. */
export const isSchema = (value: unknown): value is AnySchema =>
  (typeof value === "object" || typeof value === "function") && value !== null &&
  typeof (value as Partial<AnySchema>)["~standard"]?.validate === "function";
