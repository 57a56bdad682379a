import type { HistoryEntry, RequestState } from "../mod.ts";
import { createLru } from "../src/runtime/store/lru.ts";

/** Of how many requests it is remembered what was shown. */
const REMEMBERED = 10_000;

/** One transition of a request. */
export interface TransitionSeen {
  readonly entry: HistoryEntry;
  /** The one before it, where that is kept. */
  readonly before: HistoryEntry | undefined;
}

/** Tells the transitions of requests, each once. */
export interface Transitions {
  /** What is new in this version of a request. */
  newIn(request: RequestState): readonly TransitionSeen[];
}

/** Makes one that has seen nothing. */
export function createTransitions(): Transitions {
  const shown = createLru<number>(REMEMBERED); // by uid: the seq of the last entry shown. The end of a request is not always seen
  return {
    newIn(request) {
      const { history = [], historyDropped = 0 } = request.status ?? {};
      const uid = request.metadata.uid!;
      const last = shown.get(uid) ?? 0;
      const found: TransitionSeen[] = [];
      let newest = last;
      history.forEach((entry, index) => {
        const seq = entry.seq ?? historyDropped + index + 1;
        if (seq > last) found.push({ entry, before: history[index - 1] });
        newest = Math.max(newest, seq);
      });
      if (found.length > 0) shown.set(uid, newest);
      return found;
    },
  };
}
