import { JobAbortedError } from "../flow/aborted.ts";
import { cancellationOf } from "../flow/cancelling.ts";
import { deadlineOf, earliest, spanText } from "../flow/moments.ts";
import type { JobPlan } from "../flow/plan.ts";
import type { Clock } from "../ports.ts";
import { nameOf, type RequestState } from "../request-state.ts";
import { aboutOf } from "./about.ts";
import type { Implemented } from "./implementations.ts";

/**
 * A job that this worker has claimed and not yet reported. A class, because there is one for each job.
 *
 * Its handler can be told to stop, and then what it does is waited for. That ends where the job is lost, or given up.
 */
export class HeldJob {
  readonly implemented: Implemented;
  readonly plan: JobPlan;
  readonly claimId: string;
  /** How often the lease had run out when it was last known that the claim stands. */
  lapses: number;
  readonly #clock: Clock;
  readonly #since: number;
  readonly #stopping = new AbortController();
  readonly #leaving = Promise.withResolvers<void>();
  readonly #onStop: (job: HeldJob, error: JobAbortedError) => void;
  #request: RequestState;
  #asked: JobAbortedError | undefined;
  #lost: JobAbortedError | undefined;
  #ended = false;
  #disarm: (() => void) | undefined;

  /**
   * @param request As it was when the claim was confirmed.
   * @param onStop Hears when the handler is told to stop.
   */
  constructor(
    { implemented, claimId, lapses }: Pick<HeldJob, "implemented" | "claimId" | "lapses">,
    request: RequestState,
    { clock, onStop }: { readonly clock: Clock; readonly onStop: (job: HeldJob, error: JobAbortedError) => void },
  ) {
    this.implemented = implemented;
    this.plan = implemented.flow.plans[request.spec.job]!;
    this.claimId = claimId;
    this.lapses = lapses;
    this.#clock = clock;
    this.#since = clock.monotonic();
    this.#onStop = onStop;
    this.#request = request;
    this.#arm();
  }
  /** The newest version that is known; the claim stands in it, unless the job is lost. */
  get request(): RequestState {
    return this.#request;
  }
  /** Tells the handler to stop. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }
  /** Why the handler was told to stop; undefined while it was not. */
  get asked(): JobAbortedError | undefined {
    return this.#asked;
  }
  /** Why it is somebody else's, or nobody's; undefined while it is this worker's. */
  get lost(): JobAbortedError | undefined {
    return this.#lost;
  }
  /** Resolves when its handler is not waited for any more. */
  get left(): Promise<void> {
    return this.#leaving.promise;
  }
  /** What log lines about it have in common. */
  get about(): { readonly object: string; readonly key?: string; readonly job: string; readonly claim: string } {
    return { ...aboutOf(this.#request), job: this.plan.name, claim: this.claimId };
  }
  /** Takes in a newer version in which the claim stands. */
  see(request: RequestState): void {
    this.#request = request;
    this.#arm();
  }
  /** Tells the handler to stop; what it does then is waited for. */
  stop(error: JobAbortedError): void {
    if (this.#asked || this.#ended) return;
    this.#asked = error;
    this.#onStop(this, error);
    this.#stopping.abort(error);
  }
  /** Whether it is about to be reported, or lost: nothing is to be told to its handler. */
  get isOver(): boolean {
    return this.#ended;
  }
  /** It is not this worker's any more. @param request The version that shows why, where there is one. */
  lose(error: JobAbortedError, request?: RequestState): void {
    if (this.#ended) return;
    this.#lost = error;
    if (request) this.#request = request;
    this.end();
    this.#stopping.abort(error);
    this.#leaving.resolve();
  }
  /** Its handler was told to stop and is not waited for any more. */
  giveUp(): void {
    this.#leaving.resolve();
  }
  /** It is about to be reported: what the watch shows now is the report itself. */
  end(): void {
    this.#ended = true;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  /** Sets a timer for what ends the job by itself: the deadline of the flow, the timeout of the job. Mostly there is none. */
  #arm(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    if (this.#asked || this.#ended) return;
    const { desiredState, activeDeadlineSeconds } = this.#request.spec;
    const { timeout } = this.plan;
    if (desiredState !== "Cancelled" && activeDeadlineSeconds === undefined && timeout === undefined) return;
    const now = this.#clock.now();
    const cancellation = cancellationOf(this.#request, now);
    if (cancellation) {
      const { reason, message } = cancellation;
      return this.stop(new JobAbortedError(reason as "Cancelled" | "DeadlineExceeded", `${this.#text}: ${message}`));
    }
    const left = timeout === undefined ? undefined : timeout - (this.#clock.monotonic() - this.#since);
    if (left !== undefined && left <= 0) {
      return this.stop(new JobAbortedError("TimedOut", `${this.#text}: it was not done within ${spanText(timeout!)}`));
    }
    const deadline = deadlineOf(this.#request);
    const wait = earliest(left, deadline === undefined ? undefined : deadline - now);
    if (wait !== undefined) this.#disarm = this.#clock.setTimer(wait, () => this.#arm());
  }

  get #text(): string {
    return `Job ${this.plan.name} of requeststates "${nameOf(this.#request)}" has to stop`;
  }
}
