/**
 * The Go types of `apiextensions.k8s.io/v1`.
 *
 * @module
 */
import type { Field, Shape, Struct } from "../types/shape.ts";
import {
  always,
  any,
  bool,
  bytes,
  float64,
  int32,
  int64,
  keep,
  keyed,
  list,
  map,
  merged,
  object,
  omit,
  string,
  struct,
  time,
} from "../types/shapes.ts";

const schemaFields: Field[] = [];

/** `JSONSchemaProps`, which contains itself. */
export const schemaShape: Struct = { type: "struct", name: "v1.JSONSchemaProps", fields: schemaFields };

const schemas = map(schemaShape);
const orBool: Shape = { type: "orBool", of: schemaShape };
const orList: Shape = { type: "orList", of: schemaShape };

schemaFields.push(
  omit("id"),
  omit("$schema", { type: "string", named: "v1.JSONSchemaURL" }),
  keep("$ref"),
  omit("description"),
  omit("type"),
  omit("format"),
  omit("title"),
  keep("default", any),
  keep("maximum", float64),
  omit("exclusiveMaximum", bool),
  keep("minimum", float64),
  omit("exclusiveMinimum", bool),
  keep("maxLength", int64),
  keep("minLength", int64),
  omit("pattern"),
  keep("maxItems", int64),
  keep("minItems", int64),
  omit("uniqueItems", bool),
  keep("multipleOf", float64),
  omit("enum", list({ type: "any", named: "v1.JSON" })),
  keep("maxProperties", int64),
  keep("minProperties", int64),
  omit("required", list(string)),
  keep("items", orList),
  omit("allOf", list(schemaShape)),
  omit("oneOf", list(schemaShape)),
  omit("anyOf", list(schemaShape)),
  keep("not", schemaShape),
  omit("properties", schemas),
  keep("additionalProperties", orBool),
  omit("patternProperties", schemas),
  keep("dependencies", map(any)),
  keep("additionalItems", orBool),
  omit("definitions", schemas),
  keep("externalDocs", struct("v1.ExternalDocumentation", omit("description"), omit("url"))),
  keep("example", any),
  omit("nullable", bool),
  keep("x-kubernetes-preserve-unknown-fields", bool),
  omit("x-kubernetes-embedded-resource", bool),
  omit("x-kubernetes-int-or-string", bool),
  omit("x-kubernetes-list-map-keys", list(string)),
  keep("x-kubernetes-list-type"),
  keep("x-kubernetes-map-type"),
  merged(
    omit(
      "x-kubernetes-validations",
      keyed(
        struct(
          "v1.ValidationRule",
          always("rule"),
          omit("message"),
          omit("messageExpression"),
          keep("reason", { type: "string", named: "v1.FieldValueErrorReason" }),
          omit("fieldPath"),
          keep("optionalOldSelf", bool),
        ),
        "rule",
      ),
    ),
    "rule",
  ),
);

const names = struct(
  "v1.CustomResourceDefinitionNames",
  always("plural"),
  omit("singular"),
  omit("shortNames", list(string)),
  always("kind"),
  omit("listKind"),
  omit("categories", list(string)),
);

const version = struct(
  "v1.CustomResourceDefinitionVersion",
  always("name"),
  always("served", bool),
  always("storage", bool),
  omit("deprecated", bool),
  keep("deprecationWarning"),
  keep("schema", struct("v1.CustomResourceValidation", keep("openAPIV3Schema", schemaShape))),
  keep(
    "subresources",
    struct(
      "v1.CustomResourceSubresources",
      keep("status", struct("v1.CustomResourceSubresourceStatus")),
      keep(
        "scale",
        struct(
          "v1.CustomResourceSubresourceScale",
          always("specReplicasPath"),
          always("statusReplicasPath"),
          keep("labelSelectorPath"),
        ),
      ),
    ),
  ),
  omit(
    "additionalPrinterColumns",
    list(
      struct(
        "v1.CustomResourceColumnDefinition",
        always("name"),
        always("type"),
        omit("format"),
        omit("description"),
        omit("priority", int32),
        always("jsonPath"),
      ),
    ),
  ),
  omit("selectableFields", list(struct("v1.SelectableField", always("jsonPath")))),
);

const webhook = struct(
  "v1.WebhookConversion",
  keep(
    "clientConfig",
    struct(
      "v1.WebhookClientConfig",
      keep("url"),
      keep(
        "service",
        struct("v1.ServiceReference", always("namespace"), always("name"), keep("path"), keep("port", int32)),
      ),
      omit("caBundle", bytes),
    ),
  ),
  always("conversionReviewVersions", list(string)),
);

/** `CustomResourceDefinition`. */
export const crdShape: Struct = object(
  "CustomResourceDefinition",
  always(
    "spec",
    struct(
      "v1.CustomResourceDefinitionSpec",
      always("group"),
      always("names", names),
      always("scope", { type: "string", named: "v1.ResourceScope" }),
      always("versions", list(version)),
      keep(
        "conversion",
        struct(
          "v1.CustomResourceConversion",
          always("strategy", { type: "string", named: "v1.ConversionStrategyType" }),
          keep("webhook", webhook),
        ),
      ),
      omit("preserveUnknownFields", bool),
    ),
  ),
  always(
    "status",
    struct(
      "v1.CustomResourceDefinitionStatus",
      always(
        "conditions",
        keyed(
          struct(
            "v1.CustomResourceDefinitionCondition",
            always("type"),
            always("status"),
            always("lastTransitionTime", time),
            omit("reason"),
            omit("message"),
          ),
          "type",
        ),
      ),
      always("acceptedNames", names),
      always("storedVersions", list(string)),
      omit("observedGeneration", int64),
    ),
  ),
);
