/** A CustomResourceDefinition that uses most of what a schema can say. */
export const widgets: Record<string, unknown> = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget", shortNames: ["wd"] },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      selectableFields: [{ jsonPath: ".spec.color" }],
      additionalPrinterColumns: [
        { name: "Size", type: "integer", jsonPath: ".spec.size" },
        { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: {
              type: "object",
              required: ["size"],
              properties: {
                size: { type: "integer", minimum: 0, maximum: 100 },
                color: { type: "string", enum: ["red", "green"], default: "red" },
                tags: {
                  type: "array",
                  maxItems: 3,
                  "x-kubernetes-list-type": "set",
                  items: { type: "string", maxLength: 5, pattern: "^[a-z]+$" },
                },
                port: { "x-kubernetes-int-or-string": true },
                free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                limits: { type: "object", additionalProperties: { type: "integer" } },
                note: { type: "string", nullable: true },
                when: { type: "string", format: "date-time" },
              },
            },
            status: { type: "object", properties: { phase: { type: "string" }, count: { type: "integer" } } },
          },
        },
      },
    }],
  },
};
