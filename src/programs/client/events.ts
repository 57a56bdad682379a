import { ask, clientOf, type ClientOptions } from "./options.ts";
import { isStatus } from "../../errors.ts";
import type { KubernetesObject } from "../../ports.ts";
import { momentOf, type RequestState } from "../../request-state.ts";
import { EVENTS } from "../../runtime/objects/event.ts";

/** What was told of a flow. */
export interface FlowEvent {
  /** Whether all was well. */
  readonly type: "Normal" | "Warning";
  /** CamelCase. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** How often. */
  readonly count: number;
  /** When it was told last, in milliseconds since the Unix epoch; absent where it does not say. */
  readonly last?: number;
}

interface EventObject extends KubernetesObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/**
 * Reads what was told of a flow, the oldest first. A server keeps events for an hour, unless it is told otherwise.
 *
 * @returns Nothing where this user may not see events.
 * @throws {StatusError} When the server refuses for another reason.
 */
export async function readEvents({ metadata }: RequestState, options: ClientOptions): Promise<readonly FlowEvent[]> {
  const client = clientOf("Cannot read events", options);
  const about = { namespace: metadata.namespace, fieldSelector: `involvedObject.uid=${metadata.uid}`, signal: client.signal };
  try {
    const { items } = await ask(client, () => client.cluster.list<EventObject>(EVENTS, about));
    const events = items.map(({ type, reason = "", message = "", count = 1, lastTimestamp, eventTime, metadata }): FlowEvent => {
      const last = momentOf(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "");
      return { type: type === "Warning" ? type : "Normal", reason, message, count, ...!Number.isNaN(last) && { last } };
    });
    return events.sort((a, b) => (a.last ?? 0) - (b.last ?? 0));
  } catch (error) {
    if (isStatus(error) && error.status.code === 403) return [];
    throw error;
  }
}
