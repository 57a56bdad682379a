import type { Notice } from "../flow/transition.ts";
import type { RequestState } from "../request-state.ts";
import type { EventRecorder } from "../runtime/objects/event-recorder.ts";
import { ChurnMap } from "../runtime/store/churn.ts";

/** What people are told about requests, as events of them. */
export interface Notices {
  /** Something has happened. */
  tell(request: RequestState, notices: readonly Notice[]): void;
  /** Something is so, and will be so at the next look, too: told once for each request and text. */
  tellOnce(request: RequestState, notices: readonly Notice[]): void;
  /** The request is over or gone. */
  forget(uid: string): void;
}

/** Makes notices that were told to nobody. */
export function createNotices(events: EventRecorder): Notices {
  const told = new ChurnMap<string, Set<string>>(); // by uid
  const tell: Notices["tell"] = (request, notices) => notices.forEach((notice) => events.record(request, notice));
  return {
    tell,
    tellOnce(request, notices) {
      if (notices.length === 0) return;
      const { uid } = request.metadata;
      const texts = told.get(uid!) ?? new Set();
      told.set(uid!, texts);
      const fresh = notices.filter(({ reason, message }) => !texts.has(`${reason} ${message}`));
      for (const { reason, message } of fresh) texts.add(`${reason} ${message}`);
      tell(request, fresh);
    },
    forget: (uid) => void told.delete(uid),
  };
}
