/**
 * Keys that are due, in the order in which they are to be taken.
 *
 * @module
 */

/** A key that is due. Stands in one lane at a time. */
export interface Due<T> {
  readonly key: string;
  /** Higher goes first. */
  priority: number;
  /** Counts up as keys become due: who has the lowest has waited longest. */
  turn: number;
  next: T | undefined;
  previous: T | undefined;
}

/** What is due, a lane for each priority, first in first out within each. All but `add` with a new priority is O(1). */
export interface Lanes<T extends Due<T>> {
  /** Puts an entry at the end of the lane of its priority. */
  add(entry: T): void;
  /** Takes an entry out, wherever it stands. It must be in its lane. */
  remove(entry: T): void;
  /** Takes the next one out. */
  take(): T | undefined;
  /** Takes all out. */
  clear(): void;
  readonly size: number;
}

/** Every so many takes, who has waited longest comes first, whatever its priority: so nobody waits for ever. */
const FAIR = 16;

interface Lane<T extends Due<T>> {
  readonly priority: number;
  first: T | undefined;
  last: T | undefined;
}

/** Makes empty lanes. */
export function createLanes<T extends Due<T>>(): Lanes<T> {
  const lanes: Lane<T>[] = []; // the highest priority first; each holds something
  let size = 0;
  let turns = 0;
  let takes = 0;

  const laneOf = (priority: number): Lane<T> => {
    let index = 0;
    while (index < lanes.length && lanes[index]!.priority > priority) index++;
    const found = lanes[index];
    if (found?.priority === priority) return found;
    const lane: Lane<T> = { priority, first: undefined, last: undefined };
    lanes.splice(index, 0, lane);
    return lane;
  };

  const unlink = (lane: Lane<T>, entry: T): T => {
    if (entry.previous) entry.previous.next = entry.next;
    else lane.first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else lane.last = entry.previous;
    entry.next = entry.previous = undefined;
    size--;
    if (!lane.first) lanes.splice(lanes.indexOf(lane), 1);
    return entry;
  };

  /** The lane whose first entry has waited longest. */
  const longest = () => lanes.reduce((a, b) => a.first!.turn < b.first!.turn ? a : b);

  return {
    add(entry) {
      const lane = laneOf(entry.priority);
      entry.turn = turns++;
      entry.previous = lane.last;
      if (lane.last) lane.last.next = entry;
      else lane.first = entry;
      lane.last = entry;
      size++;
    },
    remove: (entry) => void unlink(laneOf(entry.priority), entry),
    take() {
      if (size === 0) return undefined;
      const lane = lanes.length > 1 && ++takes % FAIR === 0 ? longest() : lanes[0]!;
      return unlink(lane, lane.first!);
    },
    clear() {
      lanes.length = 0;
      size = 0;
    },
    get size() {
      return size;
    },
  };
}
