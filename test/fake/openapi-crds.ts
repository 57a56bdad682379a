/**
 * CRDs whose OpenAPI documents have been asked of a genuine server: all that a schema may say, several kinds and versions in a group,
 * groups with a dash, a digit and the project's own domain.
 */
import type { JsonObject } from "../../src/fake/types/json.ts";

const version = (name: string, schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});

interface Names {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly more?: JsonObject;
}

/** The first version is the one that is stored. */
const crd = (
  { group, plural, singular, kind, more = {} }: Names,
  scope: string,
  versions: readonly JsonObject[],
  annotations: JsonObject = {},
): JsonObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}`, annotations },
  spec: {
    group,
    scope,
    names: { plural, singular, kind, listKind: `${kind}List`, ...more },
    versions: versions.map((each, index) => ({ ...each, storage: index === 0 })),
  },
});

const several = "open-api.example.com";

const widget: JsonObject = {
  type: "object",
  description: "A widget.\nOf many.",
  required: ["spec"],
  properties: {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    status: {
      type: "object",
      properties: {
        replicas: { type: "integer", format: "int32" },
        selector: { type: "string" },
        conditions: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["type"],
          items: {
            type: "object",
            required: ["type"],
            properties: { type: { type: "string" }, when: { type: "string", format: "date-time" } },
          },
        },
      },
    },
    spec: {
      type: "object",
      title: "Spec",
      default: {},
      "x-kubernetes-map-type": "atomic",
      "x-kubernetes-validations": [{
        rule: "!has(self.size) || self.size >= 0",
        message: "m",
        reason: "FieldValueForbidden",
        fieldPath: ".size",
      }, { message: "x", rule: "!has(oldSelf.size) || oldSelf.size <= self.size", optionalOldSelf: false }],
      properties: {
        size: {
          type: "integer",
          format: "int64",
          minimum: 0,
          maximum: 10,
          exclusiveMaximum: true,
          multipleOf: 1,
          default: 1,
          description: "How big.",
        },
        replicas: { type: "integer" },
        ratio: { type: "number", minimum: 0.5, maximum: 1e9, default: 1.5, exclusiveMinimum: false },
        name: {
          type: "string",
          maxLength: 10,
          minLength: 1,
          pattern: "^[a-z<>&]+$",
          default: "a",
          nullable: true,
          enum: ["b", "a", null],
        },
        port: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }], pattern: "^1" },
        bare: { "x-kubernetes-int-or-string": true },
        both: {
          "x-kubernetes-int-or-string": true,
          allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { maximum: 5 }],
        },
        any: { "x-kubernetes-preserve-unknown-fields": true },
        open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { a: { type: "string" } } },
        pod: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
        own: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          required: ["spec", "kind"],
          properties: { spec: { type: "object" }, kind: { type: "string", enum: ["A"] } },
        },
        tags: {
          type: "array",
          items: { type: "string" },
          "x-kubernetes-list-type": "set",
          maxItems: 3,
          minItems: 1,
          uniqueItems: false,
        },
        atomic: {
          type: "array",
          items: {
            type: "object",
            properties: { z: { type: "boolean", default: false }, a: { type: "string", format: "byte" } },
          },
          "x-kubernetes-list-type": "atomic",
        },
        labels: { type: "object", additionalProperties: { type: "string" }, maxProperties: 3, minProperties: 0 },
        loose: { type: "object", additionalProperties: true },
        nested: {
          type: "object",
          additionalProperties: { type: "object", nullable: true, properties: { x: { type: "string" } } },
          nullable: true,
        },
        choice: {
          type: "object",
          oneOf: [{ required: ["a"] }, { required: ["b"], properties: { b: { minimum: 1 } } }],
          not: { required: ["c"] },
          anyOf: [{ properties: { a: { enum: ["x"] } } }, {}],
          allOf: [{ maxProperties: 2 }],
          properties: { a: { type: "string" }, b: { type: "integer" }, c: { type: "string" } },
        },
        documented: {
          type: "string",
          externalDocs: { url: "https://example.com", description: "more" },
          example: "x",
          title: "T",
          format: "email",
        },
        objects: { type: "object", default: { z: 1, a: { c: 1, b: [2, 1] } }, "x-kubernetes-preserve-unknown-fields": true },
      },
    },
  },
};

/** What the documents are made of. */
export const crds: JsonObject[] = [
  crd({ group: several, plural: "widgets", singular: "widget", kind: "Widget" }, "Namespaced", [
    version("v1", widget, {
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.replicas",
          statusReplicasPath: ".status.replicas",
          labelSelectorPath: ".status.selector",
        },
      },
      selectableFields: [{ jsonPath: ".spec.size" }, { jsonPath: ".spec.documented" }],
    }),
    version("v1beta1", { type: "object", properties: { spec: { type: "object", properties: { old: { type: "string" } } } } }, {
      deprecated: true,
    }),
    version("v2alpha1", { type: "object", "x-kubernetes-preserve-unknown-fields": true }, { served: false }),
  ]),
  crd(
    { group: several, plural: "oxen", singular: "ox", kind: "Ox", more: { shortNames: ["o"], categories: ["all"] } },
    "Cluster",
    [
      version("v1", { type: "object", "x-kubernetes-preserve-unknown-fields": true }, { subresources: { status: {} } }),
      version("v1beta1", { type: "object" }),
    ],
  ),
  crd({ group: several, plural: "glasses", singular: "glass", kind: "Glass" }, "Namespaced", [
    version("v1", { type: "object", properties: { spec: { type: "string" } } }),
  ]),
  crd(
    { group: "9things.k8s.io", plural: "things", singular: "thing", kind: "Things" },
    "Cluster",
    [version("v1alpha1", {
      type: "object",
      properties: {
        metadata: { type: "object", properties: { name: { type: "string", pattern: "^a" } } },
        spec: { type: "object", nullable: true, properties: { a: { type: "string" } }, required: ["a"] },
      },
    })],
    { "api-approved.kubernetes.io": "unapproved, a test" },
  ),
  crd({ group: "plain.io", plural: "uses", singular: "use", kind: "uSed", more: { listKind: "Uses" } }, "Namespaced", [
    version("v1", {
      type: "object",
      properties: {
        a_b: { type: "array", items: { type: "array", items: { type: "integer" } } },
        free: { type: "object", nullable: true, required: ["a"], properties: { a: { type: "string", nullable: true } } },
        strict: {
          type: "object",
          required: ["a", "b"],
          properties: { a: { type: "string", nullable: true }, b: { type: "string" } },
        },
        data: { type: "object", additionalProperties: { "x-kubernetes-int-or-string": true } },
      },
    }),
  ]),
];
