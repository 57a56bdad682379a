/** Names to work on: each once, however often it is added, and never twice at a time. */
export interface Queue {
  add(name: string): void;
  /** Takes no more. @returns Resolves when what is under way has ended. */
  end(): Promise<void>;
}

/** Milliseconds before a name is tried again, doubled for each failure in a row. */
const BACKOFF = { first: 50, most: 30_000 };

/** Makes a queue whose names are handled, `concurrency` at a time; what is thrown is told, and tried again later. */
export function createQueue(handle: (name: string) => Promise<void>, concurrency: number): Queue {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  let ended = false;

  function next(): void {
    for (const name of waiting) {
      if (ended || running.size >= concurrency) return;
      if (running.has(name)) continue;
      waiting.delete(name);
      running.set(name, work(name));
    }
  }

  async function work(name: string): Promise<void> {
    try {
      await handle(name);
      failures.delete(name);
    } catch (error) {
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      const wait = Math.min(BACKOFF.most, BACKOFF.first * 2 ** (count - 1));
      console.error(`"${name}" is tried again in ${wait} ms:`, error);
      setTimeout(() => queue.add(name), wait);
    } finally {
      running.delete(name);
      next();
    }
  }

  const queue: Queue = {
    add(name) {
      waiting.add(name);
      next();
    },
    async end() {
      ended = true;
      await Promise.all(running.values());
    },
  };
  return queue;
}
