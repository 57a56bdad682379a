/**
 * The command line, with a probe in its process: after 5 seconds and then every minute it writes into a file what the process holds, after a collection.
 *
 *   MEASURED_MAIN=dist/cli/main.js MEASURED_FILE=/tmp/worker.json node --expose-gc test/soak/measured.ts --mode worker ...
 *   MEASURED_MAIN=cli/main.ts MEASURED_FILE=... deno run -A --v8-flags=--expose-gc test/soak/measured.ts --mode worker ...
 */
import { renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import v8 from "node:v8";

/** What a process holds. */
export interface Held {
  /** Megabytes, after a collection, without code: for half an hour ever more functions are compiled because they are hot. */
  readonly heap: number;
  readonly timers: number;
  /** Of signals that are not aborted, and of the process. */
  readonly listeners: number;
  /** Undefined where the runtime does not count. */
  readonly promises?: number;
}

const PERIOD = 60_000;

const { setTimeout: realTimeout, clearTimeout: realClear, setInterval: realInterval, clearInterval: realClearInterval } =
  globalThis;
const timers = new Set<unknown>();
const wrapped = {
  setTimeout: Object.assign((callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = realTimeout(() => {
      timers.delete(timer);
      callback(...args);
    }, ms);
    timers.add(timer);
    return timer;
  }, realTimeout),
  clearTimeout: (timer: Parameters<typeof realClear>[0]) => (timers.delete(timer), realClear(timer)),
  setInterval: (...args: Parameters<typeof realInterval>) => {
    const timer = realInterval(...args);
    timers.add(timer);
    return timer;
  },
  clearInterval: (timer: Parameters<typeof realClearInterval>[0]) => (timers.delete(timer), realClearInterval(timer)),
};
Object.assign(globalThis, wrapped);

/** Who listens to which signal; a signal that nobody holds any more is not held here. */
const listening = new WeakMap<AbortSignal, Set<unknown>>();
const signals = new Set<WeakRef<AbortSignal>>();
const { addEventListener, removeEventListener } = EventTarget.prototype;
AbortSignal.prototype.addEventListener = function (this: AbortSignal, ...args: Parameters<typeof addEventListener>) {
  let own = listening.get(this);
  if (!own) {
    listening.set(this, own = new Set());
    signals.add(new WeakRef(this));
  }
  own.add(args[1]);
  addEventListener.apply(this, args);
};
AbortSignal.prototype.removeEventListener = function (this: AbortSignal, ...args: Parameters<typeof removeEventListener>) {
  listening.get(this)?.delete(args[1]);
  removeEventListener.apply(this, args);
};

function countListeners(): number {
  let count = 0;
  for (const name of process.eventNames()) count += process.listenerCount(name);
  for (const reference of signals) {
    const signal = reference.deref();
    const own = signal && !signal.aborted ? listening.get(signal)!.size : 0;
    count += own;
    if (own === 0) {
      signals.delete(reference);
      if (signal) listening.delete(signal); // known again when somebody listens
    }
  }
  return count;
}

function countPromises(): number | undefined {
  try {
    return Number(v8.queryObjects(Promise, { format: "count" }));
  } catch {
    return undefined; // Deno
  }
}

const heapUsed = (): number =>
  v8.getHeapSpaceStatistics().reduce(
    (sum, { space_name, space_used_size }) => sum + (/code|trusted/.test(space_name) ? 0 : space_used_size),
    0,
  );

const { MEASURED_MAIN: main, MEASURED_FILE: file } = process.env;
const gc = (globalThis as { gc?: () => void }).gc;
if (!main || !file || !gc) throw new Error("MEASURED_MAIN, MEASURED_FILE and --expose-gc are needed");
process.removeAllListeners("warning"); // counting promises is an experiment of V8's
const probe = () => {
  gc();
  gc();
  const held: Held = {
    heap: heapUsed() / 2 ** 20,
    timers: timers.size,
    listeners: countListeners(),
    promises: countPromises(),
  };
  writeFileSync(`${file}.new`, JSON.stringify(held));
  renameSync(`${file}.new`, file); // whoever reads it reads all of it
};
realTimeout(probe, 5_000).unref();
realInterval(probe, PERIOD).unref();
await import(pathToFileURL(main).href);
