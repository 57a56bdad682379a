/**
 * What a request may carry: every write of it goes to every watcher. Pure.
 *
 * @module
 */

import type { RequestState } from "../request-state.ts";

/** The size limit of an input (as JSON), in bytes. */
export const INPUT_LIMIT = 65_536;

/** The size limit of one output (as JSON), or of the data of a signal, in bytes. */
export const OUTPUT_LIMIT = 4_096;

/** The size limit of all outputs of a request together, in bytes. */
export const OUTPUTS_LIMIT = 65_536;

/** As JSON, in bytes; 0 for what JSON cannot say. */
export const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value) ?? "").length;

/** Why the output of a job cannot be kept, as what is said of it, with the remedy; undefined where it can. */
export function outputFault(job: string, output: unknown, request: RequestState): string | undefined {
  const size = sizeOf(output);
  const remedy = "store it elsewhere and give back where";
  if (size > OUTPUT_LIMIT) return `is ${size} bytes as JSON, at most ${OUTPUT_LIMIT} are kept: ${remedy}`;
  const all = sizeOf({ ...request.status?.outputs, [job]: output });
  if (all > OUTPUTS_LIMIT) return `makes all outputs together ${all} bytes as JSON, at most ${OUTPUTS_LIMIT} are kept: ${remedy}`;
  return undefined;
}
