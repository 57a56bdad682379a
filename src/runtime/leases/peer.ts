/**
 * What a process says about itself in its lease, for its peers. Pure.
 *
 * @module
 */

import type { Lease } from "./lease.ts";

/** A process that takes things, as others see it. */
export interface Peer {
  /** How many things it holds at once. */
  readonly capacity?: number;
  /** What it takes, as names without commas. */
  readonly takes: readonly string[];
}

/**
 * The label of a lease whose process has something to tell its peers: it is `joining` or `leaving`. Steady leases have none,
 * so that who watches for it is not woken by their renewals.
 */
export const PHASE = "crd-watcher/phase";

const CAPACITY = "crd-watcher/capacity";
const TAKES = "crd-watcher/takes";

/** What the lease of a process says about it. */
export const peerAnnotations = ({ capacity, takes }: Peer): Readonly<Record<string, string>> => ({
  ...capacity !== undefined && { [CAPACITY]: `${capacity}` },
  [TAKES]: takes.join(","),
});

/** What a lease says about its process. */
export function peerOf({ metadata }: Lease): Peer {
  const { [CAPACITY]: text = "", [TAKES]: takes = "" } = metadata.annotations ?? {};
  const capacity = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
  return { capacity, takes: takes.split(",").filter((name) => name !== "") };
}

/** What a process has to tell. */
export const phaseOf = ({ metadata }: Lease): string | undefined => metadata.labels?.[PHASE];
