/**
 * The options in the query of a request.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required } from "../types/field-error.ts";
import { managerErrors } from "../types/field-manager.ts";
import { quote } from "../types/quote.ts";
import { badRequest, unprocessable } from "../types/status.ts";

/** Whether a boolean parameter is set: only absence, `0` and `false` are false. Pure. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

/** An integer parameter. @throws {Refusal} 400 when it is none. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const refuse = (why: string) => badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refuse("invalid syntax");
  if (BigInt.asIntN(64, BigInt(text.replace("+", ""))) !== BigInt(text.replace("+", ""))) throw refuse("value out of range");
  return Number(text);
}

/** How unknown and duplicate fields are treated. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** What all writes take. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string;
}

const validations = ["", "Ignore", "Strict", "Warn"];

/** Errors in `dryRun`. Pure. */
export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === "All")) return [];
  const found = notSupported("dryRun", values as string[], ["All"]);
  return [found];
}

/** Reads the options of a write. @param kind Such as `CreateOptions`. @throws {Refusal} 422 with all errors. */
export function writeOptions(query: URLSearchParams, kind: string, patchType?: string): WriteOptions {
  const errors: FieldError[] = [];
  const fieldManager = query.get("fieldManager") ?? "";
  const applies = patchType?.startsWith("application/apply-patch");
  if (applies && fieldManager === "") errors.push(required("fieldManager", "is required for apply patch"));
  if (patchType !== undefined && !applies && query.has("force")) {
    errors.push(forbidden("force", "may not be specified for non-apply patch"));
  }
  errors.push(...managerErrors(fieldManager, "fieldManager"), ...dryRunErrors(query.getAll("dryRun")));
  const fieldValidation = query.get("fieldValidation") ?? "";
  if (!validations.includes(fieldValidation)) errors.push(notSupported("fieldValidation", fieldValidation, validations));
  if (errors.length > 0) throw unprocessable({ group: "meta.k8s.io", plural: kind }, "", errors);
  return {
    dryRun: query.has("dryRun"),
    fieldValidation: fieldValidation === "" ? "Warn" : fieldValidation as FieldValidation,
    fieldManager,
  };
}

const versionSyntax = (text: string) =>
  `strconv.ParseUint: parsing ${quote(text)}: ${/^\d+$/.test(text) ? "value out of range" : "invalid syntax"}`;

/** Whether a resourceVersion is a number, of 64 bits. Pure. */
export const isVersion = (text: string): boolean => /^\d+$/.test(text) && (text.length < 20 || BigInt(text) < 2n ** 64n);

/** What is said about a resourceVersion that is no number. Pure. */
export const badVersion = (text: string): string => versionSyntax(text);

/** A resourceVersion parameter that must be a number. Pure. */
export const versionError = (text: string): string =>
  `${invalid("resourceVersion", text, versionSyntax(text)).field}: ${invalid("resourceVersion", text, versionSyntax(text)).text}`;
