/**
 * What the tracking of owners has to know about the objects of one kind.
 *
 * @module
 */
import type { FieldSet } from "./field-set.ts";
import type { FieldType } from "./field-type.ts";
import type { JsonObject } from "../types/json.ts";

/** An object in one version. */
export interface Versioned {
  readonly object: JsonObject;
  readonly type: FieldType;
  readonly apiVersion: string;
}

/** The kind, as one request sees it. */
export interface Kind {
  /** Whether its objects are of a Go type. */
  readonly isStruct: boolean;
  /** The version of the request. */
  readonly apiVersion: string;
  /** The field type of that version. */
  readonly type: FieldType;
  /** Fields that a request at this place does not write, whatever it says, in some version. */
  reset(apiVersion: string): FieldSet;
  /** An object of the request's version in another one. @returns Nothing when there is no such version. @throws {TypedError} */
  convert(from: Versioned, apiVersion: string): Versioned | undefined;
}
