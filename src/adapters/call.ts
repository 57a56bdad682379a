import { NoAnswerError } from "../errors.ts";
import type { Clock } from "../ports.ts";

/** What the calls of one connection share. */
export interface CallScope {
  readonly clock: Clock;
  /** How long a call may take, in milliseconds. */
  readonly limit: number;
  /** Cuts each call that is under way. */
  readonly open: Set<() => void>;
}

/** One call's life: ended by its caller, by its time limit, by the close of the connection, or by `end`. */
export interface Call {
  /** For the transport. Once it is aborted, its reason is what the call rejects with. */
  readonly signal: AbortSignal;
  /** Settles as `work` does, or at once when the call is aborted; a value that comes later goes to `late`. */
  race<T>(work: Promise<T>, late?: (value: T) => void): Promise<T>;
  /** The answer has begun: from now on there is no time limit. */
  stopTimer(): void;
  /** Leaves no timer and no listener behind. */
  end(): void;
}

/**
 * Begins a call.
 *
 * `AbortSignal.any` is not used: it keeps a listener on the caller's signal, which may live as long as the program.
 *
 * @param action As in `Cannot patch requeststates "shop/a"`.
 */
export function beginCall(scope: CallScope, action: string, signal?: AbortSignal): Call {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const fail = (message: string) => controller.abort(new NoAnswerError(action, new Error(message)));
  const abort = () => controller.abort(signal?.reason);
  const cut = () => fail("the connection was closed");
  const stopTimer = scope.clock.setTimer(scope.limit, () => fail(`no answer within ${scope.limit / 1000} s`));
  signal?.addEventListener("abort", abort, { once: true });
  scope.open.add(cut);
  return {
    signal: controller.signal,
    race: (work, late) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(controller.signal.reason);
        if (controller.signal.aborted) ended();
        controller.signal.addEventListener("abort", ended, { once: true });
        const settle = (then: () => void) => {
          controller.signal.removeEventListener("abort", ended);
          then();
        };
        work.then(
          (value) => controller.signal.aborted ? late?.(value) : settle(() => resolve(value)),
          (error) => controller.signal.aborted ? undefined : settle(() => reject(error)),
        );
      }),
    stopTimer,
    end() {
      stopTimer();
      signal?.removeEventListener("abort", abort);
      scope.open.delete(cut);
    },
  };
}
