import { type Clock, isNoAnswer, isStatus, type Log, systemClock } from "../mod.ts";
import { causesOf, thrownText } from "../src/errors.ts";
import { createBackoff } from "../src/runtime/time/backoff.ts";
import { sleep } from "../src/runtime/time/clock.ts";

/** How it is tried. */
export interface SetUpOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** @default {The machine's clock} */
  readonly clock?: Clock;
}

/** What is told of, at the most: an outage answers now this, now that. */
const TOLD = 5;

/**
 * Tries to begin until it is possible: a process that is there to stay outlives a server that does not answer yet. What may pass by itself
 * is tried again, is said once, and that it is over; see docs/decisions/0022.
 *
 * @throws What does not pass by itself, as it comes; the reason of the signal.
 */
export async function setUpInTime(check: () => Promise<void>, { log, signal, clock = systemClock }: SetUpOptions): Promise<void> {
  const backoff = createBackoff();
  const told = new Set<string>();
  for (;;) {
    try {
      await check();
      if (told.size > 0) log.info("The server answers as it should: beginning");
      return;
    } catch (error) {
      signal.throwIfAborted();
      const wait = waitAfter(error);
      if (wait === undefined) throw error;
      const text = thrownText(error);
      if (!told.has(text) && told.size < TOLD) {
        told.add(text);
        log.warn(`Cannot begin, trying on: ${text}`);
      }
      await sleep(clock, Math.max(wait, backoff.next()), signal);
    }
  }
}

/** How long the server asks to wait, in milliseconds, 0 where it does not; undefined where waiting does not help. */
function waitAfter(error: unknown): number | undefined {
  const causes = [error, (error as { readonly cause?: unknown } | undefined)?.cause];
  // Deno does not grant later what it has not granted now.
  if (causesOf(error).some(({ name }) => name === "NotCapable")) return undefined;
  if (causes.some(isNoAnswer)) return 0;
  const status = causes.find(isStatus)?.status;
  if (!status) return undefined;
  const { code, retryAfter = 0 } = status;
  return code === 401 || code === 408 || code === 429 || code >= 500 ? retryAfter : undefined;
}
