/** Lets so many pieces of work run at once; the others wait for a slot, first come, first served. */
export interface Slots {
  /** Runs `work` when a slot is free. When `signal` is aborted before, it never runs and the promise rejects. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** @param width How many may run at once. */
export function createSlots(width: number): Slots {
  let free = width;
  const waiting = new Set<() => void>();
  return {
    async run(work, signal) {
      if (free > 0) free--;
      else await slot(waiting, signal);
      try {
        return await work();
      } finally {
        const [next] = waiting;
        if (next) next();
        else free++;
      }
    },
  };
}

function slot(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(go);
      signal.removeEventListener("abort", abort);
    };
    const go = () => (leave(), resolve());
    const abort = () => (leave(), reject(signal.reason));
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    waiting.add(go);
  });
}
