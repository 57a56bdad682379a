import { NoAnswerError } from "../../errors.ts";
import type { Aborts } from "./aborts.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Lifetime } from "../transport/transport.ts";

/** What the calls of one connection share. */
export interface CallScope {
  /** How long a call may take, in milliseconds. */
  readonly limit: number;
  readonly deadlines: Deadlines;
  readonly aborts: Aborts;
  /** Calls that are under way, and watches. */
  readonly open: Set<Call>;
}

/** One call's life: ended by its caller, by its time limit, by the close of the connection, or by `end`. */
export interface Call extends Lifetime {
  /** What the call rejects with once it is over before its time. */
  readonly reason: unknown;
  /** Settles as `work` does, or at once when the call is cut; a value that comes later goes to `late`. */
  race<T>(work: Promise<T>, late?: (value: T) => void): Promise<T>;
  /** Ends the call for want of an answer. @param why The end of a sentence. */
  cut(why: string): void;
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
  let over = false;
  let reason: unknown;
  let told: (() => void) | undefined;
  let settle: ((reason: unknown) => void) | undefined;

  const giveUp = (why: unknown) => {
    if (over) return;
    over = true;
    reason = why;
    call.end();
    settle?.(why);
    told?.();
  };
  const abort = () => giveUp(signal?.reason);
  const cut = (why: string) => giveUp(new NoAnswerError(action, new Error(why)));
  const limited = { expire: () => cut(`no answer within ${scope.limit / 1000} s`) };
  const call: Call = {
    get over() {
      return over;
    },
    get reason() {
      return reason;
    },
    whenOver(callback) {
      if (over) callback();
      else told = callback;
    },
    race: (work, late) =>
      new Promise((resolve, reject) => {
        if (over) reject(reason);
        else settle = reject;
        work.then(
          (value) => over ? late?.(value) : resolve(value),
          (error) => over || reject(error),
        );
      }),
    cut,
    stopTimer: () => scope.deadlines.delete(limited),
    end() {
      scope.deadlines.delete(limited);
      if (signal) scope.aborts.delete(signal, abort);
      scope.open.delete(call);
    },
  };
  scope.deadlines.add(limited);
  if (signal) scope.aborts.add(signal, abort);
  scope.open.add(call);
  return call;
}
