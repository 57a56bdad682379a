/** What may stand in a linked list: in one at a time. */
export interface Linked<T> {
  next?: T | undefined;
  previous?: T | undefined;
}

/** Items in the order in which they were added, for what comes and goes often. */
export interface LinkedList<T extends Linked<T>> {
  /** The one that was added the longest ago. */
  readonly first: T | undefined;
  /** Adds an item that stands in no list. */
  add(item: T): void;
  /** Takes an item out. @returns Whether it was there. */
  delete(item: T): boolean;
}

/**
 * Makes an empty one. A `Set` that items come into and go from by the hundred a second costs far more than it seems: V8 keeps
 * each table that a set has outgrown linked to the next one, and what has ended long ago is kept alive through them until all memory is
 * collected (docs/decisions/0033-what-keeps-the-dead-alive.md). Here nothing that has left leads to anything else.
 */
export function createLinkedList<T extends Linked<T>>(): LinkedList<T> {
  let first: T | undefined;
  let last: T | undefined;
  return {
    get first() {
      return first;
    },
    add(item) {
      item.previous = last;
      if (last) last.next = item;
      else first = item;
      last = item;
    },
    delete(item) {
      const { next, previous } = item;
      if (!previous && first !== item) return false;
      if (previous) previous.next = next;
      else first = next;
      if (next) next.previous = previous;
      else last = previous;
      item.next = item.previous = undefined;
      return true;
    },
  };
}
