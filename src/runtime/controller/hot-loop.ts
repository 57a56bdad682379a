import type { Clock, KubernetesObject, Log } from "../../ports.ts";
import { differences } from "../store/difference.ts";
import { createRecent } from "../store/recent.ts";
import { keyOf } from "../store/store.ts";
import { ChurnMap } from "../store/churn.ts";

/** One call of reconcile, as far as the detector cares. */
export interface Round {
  readonly key: string;
  /** What it has written last, as in `patch of websites "web/blog"`. */
  wrote: string | undefined;
  /** Changes that came while it ran, by `uid version`: of others, unless it turns out to have made them. */
  news: Map<string, Change> | undefined;
}

/** A change of an object that a key is reconciled for. */
export interface Change {
  readonly object: KubernetesObject;
  /** What it was before; undefined when it is new, or gone. */
  readonly previous: KubernetesObject | undefined;
  /** What has been deleted by it, as in `configmaps "web/blog"`: it is gone, or has begun to go. */
  readonly deleted: string | undefined;
}

/** Sees which keys are reconciled again and again although nobody but their own controller changes anything. */
export interface HotLoops {
  /** Reconcile begins. */
  begin(key: string): Round;
  /** It has written an object. @param what As in `patch of websites "web/blog"`. */
  wrote(round: Round, object: KubernetesObject, what: string): void;
  /** It has deleted an object, which the answer does not show. @param what As in `websites "web/blog"`. */
  deleted(round: Round, what: string): void;
  /** It has seen this version of an object itself: the change is no news to it. */
  saw(round: Round, object: KubernetesObject): void;
  /** An object has changed that a key is reconciled for: by this controller itself, or by anybody else. */
  changed(key: string, change: Change, own: boolean): void;
  /** Reconcile has ended. @param again It will be called again within so many milliseconds, whatever happens. */
  end(key: string, round: Round, again: number | undefined): void;
  /** How long the next call for this key is to be put off, in milliseconds; 0 where it is not. Warns once. */
  hold(key: string): number;
}

/** So many calls that have written something, within `WINDOW`, none of them caused by others, are a loop. */
const WRITES = 20;
/** The same for calls that have written nothing and asked to be called again at once, within a sixth of it. */
const SPINS = 100;
/** Milliseconds. One that writes every few seconds by intention is none. */
const WINDOW = 60_000;
/** A loop is slowed down to one call in so many milliseconds, twice as long each time, up to the longest. */
const FIRST_HOLD = 1_000;
const LONGEST_HOLD = 60_000;
/** Who asks to be called again in less, in milliseconds, spins. */
const AT_ONCE = 500;

interface Record {
  count: number;
  /** When the first that counts began. */
  since: number;
  readonly limit: number;
  wrote: string | undefined;
  /** What differed between the versions before and after an own write. */
  differed: string | undefined;
  /** The next call is not before that; undefined while it is not hot. */
  notBefore: number | undefined;
  hold: number;
}

/**
 * Makes a detector that has seen nothing.
 *
 * **Guarantees**: a change by somebody else ends a loop at once, and is reconciled at once. **Assumptions**: none that
 * correctness depends on; a loop that is taken for work goes on, work that is taken for a loop is slowed down.
 *
 * @param onHot A loop was found.
 */
export function createHotLoops({ clock, log, name, onHot }: {
  readonly clock: Clock;
  readonly log: Log;
  /** Of the controller. */
  readonly name: string;
  readonly onHot: () => void;
}): HotLoops {
  const records = createRecent<Record>(clock, 2 * LONGEST_HOLD);
  const running = new ChurnMap<string, Round>();

  const count = (key: string, limit: number, window: number, wrote: string | undefined) => {
    const now = clock.monotonic();
    const known = records.get(key);
    if (known?.notBefore !== undefined) {
      known.notBefore = now + known.hold;
      known.hold = Math.min(2 * known.hold, LONGEST_HOLD);
      return;
    }
    if (known?.limit === limit && now - known.since <= window) {
      known.count++;
      known.wrote = wrote;
      return;
    }
    records.set(key, {
      count: 1,
      since: now,
      limit,
      wrote,
      differed: undefined,
      notBefore: undefined,
      hold: FIRST_HOLD,
    });
  };

  const note = (key: string, { object, previous }: Change) => {
    const record = previous && records.get(key);
    if (record && record.count >= record.limit - 1) record.differed = whatDiffers(previous, object) ?? record.differed;
  };
  // Its own change may have come before the answer to it.
  const saw = (round: Round, object: KubernetesObject) => {
    const id = idOf(object);
    const change = round.news?.get(id);
    if (!change) return;
    round.news!.delete(id);
    note(round.key, change);
  };

  const warn = (key: string, { count, since, wrote, differed }: Record) => {
    const times = `${count} times in ${Math.round((clock.monotonic() - since) / 1_000)} s`;
    const text = wrote
      ? `Reconciling "${key}" causes itself: ${times} it wrote something and nobody else did, the last time by ${wrote}` +
        `${differed ? `, which changed ${differed}` : ""}; write only what differs. It is slowed down`
      : `Reconciling "${key}" asks to be called again at once, ${times}; wait for a change, or for longer. It is slowed down`;
    log.warn(text, { controller: name, object: key });
  };

  return {
    begin(key) {
      const round: Round = { key, wrote: undefined, news: undefined };
      running.set(key, round);
      return round;
    },
    wrote(round, object, what) {
      round.wrote = what;
      saw(round, object);
    },
    deleted(round, what) {
      round.wrote = `delete of ${what}`;
      // Had it been somebody else's deletion, there would have been nothing to delete.
      for (const [id, { deleted }] of round.news ?? []) if (deleted === what) round.news!.delete(id);
    },
    saw,
    changed(key, change, own) {
      if (own) return note(key, change);
      const round = running.get(key);
      if (round) (round.news ??= new Map()).set(idOf(change.object), change);
      else records.delete(key);
    },
    end(key, round, again) {
      running.delete(key);
      if (round.news && round.news.size > 0) records.delete(key);
      else if (round.wrote !== undefined) count(key, WRITES, WINDOW, round.wrote);
      else if (again !== undefined && again < AT_ONCE) count(key, SPINS, WINDOW / 6, undefined);
    },
    hold(key) {
      const record = records.size > 0 ? records.get(key) : undefined;
      if (!record || record.count < record.limit) return 0;
      if (record.notBefore === undefined) {
        warn(key, record);
        onHot();
        record.notBefore = clock.monotonic() + record.hold;
        record.hold *= 2;
      }
      return Math.max(0, record.notBefore - clock.monotonic());
    },
  };
}

const idOf = ({ metadata }: KubernetesObject) => `${metadata.uid} ${metadata.resourceVersion}`;

/** The members that the one who writes is to blame for. */
function whatDiffers(before: KubernetesObject, after: KubernetesObject): string | undefined {
  const plain = ({ metadata, ...rest }: KubernetesObject) => {
    const { resourceVersion: _, generation: __, ...own } = metadata;
    return { ...rest, metadata: own };
  };
  const paths = differences(plain(before), plain(after));
  return paths.length > 0 ? `${paths.join(", ")} of ${after.kind} "${keyOf(after)}"` : undefined;
}
