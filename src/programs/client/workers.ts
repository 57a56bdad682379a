import { ask, clientOf, type ClientOptions } from "./options.ts";
import { isStatus } from "../../errors.ts";
import { momentOf } from "../../request-state.ts";
import { durationOf, labelsOf, type Lease, LEASES, selectorOf } from "../../runtime/leases/lease.ts";
import { type Peer, peerOf, phaseOf } from "../../runtime/leases/peer.ts";

/** Beyond its duration a lease is given this, in milliseconds, until its worker is taken for dead. */
const GRACE = 5_000;

/** The workers that are there, by namespace. */
export type Workers = ReadonlyMap<string, readonly Peer[]>;

/**
 * Reads which workers are there, and what each of them takes, as far as one look by the own clock can tell.
 *
 * @param options Without a namespace: wherever there are some.
 * @returns Undefined where this user may not see leases.
 * @throws {StatusError} When the server refuses for another reason.
 */
export async function readWorkers({ namespace, ...options }: ClientOptions): Promise<Workers | undefined> {
  const client = clientOf("Cannot look for workers", options);
  const { cluster, clock, signal } = client;
  const selection = { namespace, labelSelector: selectorOf(labelsOf("worker")), signal };
  try {
    const { items } = await ask(client, () => cluster.list<Lease>(LEASES, selection));
    const isThere = (lease: Lease) =>
      phaseOf(lease) !== "leaving" && momentOf(lease.spec?.renewTime ?? "") + durationOf(lease) + GRACE > clock.now();
    const found = Map.groupBy(items.filter(isThere), ({ metadata }) => metadata.namespace ?? "");
    return new Map([...found].map(([place, leases]) => [place, leases.map(peerOf)]));
  } catch (error) {
    if (isStatus(error) && error.status.code === 403) return undefined;
    throw error;
  }
}
