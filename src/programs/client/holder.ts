import { ask, clientOf, type ClientOptions } from "./options.ts";
import { isNotFound, isStatus } from "../../errors.ts";
import { momentOf, type RequestState } from "../../request-state.ts";
import { durationOf, type Lease, LEASES } from "../../runtime/leases/lease.ts";

/** The worker that holds the job of a request, as its lease shows it. */
export interface Holder {
  /** Its identity, which is the name of its lease. */
  readonly identity: string;
  /**
   * Whether it lives, as far as one look by the own clock can tell; `unknown` where this user may not see leases. A director goes by more than
   * that before it takes a job away.
   */
  readonly state: "alive" | "silent" | "gone" | "unknown";
  /** When it last renewed its lease, in milliseconds since the Unix epoch. */
  readonly renewed?: number;
  /** How long the lease lasts without a renewal, in milliseconds. */
  readonly duration?: number;
}

/**
 * Looks whether the worker that holds the job of a request lives. One that is `silent` has not renewed its lease in time, of one that is
 * `gone` there is no lease.
 *
 * @returns Undefined where no worker holds it.
 * @throws {StatusError} When the server refuses, other than the right to look.
 */
export async function readHolder(request: RequestState, options: ClientOptions): Promise<Holder | undefined> {
  const identity = request.spec.state === "STARTED" ? request.status?.claim?.holderIdentity : undefined;
  if (identity === undefined) return undefined;
  const client = clientOf("Cannot look for a worker", options);
  const key = { namespace: request.metadata.namespace, name: identity };
  let lease: Lease;
  try {
    lease = await ask(client, () => client.cluster.get<Lease>(LEASES, key, { signal: client.signal }));
  } catch (error) {
    if (isNotFound(error)) return { identity, state: "gone" };
    // No right to look, or nothing that could be the name of a lease.
    if (isStatus(error) && [400, 403, 422].includes(error.status.code)) return { identity, state: "unknown" };
    throw error;
  }
  const renewed = momentOf(lease.spec?.renewTime ?? "");
  const duration = durationOf(lease);
  if (Number.isNaN(renewed)) return { identity, state: "unknown" };
  return { identity, state: client.clock.now() < renewed + duration ? "alive" : "silent", renewed, duration };
}
