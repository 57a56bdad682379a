import { aboutOf } from "./about.ts";
import { causeText, isAbsent, isConflict, isNoAnswer, isNotFound, isStatus, type StatusError } from "../errors.ts";
import type { FlowMetrics } from "./flow-metrics.ts";
import type { Write } from "../flow/write.ts";
import type { Clock, Cluster, Log } from "../ports.ts";
import { REQUEST_STATES, type RequestState } from "../request-state.ts";
import { type Backoff, createBackoff } from "../runtime/time/backoff.ts";
import { sleep } from "../runtime/time/clock.ts";

/** What it takes to commit a write. */
export interface CommitOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: FlowMetrics;
  /** Gives up; whether the write took effect then stays unknown. */
  readonly signal: AbortSignal;
  /**
   * What to do where somebody else wrote first: `read` the request and decide again, or `throw` the conflict to whoever
   * follows the request: its newer version is on the way there already. @default {"read"}
   */
  readonly conflict?: "read" | "throw";
  /**
   * There was no definite answer, and the write is not in the request: whether to send it again. Where not, `plan` is asked anew; what
   * was sent may still land. @default {It is sent until there is an answer}
   */
  readonly again?: () => boolean;
  /** There was no definite answer: what was planned last may land, now or later, unless another write is in the request. */
  readonly onUncertain?: () => void;
  /** How often a call is made without a definite answer before that is thrown. @default {Infinity} */
  readonly tries?: number;
}

/** How a commit ended. */
export type Committed =
  /** The write took effect; `request` shows it. */
  | { readonly written: true; readonly request: RequestState }
  /** There was nothing left to do: somebody else moved the request on, or it is gone (`request` undefined). */
  | { readonly written: false; readonly request: RequestState | undefined };

/**
 * Makes one write, whatever happens on the way.
 *
 * `plan` is asked for the write on the newest version of the request, again after every version it loses
 * against, until a write took effect or there is nothing left to do. A write whose answer was lost is looked up: if it
 * is there it counts, if the request has moved on it never will, and else the identical patch is sent again.
 *
 * @param request The version to begin with.
 * @param plan Pure. Returns undefined where nothing is to be done.
 * @throws {StatusError} The server refused for good (rights, validation), or there is a conflict that shall be thrown.
 */
export async function commit(
  request: RequestState,
  plan: (request: RequestState) => Write | undefined,
  options: CommitOptions,
): Promise<Committed> {
  for (let current = request;;) {
    const write = plan(current);
    if (!write) return { written: false, request: current };
    const later = await send(current, write, options);
    if (!later) return { written: false, request: undefined };
    if (write.isIn(later)) {
      options.metrics.wrote(later);
      return { written: true, request: later };
    }
    current = later;
  }
}

/** After so many tries without a definite answer it is told at a level that people see. */
const TOLD_AFTER = 3;

/** Sends one write until it is known what became of it. @returns The request afterwards; undefined when it is gone. */
async function send(request: RequestState, write: Write, options: CommitOptions): Promise<RequestState | undefined> {
  const { cluster, clock, log, signal, tries: limit = Infinity } = options;
  const key = { namespace: request.metadata.namespace, name: request.metadata.name };
  let backoff: Backoff | undefined; // most writes need none
  let mayHaveLanded = false;
  for (let tries = 1;; tries++) {
    try {
      // The write was conditional: what it made of the request is known. Only the version is news.
      const answer = await cluster.patch(REQUEST_STATES, key, write.operations, { signal, metadataOnly: true });
      const { managedFields: _, ...metadata } = answer.metadata as RequestState["metadata"] & { managedFields?: unknown };
      return { ...write.next, metadata };
    } catch (error) {
      const lost = isConflict(error);
      const uncertain = isUncertain(error);
      if (lost) options.metrics.conflict();
      if (!uncertain && !isSettledByReading(error)) throw error;
      // Refused for what an earlier try of the same write did, it would be taken for somebody else's.
      if (lost && !mayHaveLanded && options.conflict === "throw") throw error;
      if (uncertain) {
        mayHaveLanded = true;
        options.onUncertain?.();
        if (tries >= limit) throw error;
      }
      if (!lost) {
        // One is lost now and then; one that never comes keeps a place occupied, and somebody must know.
        log[tries === TOLD_AFTER ? "warn" : "debug"](`No definite answer to a write, trying on: ${causeText(error)}`, {
          ...aboutOf(request),
        });
      }
      if (uncertain) await sleep(clock, retryAfter(error) ?? (backoff ??= createBackoff()).next(), signal);
      const later = await read(key, options);
      if (!later || later.metadata.uid !== request.metadata.uid) return undefined;
      if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;
      // Refused although it is the newest version: it will be refused again, unless the reading was behind.
      if (!uncertain && !lost) throw error;
      if (lost) await sleep(clock, (backoff ??= createBackoff()).next(), signal);
      else if (options.again?.() === false) return later;
    }
  }
}

/** Reads a request, trying until there is an answer. */
async function read(
  key: { namespace?: string; name: string },
  { cluster, clock, signal, tries: limit = Infinity }: CommitOptions,
): Promise<RequestState | undefined> {
  const backoff = createBackoff();
  for (let tries = 1;; tries++) {
    try {
      return await cluster.get<RequestState>(REQUEST_STATES, key, { signal });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      if (!isUncertain(error) || tries >= limit) throw error;
      await sleep(clock, retryAfter(error) ?? backoff.next(), signal);
    }
  }
}

/**
 * The server will never take it: the body (413), or the object as it would be stored (500: `etcdserver: request is too large`, or
 * the limit of its connection to etcd: `trying to send message larger than max`).
 */
export const isTooLarge = (error: unknown): error is StatusError =>
  isStatus(error) &&
  (error.status.code === 413 || error.status.code >= 500 && /request is too large|larger than max/.test(error.status.message));

/** No answer, or one that does not say whether the write took effect, or one that asks to come back later. */
export const isUncertain = (error: unknown): boolean =>
  isNoAnswer(error) || isNotFound(error) && !isAbsent(error) ||
  isStatus(error) && (error.status.code === 429 || error.status.code >= 500 && !isTooLarge(error));

/** 409 and 404 are answered by reading; so is 422, which a stale uid also gets. */
const isSettledByReading = (error: unknown): boolean =>
  isConflict(error) || isAbsent(error) || isStatus(error) && error.status.code === 422;

/** How long the server asks to wait, in milliseconds. */
export const retryAfter = (error: unknown): number | undefined => isStatus(error) ? error.status.retryAfter : undefined;
