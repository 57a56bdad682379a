/**
 * Templates of pods, wherever they stand.
 *
 * @module
 */
import type { FieldError } from "../../types/field-error.ts";
import type { Json } from "../../types/json.ts";
import { part } from "./checks.ts";
import { podAnnotationErrors } from "./pod-annotations.ts";
import { profileMatchErrors } from "./pod-profiles.ts";
import { podSpecErrors } from "./podspec.ts";
import { templateMetadataErrors } from "./selectors.ts";

/**
 * What is wrong with a template. Its errors leave `metadata` out of the path. Pure.
 *
 * @param before What is wrong with what pods get beside the template.
 */
export const templateErrors = (template: Json | undefined, path: string, before: readonly FieldError[] = []): FieldError[] => [
  ...templateMetadataErrors(template, path),
  ...podAnnotationErrors(part(template), `${path}.annotations`),
  ...before,
  ...podSpecErrors(part(template, "spec"), `${path}.spec`),
  ...profileMatchErrors(part(template), `${path}.spec`),
];
