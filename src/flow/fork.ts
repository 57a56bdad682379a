/**
 * A flow that goes on from a job of another one. Pure, but for the random uid of one without a key.
 *
 * @module
 */

import { RequestStateError } from "../errors.ts";
import { flowNameOf, isOver, isParked, type Json, nameOf, type RequestState } from "../request-state.ts";
import {
  checkInput,
  type Creator,
  extendedKey,
  flowKeyOf,
  type NamedRequest,
  newRequest,
  notBeforeText,
  uidOf,
  type Wanted,
} from "./creation.ts";
import { jobsBefore } from "./graph.ts";
import type { Flow } from "./plan.ts";
import { INPUT_LIMIT } from "./sizes.ts";
import { meantText } from "../text.ts";
import { storedValue } from "./value.ts";

/** How a flow goes on from another one. */
export interface ForkWanted extends Wanted {
  /** The job that it begins with. @default {The job that failed} */
  readonly from?: string;
  /** It is the retry of that number, under a key that tells people nothing. @default {It is called by its own key} */
  readonly retry?: number;
}

/**
 * The request that goes on from a job of another flow, with the outputs of the jobs before that one. Its input is that of the
 * other flow unless another one is given (`input: null` for none), and so are its labels.
 *
 * @param flow The definition by which it goes on; it may be a newer one than that of the other flow.
 * @throws {RequestStateError} When the other request is of another flow, or none of its jobs failed and `from` does not name one.
 * @throws {TypeError} When the job is not in the graph, or the input does not fit.
 * @throws {RangeError} When the input is too large, or `notBefore` is no time.
 */
export async function forkRequest(flow: Flow, source: RequestState, wanted: ForkWanted, creator: Creator): Promise<NamedRequest> {
  const action = `Cannot fork requeststates "${nameOf(source)}"`;
  if (flowNameOf(source) !== flow.name) {
    throw new RequestStateError(`${action}: it is of flow "${flowNameOf(source)}", not of "${flow.name}"`);
  }
  const from = wanted.from ?? failedJobOf(source);
  if (from === undefined) {
    throw new RequestStateError(`${action}: none of its jobs has failed for good; say from which job to go on`);
  }
  if (!flow.plans[from]) {
    const jobs = `jobs: ${flow.jobs.join(", ")}`;
    throw new TypeError(
      `${action} from job "${from}": flow "${flow.name}" has no such job (${jobs})${meantText(from, flow.jobs)}`,
    );
  }
  const given = wanted.input === undefined ? source.spec.input : wanted.input;
  const input = storedValue(given, action, "input", INPUT_LIMIT);
  await checkInput(flow, input, action);
  const before = jobsBefore(flow, from);
  const outputs = Object.entries(source.status?.outputs ?? {}).filter(([job]) => before.has(job));
  const { name, uid } = source.metadata;
  return newRequest(flow, {
    uid: await uidOf(flow, wanted.key),
    key: wanted.retry === undefined && wanted.key !== undefined
      ? wanted.key
      : forkKeyOf(source, wanted.retry === undefined ? `from-${from}` : `retry-${wanted.retry}`),
    input,
    labels: wanted.labels ?? source.metadata.labels,
    annotations: wanted.annotations,
    notBefore: notBeforeText(wanted.notBefore, action),
    forkedFrom: { name, uid: uid!, job: from },
    outputs: Object.fromEntries(outputs) as { readonly [job: string]: Json },
  }, creator);
}

/**
 * What a flow is called that goes on from another one: as that is, and how. One word, so that it can be typed, and completed by a
 * shell, as the key of its caller may be.
 */
const forkKeyOf = (source: RequestState, how: string): string =>
  extendedKey(flowKeyOf(source) || source.metadata.name, `,${how}`);

/** The job of a flow that failed for good, or was cancelled, last; undefined where none was, or where it goes on in spite of that. */
export function failedJobOf(request: RequestState): string | undefined {
  const { job, state } = request.spec;
  if (!isOver(request)) return isParked(request) ? job : undefined;
  if (state === "FAILED" || state === "CANCELLED") return job;
  // What a later attempt has done is no failure: to begin there would do it again, under another key.
  const ended = new Set<string>();
  for (const { job, state } of request.status?.history?.toReversed() ?? []) {
    if (state !== "FAILED" && state !== "COMPLETED" || ended.has(job)) continue;
    if (state === "FAILED") return job;
    ended.add(job);
  }
  return undefined;
}
