import type { Clock, KubernetesObject, Reader, Resource, WatchEvent, WatchOptions } from "../../ports.ts";
import { abortable } from "../time/abortable.ts";
import { createDeadline } from "../time/deadline.ts";
import { ReflectorError } from "./failure.ts";

/** A watch that the server has accepted. */
export interface OpenWatch<T> {
  /**
   * Takes in what comes, one event after the other.
   *
   * @returns Resolves when the server has ended the stream in good order; rejects when it failed, and at once with the
   * signal's reason when that is aborted. No event is taken after that.
   * @throws {ReflectorError} `idle`, when nothing has come for too long.
   */
  follow(taker: WatchTaker<T>): Promise<void>;
  /** Ends it. Once it was followed it has ended. */
  end(): void;
}

/** Who takes in what a watch shows. */
export interface WatchTaker<T> {
  /** Takes in one event. What it throws ends the watch. */
  readonly take: (event: WatchEvent<T>) => void;
  /** When there was the last sign of life, in milliseconds of the monotonic clock. */
  readonly heard: () => number;
  /** How long the watch may be silent, in milliseconds. A bookmark may have changed it. */
  readonly limit: () => number;
  /** After so many milliseconds `onSettled` is called. */
  readonly settled: number;
  readonly onSettled: () => void;
}

/**
 * Opens a watch.
 *
 * @param options.signal Ends it; what it leaves behind does not matter, nobody waits for it.
 */
export async function openWatch<T extends KubernetesObject>(
  cluster: Reader,
  resource: Resource,
  { signal, ...options }: WatchOptions & { readonly signal: AbortSignal },
  clock: Clock,
): Promise<OpenWatch<T>> {
  const cut = new AbortController();
  const abort = () => cut.abort(signal.reason);
  const end = () => {
    signal.removeEventListener("abort", abort);
    cut.abort();
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const opening = cluster.watch<T>(resource, { ...options, signal: cut.signal });
    const stream = await abortable(opening, cut.signal, (late) => leave(late[Symbol.asyncIterator]()));
    const events = stream[Symbol.asyncIterator]();
    return {
      end() {
        end();
        leave(events);
      },
      follow: (taker) => follow(events, cut, taker, clock).finally(end),
    };
  } catch (error) {
    end();
    throw error;
  }
}

async function follow<T>(
  events: AsyncIterator<WatchEvent<T>>,
  cut: AbortController,
  { take, heard, limit, settled, onSettled }: WatchTaker<T>,
  clock: Clock,
): Promise<void> {
  let settles = clock.monotonic() + settled;
  const remaining = () => Math.min(heard() + limit(), settles) - clock.monotonic();
  const deadline = createDeadline(clock, remaining, () => {
    if (clock.monotonic() - heard() >= limit()) {
      return cut.abort(new ReflectorError("idle", `no sign of life for ${limit() / 1_000} s`));
    }
    settles = Infinity;
    onSettled();
  });
  const consume = async () => {
    for (;;) {
      const { done, value } = await events.next();
      if (done || cut.signal.aborted) return;
      take(value);
      if (value.type === "BOOKMARK") deadline.check();
    }
  };
  try {
    await abortable(consume(), cut.signal);
  } finally {
    deadline.stop();
    leave(events);
  }
}

/** Ends an iteration without waiting for it: one that ignores that may take as long as it likes. */
function leave<T>(events: AsyncIterator<T>): void {
  events.return?.().catch(() => {});
}
