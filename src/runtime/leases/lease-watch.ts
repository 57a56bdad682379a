import { isDenied } from "../../errors.ts";
import type { Clock, ObjectKey, Reader } from "../../ports.ts";
import { type Lease, LEASES } from "./lease.ts";
import { within } from "../time/limit.ts";

/** Looks at one lease while it changes. What it says is early, and may be missing: whoever needs to know asks as well. */
export interface LeaseWatch {
  /** Makes sure that the lease is being followed; where it is not, from this version on. */
  follow(lease: Lease): void;
  /** Ends it. */
  stop(): Promise<void>;
}

/** How long one watch lasts, in seconds: a connection that has gone deaf is given up then. */
const DURATION = 60;

/** A watch that the server has ended earlier is not opened again by itself. Milliseconds. */
const FLOOR = 1_000;

/**
 * Makes a watch that follows nothing yet.
 *
 * @param onChange Called with each version of the lease; undefined when it was deleted. Must not throw.
 */
export function createLeaseWatch(
  { cluster, key, clock, onChange }: {
    readonly cluster: Reader;
    readonly key: ObjectKey;
    readonly clock: Clock;
    readonly onChange: (lease: Lease | undefined) => void;
  },
): LeaseWatch {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  let allowed = true;

  /** Watches once. @returns The version from which to watch on. */
  async function watch(resourceVersion: string, signal: AbortSignal): Promise<string> {
    const options = { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}`, timeoutSeconds: DURATION, signal };
    let version = resourceVersion;
    for await (const event of await cluster.watch<Lease>(LEASES, { ...options, resourceVersion })) {
      version = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion!;
      if (event.type !== "BOOKMARK") onChange(event.type === "DELETED" ? undefined : event.object);
    }
    return version;
  }

  async function run(from: string): Promise<void> {
    const limit = { clock, ms: (DURATION + 5) * 1_000, action: `Cannot watch leases "${key.name}"`, signal: ending.signal };
    // A server that ends each watch at once is not flooded: the lease is followed again when it was read again.
    for (let version = from, lasted = FLOOR; lasted >= FLOOR;) {
      const opened = clock.monotonic();
      version = await within(limit, (signal) => watch(version, signal));
      lasted = clock.monotonic() - opened;
    }
  }

  return {
    follow(lease) {
      if (running || !allowed || ending.signal.aborted) return;
      // It breaks now and then, and is opened again from what is read next. Without the right to watch, reading must do.
      running = run(lease.metadata.resourceVersion!)
        .catch((error) => void (allowed = !isDenied(error)))
        .finally(() => running = undefined);
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}
