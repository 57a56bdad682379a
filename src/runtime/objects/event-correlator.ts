import type { Clock } from "../../ports.ts";
import { eventKey, type EventRecord, LONGEST_MESSAGE, type NewEvent, type ObjectReference } from "./event.ts";
import { printable, shortened } from "../../printable.ts";
import { cutText } from "../../text.ts";
import { createLru } from "../store/lru.ts";

/** Sees which events are the same, which are alike, and which are too many. */
export interface EventCorrelator {
  /** Something has happened. @returns The event that says so now: the one of before, where it has happened before. */
  note(about: ObjectReference, event: NewEvent): EventRecord;
  /** Whether one more write about this object is allowed; it is then counted. */
  admits(about: ObjectReference): boolean;
}

/** client-go's: how many events, objects and groups are remembered. */
const REMEMBERED = 4_096;
/** client-go's: so many events of one group with other messages, none later than `ALIKE_WITHIN` after the one before, are one. */
const ALIKE = 10;
/** Milliseconds. */
const ALIKE_WITHIN = 600_000;
/** client-go's: so many writes about an object at once, and one more in so many milliseconds. */
const BURST = 25;
const REFILL = 300_000;

interface Group {
  messages: readonly string[];
  last: number;
}

interface Bucket {
  tokens: number;
  filled: number;
}

/**
 * Makes one that has seen nothing; it is for one reporter. The rules are those of client-go's `EventCorrelator`.
 *
 * @param random Between 0 and 1. @default {Math.random}
 */
export function createEventCorrelator(clock: Clock, random: () => number = Math.random): EventCorrelator {
  const records = createLru<EventRecord>(REMEMBERED);
  const groups = createLru<Group>(REMEMBERED);
  const buckets = createLru<Bucket>(REMEMBERED);

  /** Whether there are so many like this one that they are told of together. */
  function isOneOfMany(group: string, message: string): boolean {
    const now = clock.monotonic();
    const known = groups.get(group);
    if (!known || now - known.last > ALIKE_WITHIN) {
      groups.set(group, { messages: [message], last: now });
      return false;
    }
    known.last = now;
    if (known.messages.includes(message)) return false;
    if (known.messages.length >= ALIKE - 1) return true;
    known.messages = [...known.messages, message]; // an array that is pushed to keeps room for sixteen more
    return false;
  }

  return {
    note(about, { type = "Normal", reason, action, message: whole }) {
      // What shows events to people (kubectl, a log of a cluster) does not make them safe.
      const message = cutText(printable(shortened(whole)), LONGEST_MESSAGE);
      const object = objectKey(about);
      const group = keyFrom(object, type, reason, action);
      const many = isOneOfMany(group, message);
      const text = cutText(many ? `(combined from similar events): ${message}` : message, LONGEST_MESSAGE);
      const id = many ? group : keyFrom(group, text);
      const now = clock.now();
      const known = records.get(id);
      if (known) return Object.assign(known, { message: text, count: known.count + 1, last: now });
      const record: EventRecord = {
        ...{ key: eventKey(about, now, random()), about, type, reason, action, message: text },
        ...{ count: 1, first: now, last: now, stored: false },
      };
      records.set(id, record);
      return record;
    },
    admits(about) {
      const object = objectKey(about);
      const now = clock.monotonic();
      const { tokens, filled } = buckets.get(object) ?? { tokens: BURST, filled: now };
      const there = Math.min(BURST, tokens + (now - filled) / REFILL);
      buckets.set(object, { tokens: there < 1 ? there : there - 1, filled: now });
      return there >= 1;
    },
  };
}

/** Whichever version of it. Thousands are remembered, so it is short. */
const objectKey = ({ apiVersion, kind, namespace, name, uid }: ObjectReference): string =>
  uid === undefined ? keyFrom(apiVersion, kind, namespace, name) : keyFrom(uid, namespace, name);

/** No part has a line break: what people may read is made printable first. */
const keyFrom = (...parts: readonly (string | undefined)[]): string => parts.join("\n");
