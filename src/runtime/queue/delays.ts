import type { Clock } from "../../ports.ts";

/** Something that is to happen later. */
export interface Delayed {
  /** When, by the monotonic clock. */
  due: number;
  /** Its place among the delays; -1 where it is not among them. */
  place: number;
}

/** What is to happen later, however much of it, on one timer. */
export interface Delays<T extends Delayed> {
  /** Lets an entry come due at its `due`. It must not be among them yet. */
  add(entry: T): void;
  /** Its `due` has become an earlier one. */
  advanced(entry: T): void;
  /** Takes an entry out. */
  remove(entry: T): void;
  /** Takes all out. */
  clear(): void;
  readonly size: number;
}

/**
 * Makes empty delays: a binary heap, the earliest on top, and one timer for that one.
 *
 * @param onDue Called with each entry that has come due, which is then no longer among them; the earliest first.
 */
export function createDelays<T extends Delayed>(clock: Clock, onDue: (entry: T) => void): Delays<T> {
  const heap: T[] = []; // none is due before its parent, the one at (place - 1) / 2
  let timer: { readonly due: number; readonly cancel: () => void } | undefined;

  const put = (entry: T, place: number) => {
    heap[place] = entry;
    entry.place = place;
  };
  const rise = (entry: T) => {
    let place = entry.place;
    while (place > 0) {
      const parent = heap[place - 1 >> 1]!;
      if (parent.due <= entry.due) break;
      put(parent, place);
      place = place - 1 >> 1;
    }
    put(entry, place);
  };
  const sink = (entry: T) => {
    let place = entry.place;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.due < heap[child]!.due) child++;
      if (heap[child]!.due >= entry.due) break;
      put(heap[child]!, place);
      place = child;
    }
    put(entry, place);
  };
  const takeOut = (entry: T) => {
    const last = heap.pop()!;
    if (last !== entry) {
      last.place = entry.place;
      rise(last);
      sink(last);
    }
    entry.place = -1;
  };

  /** A timer that is too early does no harm: it looks, and is set again. */
  const arm = () => {
    const due = heap[0]?.due;
    if (due !== undefined && timer && timer.due <= due) return;
    timer?.cancel();
    // Upwards: the timers of Node and Deno take whole milliseconds, and one that rings too early would ring twice.
    timer = due === undefined
      ? undefined
      : { due, cancel: clock.setTimer(Math.ceil(Math.max(0, due - clock.monotonic())), ring) };
  };
  const ring = () => {
    timer = undefined;
    const now = clock.monotonic();
    while (heap.length > 0 && heap[0]!.due <= now) {
      const entry = heap[0]!;
      takeOut(entry);
      onDue(entry);
    }
    arm();
  };

  return {
    add(entry) {
      entry.place = heap.length;
      heap.push(entry);
      rise(entry);
      arm();
    },
    advanced(entry) {
      rise(entry);
      arm();
    },
    remove(entry) {
      takeOut(entry);
      if (heap.length === 0) arm();
    },
    clear() {
      for (const entry of heap) entry.place = -1;
      heap.length = 0;
      arm();
    },
    get size() {
      return heap.length;
    },
  };
}
