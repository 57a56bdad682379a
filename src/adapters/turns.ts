/** Lets so many pieces of work run at once; the others wait for their turn, first come, first served. */
export interface Turns {
  /** Runs `work` when it is its turn. When `signal` is aborted before, it never runs and the promise rejects. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** @param width How many may run at once. */
export function createTurns(width: number): Turns {
  let free = width;
  const waiting = new Set<() => void>();
  return {
    async run(work, signal) {
      if (free > 0) free--;
      else await turn(waiting, signal);
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

function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
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
