import { isConflict } from "../errors.ts";
import { kindOf } from "../flow/attendance.ts";
import { type Claimant, claimDrivable, claimJob } from "../flow/claim.ts";
import { notBeforeOf } from "../flow/moments.ts";
import { isHeldBy } from "../flow/report.ts";
import type { Clock } from "../ports.ts";
import { nameOf, type RequestState, type RequestStateSpec } from "../request-state.ts";
import type { Presence } from "../runtime/leases/presence.ts";
import type { StoreEvent } from "../runtime/store/store.ts";
import { createTurns } from "../runtime/leases/turns.ts";
import type { FlowMetrics } from "./flow-metrics.ts";
import type { Implemented } from "./implementations.ts";
import type { Writer } from "./reporting.ts";

/** The claims of one worker. */
export interface Claims {
  /** How many are being written. */
  readonly underWay: number;
  /** Takes in what the watch shows: what can be had, and who holds what. */
  follow(event: StoreEvent<RequestState>): void;
  /** How long a request that can be had is left to others, in milliseconds, as far as that is known. */
  wait(request: RequestState): number;
  /** Claims the job of a drivable request, where it can be had and it is this worker's turn; else it is looked at again in time. */
  claim(implemented: Implemented, request: RequestState): Promise<Claimed>;
  /** Whether this worker has made a claim's id. */
  isMine(id: string): boolean;
  /**
   * When a claim of this worker was sent that stands in a request and landed after the write was given up, so that no handler was begun
   * by it; undefined where it is none. Answers so once for each.
   */
  landedLate(request: RequestState): Sent | undefined;
}

/** When a claim was sent. */
export interface Sent {
  /** How often the lease had run out by then: where it has done so again, somebody may have taken the claim away before it was answered. */
  readonly lapses: number;
}

/** How a claim ended. */
export interface Claimed {
  /** By which claim this worker holds it; undefined: it does not. */
  readonly claim?: Sent & { readonly id: string };
  /** The newest version that is known; undefined where that is nothing new, or it is gone. */
  readonly request: RequestState | undefined;
}

/** What claims are made with. */
export interface ClaimsOptions {
  readonly by: string;
  readonly clock: Clock;
  readonly presence: Presence;
  /** Resolves when the worker can know its peers. */
  readonly acquainted: Promise<void>;
  readonly writer: Writer;
  readonly metrics: FlowMetrics;
  /** How often the lease has run out. */
  readonly lapses: () => number;
  /** Looks at a request again after so many milliseconds. */
  readonly requeueAfter: (key: string, ms: number) => void;
  /** Ends all claiming. */
  readonly signal: AbortSignal;
}

const NOTHING: Claimed = { request: undefined };

/** Who may not be able to renew its lease claims nothing, and looks again after this, in milliseconds. */
const STALE_WAIT = 1_000;

/** Makes the claims of one worker: no other worker's ids look like its own, so that it knows them. */
export function createClaims(options: ClaimsOptions): Claims {
  const { by, clock, presence, acquainted, writer, metrics, lapses, requeueAfter, signal } = options;
  const turns = createTurns({ self: by, clock, peers: presence.peers }); // by uid
  const mine = `${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}-`;
  const unknown = new Map<string, Map<string, Sent>>(); // by uid, by id: claims of which it is not known whether one has landed, or will
  let count = 0;
  let underWay = 0;
  let isAcquainted = false;

  /** When it is this worker's turn, in milliseconds from now; undefined while it must claim nothing. */
  const turnOf = (request: RequestState) => presence.isSteady() ? turns.wait(request.metadata.uid!, kindOf(request)) : undefined;

  async function claim(implemented: Implemented, request: RequestState): Promise<Claimed> {
    const { flow, handles } = implemented;
    const uid = request.metadata.uid!;
    const early = (notBeforeOf(request) ?? 0) - clock.now();
    if (early > 0) return later(request, early);
    if (!isAcquainted) await acquainted;
    isAcquainted = true;
    if (signal.aborted) return NOTHING;
    const wait = turnOf(request) ?? STALE_WAIT;
    if (wait > 0) return later(request, wait);
    let id = "";
    let sent: Sent = { lapses: 0 };
    let isUncertain = false;
    // Each time that is decided anew: what was found out about a claim that did not last holds for no other.
    const claimant = (): Claimant => {
      id = `${mine}${(++count).toString(36)}`;
      sent = { lapses: lapses() };
      isUncertain = false; // one that was planned before never lands: the request has moved on
      return { id, holderIdentity: by, now: clock.now(), handles };
    };
    const first = claimDrivable(flow, request, claimant());
    if (!first) return NOTHING;
    const plan = (newest: RequestState) =>
      writer.written(newest, newest === request ? first : signal.aborted ? undefined : claimJob(flow, newest, claimant()));
    underWay++;
    const ended = turns.attempt();
    try {
      // A lost race needs no reading: the watch brings who has won it.
      const { written, request: newest } = await writer.commit(request, plan, {
        conflict: "throw",
        onUncertain: () => isUncertain = true,
      });
      // Where the answer was lost, somebody may have gone on from our claim meanwhile.
      const won = written && newest !== undefined && isHeldBy(newest, id);
      metrics.claimed(flow.name, written ? "won" : "lost");
      if (!won) return { request: newest };
      turns.taken(uid, by);
      return { request: newest, claim: { id, ...sent } };
    } catch (error) {
      if (isConflict(error)) metrics.claimed(flow.name, "lost");
      if (isUncertain) unknown.set(uid, (unknown.get(uid) ?? new Map<string, Sent>()).set(id, sent));
      throw error;
    } finally {
      ended();
      underWay--;
    }
  }

  const later = (request: RequestState, ms: number): Claimed => {
    requeueAfter(nameOf(request), ms);
    return NOTHING;
  };

  return {
    get underWay() {
      return underWay;
    },
    claim,
    wait: (request) => isAcquainted ? turnOf(request) ?? 0 : 0,
    isMine: (id) => id.startsWith(mine),
    landedLate({ metadata, status }) {
      const sent = unknown.get(metadata.uid!)?.get(status?.claim?.id ?? "");
      if (sent) unknown.delete(metadata.uid!);
      return sent;
    },
    follow(event) {
      const { metadata, spec, status } = event.object;
      const uid = metadata.uid!;
      const holder = status?.claim?.holderIdentity;
      if (event.type === "DELETED") {
        turns.gone(uid);
        unknown.delete(uid);
      } else if (spec.state === "STARTED" && holder) turns.taken(uid, holder, kindOf(event.object));
      else if (spec.state !== "REQUESTED") turns.gone(uid);
      else if (event.type === "ADDED" || !isSameJob(event.previous.spec, spec)) turns.free(uid);
    },
  };
}

const isSameJob = (a: RequestStateSpec, b: RequestStateSpec) => a.state === b.state && a.job === b.job && a.attempt === b.attempt;
