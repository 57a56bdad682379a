/**
 * Whether anybody would do the job that a request waits for, by what the workers that are there say of themselves. Pure.
 *
 * @module
 */

import { flowNameOf, type RequestState } from "../request-state.ts";
import { digestFor, digestText } from "./ownership.ts";

/** What the job of a request is called among workers. */
export const kindOf = (request: RequestState): string => kindOfJob(flowNameOf(request), digestFor(request), request.spec.job);

/** What a job is called among workers. */
export const kindOfJob = (flow: string, digest: string | undefined, job: string): string => `${flow}/${digest}/${job}`;

/** Why nobody does a job. */
export interface Absence {
  /** What is missing: a worker at all, or one that knows the flow, this graph of it, this job. */
  readonly lacks: "worker" | "flow" | "graph" | "job";
  /** How many workers are there. */
  readonly workers: number;
  /** The graphs, or the jobs, that they know instead. */
  readonly known: readonly string[];
}

/**
 * Why nobody does the job of a request; undefined where somebody would.
 *
 * @param workers What each of those that are there takes, as {@linkcode kindOfJob} names it.
 */
export function absenceOf(request: RequestState, workers: readonly { readonly takes: readonly string[] }[]): Absence | undefined {
  const wanted = kindOf(request);
  const taken = new Set(workers.flatMap(({ takes }) => takes));
  if (taken.has(wanted)) return undefined;
  const absence = (lacks: Absence["lacks"], known: readonly string[] = []) => ({ lacks, workers: workers.length, known });
  if (workers.length === 0) return absence("worker");
  const flow = flowNameOf(request);
  const ofFlow = [...taken].map((kind) => kind.split("/")).filter(([name]) => name === flow);
  if (ofFlow.length === 0) return absence("flow");
  const jobs = ofFlow.filter(([, digest]) => digest === String(digestFor(request))).map(([, , job = ""]) => job);
  return jobs.length > 0 ? absence("job", jobs) : absence("graph", [...new Set(ofFlow.map(([, digest = ""]) => digest))]);
}

/** Who is missing, as in `a worker that does job ship of flow order`. */
export const missingText = (request: RequestState): string =>
  `a worker that does job ${request.spec.job} of flow ${flowNameOf(request)}`;

/** Why nobody does it, as a clause. */
export function absenceText(request: RequestState, { lacks, workers, known }: Absence): string {
  const here = workers === 1 ? "the worker that is there" : `the ${workers} workers that are there`;
  const verb = (word: string) => workers === 1 ? `${word}s` : word;
  switch (lacks) {
    case "worker":
      return "no worker is there";
    case "flow":
      return workers === 1 ? `${here} does no job of that flow` : `none of ${here} does a job of that flow`;
    case "graph":
      return `it is ${digestText(request)}, ${here} ${verb("know")} that flow with digest ${listed(known)}`;
    case "job":
      return `of that flow ${here} ${workers === 1 ? "does" : "do"} ${listed(known)} only`;
  }
}

/** A lease may name any number of jobs. */
const listed = (names: readonly string[]): string =>
  names.length <= LISTED ? names.join(", ") : `${names.slice(0, LISTED).join(", ")} and ${names.length - LISTED} more`;
const LISTED = 5;
