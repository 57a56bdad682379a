/** Who wants to hear of the end of signals. */
export interface Aborts {
  /** Has `abort` called when the signal, which is not aborted yet, is. */
  add(signal: AbortSignal, abort: () => void): void;
  /** It need not be called any more. */
  delete(signal: AbortSignal, abort: () => void): void;
}

/**
 * Listens to each signal once, however many calls it ends: most calls of a program have one signal, and to add a listener and to remove it
 * costs more than all else that is done to begin a call. Nothing is left on a signal that ends no call.
 */
export function createAborts(): Aborts {
  const calls = new Map<AbortSignal, { readonly aborts: Set<() => void>; readonly tell: () => void }>();
  return {
    add(signal, abort) {
      const known = calls.get(signal);
      if (known) return void known.aborts.add(abort);
      const aborts = new Set([abort]);
      const tell = () => {
        for (const each of aborts) each(); // who is deleted meanwhile is not called
        calls.delete(signal);
      };
      calls.set(signal, { aborts, tell });
      signal.addEventListener("abort", tell, { once: true });
    },
    delete(signal, abort) {
      const known = calls.get(signal);
      if (!known?.aborts.delete(abort) || known.aborts.size > 0) return;
      calls.delete(signal);
      signal.removeEventListener("abort", known.tell);
    },
  };
}
