import { createLinkedList, type Linked, type LinkedList } from "./linked-list.ts";

/** What ends with a signal. */
export interface Abortable extends Linked<Abortable> {
  /** Called when the signal is aborted. */
  abort(): void;
}

/** Who wants to hear of the end of signals. */
export interface Aborts {
  /** Has an item told when the signal, which is not aborted yet, is. */
  add(signal: AbortSignal, item: Abortable): void;
  /** It need not be told any more. */
  delete(signal: AbortSignal, item: Abortable): void;
}

/**
 * Listens to each signal once, however many calls it ends: most calls of a program have one signal, and to add a listener and to remove it
 * costs more than all else that is done to begin a call. Nothing is left on a signal that ends no call.
 */
export function createAborts(): Aborts {
  const signals = new Map<AbortSignal, { readonly items: LinkedList<Abortable>; readonly tell: () => void }>();

  function listenTo(signal: AbortSignal) {
    const items = createLinkedList<Abortable>();
    const tell = () => {
      for (let item = items.first; item; item = items.first) {
        items.delete(item);
        item.abort();
      }
      signals.delete(signal);
    };
    const listened = { items, tell };
    signals.set(signal, listened);
    signal.addEventListener("abort", tell, { once: true });
    return listened;
  }

  return {
    add: (signal, item) => (signals.get(signal) ?? listenTo(signal)).items.add(item),
    delete(signal, item) {
      const known = signals.get(signal);
      if (!known?.items.delete(item) || known.items.first) return;
      signals.delete(signal);
      signal.removeEventListener("abort", known.tell);
    },
  };
}
