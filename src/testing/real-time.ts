/** Real time as it is before any test begins: those that replace the timers of the platform must not stop the kit. */
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

/** Milliseconds of real time since an arbitrary start. */
export const realNow: () => number = now;

/** Calls back after so many milliseconds of real time. @returns A function that cancels the call. */
export function setRealTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
