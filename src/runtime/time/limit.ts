import { NoAnswerError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import { abortable } from "./abortable.ts";

/** What a call may take. */
export interface Limit {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ms: number;
  /** As in `Cannot renew leases "shop/a"`. */
  readonly action: string;
  /** Ends the call, too. */
  readonly signal?: AbortSignal;
}

/** Makes a call that is given up after a time; it then rejects with a `NoAnswerError`, and may have taken effect. */
export async function within<T>({ clock, ms, action, signal }: Limit, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort(signal?.reason);
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  const late = () => ending.abort(new NoAnswerError(action, new Error(`no answer within ${ms / 1_000} s`)));
  const cancel = clock.setTimer(ms, late);
  try {
    return await abortable(call(ending.signal), ending.signal);
  } finally {
    cancel();
    signal?.removeEventListener("abort", end);
  }
}
