/**
 * What a flow is: its name and its graph of jobs, checked once and frozen. Pure.
 *
 * @module
 */

import { FlowDefinitionError } from "../errors.ts";
import { digestOf } from "./digest.ts";

/** A flow as a director and its workers know it. Made by {@linkcode defineFlow}; frozen. */
export interface Flow<Job extends string = string> {
  /** As in `spec.flow`. */
  readonly name: string;
  /** In the order in which they run. */
  readonly jobs: readonly Job[];
  /** Identifies the graph, so that processes with another definition of the same name keep off. */
  readonly digest: string;
}

/**
 * Defines a flow: a name and its jobs, one after the other.
 *
 * @param name 1 to 63 characters: lower-case letters, digits and `-`.
 * @param jobs At least one; each 1 to 63 characters, no two alike.
 * @throws {FlowDefinitionError} Listing every fault.
 *
 * @example The flow of the reference
 * ```ts
 * import { defineFlow } from "crd-watcher";
 *
 * const sample = defineFlow("sample", ["JOB1", "JOB2"]);
 * ```
 */
export function defineFlow<const Job extends string>(name: string, jobs: readonly Job[]): Flow<Job> {
  const faults: string[] = [];
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    faults.push(`the name must be 1 to 63 lower-case letters, digits or "-", and begin and end with a letter or digit`);
  }
  if (jobs.length === 0) faults.push("it has no jobs");
  jobs.forEach((job, index) => {
    if (!/^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(job)) {
      faults.push(
        `job ${JSON.stringify(job)} must be 1 to 63 letters, digits, "-", "_" or ".", and begin and end with a letter or digit`,
      );
    }
    if (jobs.indexOf(job) < index) faults.push(`job ${JSON.stringify(job)} stands there twice`);
  });
  if (faults.length > 0) throw new FlowDefinitionError(name, faults);
  return Object.freeze({ name, jobs: Object.freeze([...jobs]), digest: digestOf(jobs) });
}

/** The flow of a request that names none: what the reference drives. */
export const SAMPLE: Flow<"JOB1" | "JOB2"> = defineFlow("sample", ["JOB1", "JOB2"]);
