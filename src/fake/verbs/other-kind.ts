/**
 * Subresources whose kind is another than that of their resource.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import type { Column, ResourceType } from "../types/resource.ts";
import { decodeShape, type Struct } from "../types/shape.ts";

/** The kind of a subresource. */
export interface OtherKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Read when it is touched. */
  readonly shape: () => Struct;
  readonly columns?: readonly Column[];
  /** Fills in what was left out. */
  readonly setDefaults?: (object: JsonObject) => JsonObject;
}

/** The kind of a subresource as a type: of what it belongs to, the name of the resource is left. */
export function otherKind(type: ResourceType, other: OtherKind): ResourceType {
  const { group, version, kind, shape, columns = [], setDefaults = (object) => object } = other;
  const head = { kind, apiVersion: group === "" ? version : `${group}/${version}` };
  return {
    ...type,
    custom: false,
    group,
    version,
    kind,
    schema: undefined,
    get shape() {
      return shape();
    },
    decode: (value) => {
      const { value: object, unknown } = decodeShape(shape(), value);
      return { object: setDefaults(object), unknown };
    },
    setDefaults,
    arrange: (object) => ({ ...decodeShape(shape(), object).value, ...head }),
    fromStorage: (object) => object,
    toStorage: (object) => object,
    columns,
  };
}
