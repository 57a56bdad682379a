/**
 * Sequences about a custom resource whose schema is random, and changes in the middle.
 *
 * @module
 */
import { createDice, type Dice } from "../../src/testing/dice.ts";
import type { Value } from "../recordings/scenario.ts";
import { group, weighted } from "./places.ts";
import { changedSchema, type Members, type Schema, schemaOf, valueOf } from "./schemas.ts";
import type { FuzzRequest } from "./sequence.ts";

/** A CRD, and what is asked about its objects. */
export interface Chapter {
  readonly crd: Value;
  /** A member of each object that shows which CRD is served: its default. */
  readonly mark: string;
  readonly requests: readonly FuzzRequest[];
}

/** What belongs to a seed. */
export interface CustomSequence {
  readonly seed: number;
  /** Namespaced, in their own group: of all versions of the CRD. */
  readonly path: string;
  readonly apiVersion: string;
  /** The first CRD, and what it becomes. */
  readonly chapters: readonly Chapter[];
}

/** The member that each object has by default. */
export const markMember = "mark";
const depth = 3;
const chapterLength = 16;

const types = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

class Author {
  readonly #dice: Dice;
  readonly #base: string;
  readonly #apiVersion: string;
  readonly #schema: Schema;

  constructor(dice: Dice, base: string, apiVersion: string, schema: Schema) {
    this.#dice = dice;
    this.#base = base;
    this.#apiVersion = apiVersion;
    this.#schema = schema;
  }

  #name = (): string => this.#dice.pick(["a", "a", "a", "b"]);

  #content(): Members {
    const { spec, status } = this.#schema.properties as { spec: Schema; status: Schema };
    return {
      ...this.#dice.chance(0.9) ? { spec: valueOf(this.#dice, spec) } : {},
      ...this.#dice.chance(0.3) ? { status: valueOf(this.#dice, status) } : {},
    };
  }

  #object(name: string): Value {
    const labels: Members = this.#dice.chance(0.2) ? { labels: { a: this.#dice.pick(["b", "c"]) } } : {};
    return { apiVersion: this.#apiVersion, kind: "Random", metadata: { name, ...labels }, ...this.#content() };
  }

  #made(method: string, path: string, type?: string, body?: Value): FuzzRequest {
    const query = method === "GET" ? [] : [
      ...this.#dice.chance(0.15) ? ["dryRun=All"] : [],
      ...this.#dice.chance(0.15) ? [`fieldValidation=${this.#dice.pick(["Strict", "Ignore", "Warn"])}`] : [],
      ...type === types.apply ? [`fieldManager=${this.#dice.pick(["one", "two"])}`] : [],
      ...type === types.apply && this.#dice.chance(0.4) ? ["force=true"] : [],
    ].join("&");
    return {
      method,
      path: `${this.#base}${path}${query.length > 0 ? `?${query}` : ""}`,
      headers: type === undefined ? {} : { "content-type": type },
      body: body === undefined ? undefined : JSON.stringify(body),
      watch: false,
    };
  }

  /** A step below the object, at random. */
  #operation(): Value {
    let schema = this.#schema;
    let path = "";
    for (let level = 0; level < 4; level++) {
      const properties = Object.entries((schema.properties ?? {}) as Members);
      if (properties.length > 0) {
        const [name, own] = level === 0 ? ["spec", (schema.properties as Members).spec!] as const : this.#dice.pick(properties);
        path += `/${name}`;
        schema = own as Schema;
      } else if (schema.type === "array") {
        path += `/${this.#dice.pick([0, 0, 1, "-"])}`;
        schema = (schema.items ?? {}) as Schema;
      } else if (schema.additionalProperties !== undefined) {
        path += `/${this.#dice.pick(["a", "b"])}`;
        schema = schema.additionalProperties as Schema;
      } else break;
      if (level > 0 && this.#dice.chance(0.35)) break;
    }
    const op = this.#dice.pick(["add", "add", "replace", "replace", "remove", "test"]);
    return { op, path, ...op === "remove" ? {} : { value: valueOf(this.#dice, schema, 0.1) } };
  }

  request(): FuzzRequest {
    const dice = this.#dice;
    const name = this.#name();
    const sub = dice.chance(0.15) ? "/status" : "";
    return weighted<() => FuzzRequest>(dice, [
      [6, () => this.#made("POST", "", "application/json", this.#object(name))],
      [3, () => this.#made("PUT", `/${name}${sub}`, "application/json", this.#object(name))],
      [6, () => this.#made("PATCH", `/${name}${sub}`, types.merge, this.#content())],
      [
        8,
        () =>
          this.#made("PATCH", `/${name}${sub}`, types.json, Array.from({ length: dice.between(1, 2) }, () => this.#operation())),
      ],
      [9, () => this.#made("PATCH", `/${name}${sub}`, types.apply, this.#object(name))],
      [2, () => this.#made("GET", `/${name}${sub}`)],
      [1, () => this.#made("GET", "")],
      [1, () => this.#made("DELETE", `/${name}`)],
    ])();
  }
}

const crdOf = (plural: string, own: string, schema: Schema, mark: string, status: boolean): Value => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${own}` },
  spec: {
    group: own,
    scope: "Namespaced",
    names: { plural, kind: "Random" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      ...status ? { subresources: { status: {} } } : {},
      schema: {
        openAPIV3Schema: {
          ...schema,
          properties: { ...schema.properties as Members, [markMember]: { type: "string", default: mark } },
        },
      },
    }],
  },
});

/** The sequence of a seed. */
export function customSequenceOf(seed: number): CustomSequence {
  const dice = createDice(`custom ${seed}`);
  const own = `s${seed}.${group}`;
  const apiVersion = `${own}/v1`;
  const base = `/apis/${apiVersion}/namespaces/\${ns}/randoms`;
  const status = dice.chance(0.5);
  let schema: Schema = { type: "object", properties: { spec: schemaOfSpec(dice), status: schemaOf(dice, 1) } };
  const chapters: Chapter[] = [];
  for (const mark of ["first", "second"]) {
    const author = new Author(dice, base, apiVersion, schema);
    const requests = Array.from({ length: chapterLength }, () => author.request());
    chapters.push({ crd: crdOf("randoms", own, schema, mark, status), mark, requests });
    const { spec } = schema.properties as { spec: Schema };
    schema = { ...schema, properties: { ...schema.properties as Members, spec: changedSchema(dice, spec, depth) } };
  }
  return { seed, path: base, apiVersion, chapters };
}

function schemaOfSpec(dice: Dice): Schema {
  for (;;) {
    const schema = schemaOf(dice, depth);
    if (schema.type === "object" && schema.properties !== undefined) return schema;
  }
}
