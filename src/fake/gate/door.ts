/**
 * The way into a fake cluster for mounts that have read a request themselves: no `Request` is made of it and no `Response` of its
 * answer, which take longer than most of what lies between them.
 *
 * @module
 */
import type { Answer } from "../output/answer.ts";
import type { Incoming } from "../types/incoming.ts";

/** Answers what a mount has read. Never rejects. @returns Nothing where a fault may hit it: then it has to come as a `Request`. */
export type Door = (request: Incoming, href: string, body: Uint8Array) => Promise<Answer | Response> | undefined;

type Fetch = (request: Request) => Promise<Response>;

const doors = new WeakMap<Fetch, Door>();

/** Notes the other way into a cluster. @returns The function of the first. */
export function withDoor(fetch: Fetch, door: Door): Fetch {
  doors.set(fetch, door);
  return fetch;
}

/** The other way into a cluster; nothing where its function is another, which has to be asked itself. */
export const doorOf = (fetch: Fetch): Door | undefined => doors.get(fetch);
