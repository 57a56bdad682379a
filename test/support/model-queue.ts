import type { Clock } from "../../src/ports.ts";

/** The rules of a work queue without a thought for speed, to compare with. */
export interface ModelQueue {
  add(key: string, priority?: number): void;
  addAfter(key: string, ms: number, priority?: number): void;
  withdraw(key: string): void;
  poll(): string | undefined;
  done(key: string): void;
  /** Makes due what has come due. */
  age(): void;
  readonly length: number;
}

interface Item {
  key: string;
  priority: number;
  due?: number;
  turn?: number;
  order: number;
}

/** Makes an empty one. */
export function createModelQueue(clock: Clock): ModelQueue {
  let items: Item[] = []; // due (with a turn, unless they are worked on) or waited for (with a time)
  const working = new Map<string, number>(); // with their priorities
  let turns = 0;
  let takes = 0;
  let orders = 0;
  const find = (key: string) => items.find((item) => item.key === key);
  const ready = () => items.filter((item) => item.due === undefined && !working.has(item.key));

  function makeDue(key: string, priority: number): void {
    const item = find(key);
    if (!item) items.push({ key, priority, turn: turns++, order: 0 });
    else if (item.due !== undefined || priority > item.priority) {
      Object.assign(item, { priority: Math.max(priority, item.priority), due: undefined, turn: turns++ });
    }
  }
  return {
    add: (key, priority = 0) => makeDue(key, priority),
    addAfter(key, ms, priority = working.get(key) ?? 0) {
      if (ms <= 0) return makeDue(key, priority);
      const item = find(key);
      const due = clock.monotonic() + ms;
      if (!item) items.push({ key, priority, due, order: orders++ });
      else if (item.due !== undefined) {
        item.priority = Math.max(priority, item.priority);
        item.due = Math.min(due, item.due);
      }
    },
    withdraw: (key) => void (items = items.filter((item) => item.key !== key || item.due === undefined)),
    poll() {
      const all = ready();
      if (all.length === 0) return undefined;
      const several = new Set(all.map(({ priority }) => priority)).size > 1;
      const fair = several && ++takes % 16 === 0;
      const next = all.reduce((a, b) => {
        if (!fair && a.priority !== b.priority) return a.priority > b.priority ? a : b;
        return a.turn! < b.turn! ? a : b;
      });
      items = items.filter((item) => item !== next);
      working.set(next.key, next.priority);
      return next.key;
    },
    done(key) {
      working.delete(key);
      const item = find(key);
      if (item && item.due === undefined) item.turn = turns++;
    },
    age() {
      const now = clock.monotonic();
      const due = items.filter((item) => item.due !== undefined && item.due <= now);
      for (const item of due.sort((a, b) => a.due! - b.due!)) makeDue(item.key, item.priority);
    },
    get length() {
      return ready().length;
    },
  };
}
