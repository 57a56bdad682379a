/**
 * What an API server says of its own work: requests, conflicts and bytes of our resource.
 *
 * @module
 */
import type { Wire } from "./wire.ts";

/** Counted by the API server since its start. */
export interface Counts {
  /** Requests by verb, such as PATCH; those of leases as LEASE. */
  readonly requests: Readonly<Record<string, number>>;
  /** Writes refused with 409. */
  readonly conflicts: number;
  /** Bytes of the bodies of writes. */
  readonly bodies: number;
  /** Bytes of watch events. */
  readonly events: number;
}

const SAMPLE = /^([a-z_]+)\{([^}]*)\} (\S+)$/;
const LABEL = /(\w+)="([^"]*)"/g;

/** Asks the API server. Its answer has 1.7 MB: not a thing to do often. */
export async function readCounts(wire: Wire): Promise<Counts> {
  const requests: Record<string, number> = {};
  let conflicts = 0;
  let bodies = 0;
  let events = 0;
  for (const line of (await wire.send({ method: "GET", path: "/metrics", accept: "text/plain" })).split("\n")) {
    if (!line.includes('resource="requeststates"') && !line.includes('resource="leases"')) continue;
    const [, name, text = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) continue;
    const labels = Object.fromEntries([...text.matchAll(LABEL)].map(([, label, value]) => [label, value]));
    if (labels.resource === "leases") {
      if (name === "apiserver_request_total") requests.LEASE = (requests.LEASE ?? 0) + Number(value);
    } else if (name === "apiserver_request_total") {
      requests[labels.verb!] = (requests[labels.verb!] ?? 0) + Number(value);
      if (labels.code === "409") conflicts += Number(value);
    } else if (name === "apiserver_request_body_size_bytes_sum") bodies += Number(value);
    else if (name === "apiserver_watch_events_sizes_sum") events += Number(value);
  }
  return { requests, conflicts, bodies, events };
}

/** What was counted between two readings. */
export function countsBetween(before: Counts, after: Counts): Counts {
  const verbs = Object.keys(after.requests);
  return {
    requests: Object.fromEntries(verbs.map((verb) => [verb, after.requests[verb]! - (before.requests[verb] ?? 0)])),
    conflicts: after.conflicts - before.conflicts,
    bodies: after.bodies - before.bodies,
    events: after.events - before.events,
  };
}
