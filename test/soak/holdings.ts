/**
 * What a reflector holds while it runs, counted ten times: in the end none of it may have grown.
 *
 * @module
 */
import process from "node:process";
import type { Clock } from "../../src/ports.ts";
import { countedSignal } from "../support/following.ts";

/** What is held at a moment. */
interface Held {
  /** Megabytes, after a collection. */
  readonly heap: number;
  readonly resident: number;
  readonly sockets: number;
  readonly timers: number;
  readonly listeners: number;
}

/** A clock and a signal for a reflector, of which is known what it holds of them. */
export interface Holdings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly abort: () => void;
  /** Counts, and prints it. @param progress How far it has come, for the line. */
  count(progress: string): void;
  /** What has grown from the first half of the counts to the second, or is left behind now, after the end. */
  faults(): string[];
}

/** Begins to count. @param haste How many times as fast as the machine's time passes. @default {1} */
export function createHoldings({ haste = 1 }: { readonly haste?: number } = {}): Holdings {
  const gc = (globalThis as { gc?: () => void }).gc;
  if (!gc) throw new Error("Start it with --expose-gc, or --v8-flags=--expose-gc");
  const timers = new Set<unknown>();
  const clock: Clock = {
    now: () => Date.now(),
    monotonic: () => performance.now() * haste,
    setTimer(ms, callback) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        callback();
      }, Math.min(ms / haste, 2 ** 31 - 1));
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer);
      };
    },
  };
  const { signal, abort, listeners } = countedSignal();
  const counted: Held[] = [];
  const most = (name: keyof Held, from: number, to: number) => Math.max(...counted.slice(from, to).map((each) => each[name]));
  return {
    clock,
    signal,
    abort,
    count(progress) {
      gc();
      gc();
      const { heapUsed, rss } = process.memoryUsage();
      const sockets = process.getActiveResourcesInfo().filter((name) => /tcp/i.test(name)).length;
      counted.push({ heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20, sockets, timers: timers.size, listeners: listeners() });
      const figures = Object.entries(counted.at(-1)!)
        .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(1)}`);
      console.log(`${progress}  ${figures.join("  ")}`);
    },
    faults() {
      if (counted.length !== 10) throw new Error(`Counted ${counted.length} times, expected 10`);
      const faults = (["sockets", "timers", "listeners"] as const)
        .filter((name) => most(name, 5, 10) > most(name, 0, 5) + 1)
        .map((name) => `the number of ${name} grows`);
      const growth = most("heap", 7, 10) - most("heap", 2, 5);
      if (growth > 2) faults.push(`the heap grows by ${growth.toFixed(1)} MB`);
      if (timers.size > 0) faults.push(`${timers.size} timers are left behind`);
      return faults;
    },
  };
}
