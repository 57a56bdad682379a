/**
 * How V8 is told to run a program that is a director or a worker for days. Nothing depends on it but CPU and memory.
 *
 * @module
 */
import v8 from "node:v8";

/**
 * How often a function is called before V8's optimizing compiler makes it anew; a loop counts by its rounds. By default it is 3,000, and
 * that compiler takes an eighth of all CPU of the first 15,000 flows, for nothing that shows: what takes time here is reading, writing and
 * parsing, in V8's and Node's own code. A handler that computes comes to so many calls within a second.
 */
const CALLS_BEFORE_OPTIMIZING = 1_000_000;

/**
 * Has V8 optimize only what is called very often. To be called before the program's own work begins. Deno takes V8's flags from its command
 * line only.
 */
export function optimizeLate(): void {
  if ("Deno" in globalThis) return;
  v8.setFlagsFromString(`--invocation-count-for-turbofan=${CALLS_BEFORE_OPTIMIZING}`);
}

/**
 * How large the young generation may get, in bytes. Before docs/decisions/0033, with 8 MB garbage collection takes a fifth of a director's time under load and an eighth of a
 * worker's; with 16 MB 13 and 9 %, for 10 MB more of memory each; with 32 MB 7 and 8 %, for 15 MB more again.
 */
const YOUNG_LIMIT = 16 * 2 ** 20;

/**
 * Keeps the young generation of V8's heap small: by default it grows to 64 MB, all of which stays resident, for programs of
 * ours whose living objects take 10. Smaller, it fits the caches of a processor, too; `node --max-semi-space-size=4` does the
 * same from the command line, which a program that is started by its name does not get to write.
 *
 * The largest size cannot be set once V8 runs; but by how much it grows is looked at each time, so that it is told to
 * grow no more as soon as it is large enough.
 */
export async function limitYoungGeneration(): Promise<void> {
  if ("Deno" in globalThis) return;
  const { PerformanceObserver } = await import("node:perf_hooks"); // 15 ms
  const observer = new PerformanceObserver(() => {
    if (sizeOfYoungGeneration() < YOUNG_LIMIT) return;
    v8.setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}

/** In bytes. */
export const sizeOfYoungGeneration = (): number =>
  v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
