import type { Clock, Health } from "../../ports.ts";
import type { ReflectorHealth } from "./reflector.ts";

/**
 * Adds what a reflector knows of itself to the checks of a program: `informer-sync` passes once the first list is in the
 * store, `watch` while the server can be followed. A watch that ends and is begun again is daily business and passes.
 *
 * @param resource The plural, for the words.
 * @returns Takes the checks away.
 */
export function checkReflector(health: Health, resource: string, read: () => ReflectorHealth, clock: Clock): () => void {
  const ends = [
    health.check("informer-sync", () => {
      const { synced, failing } = read();
      return synced ? undefined : `the first list of ${resource} is not there yet${failing ? `: ${failing.message}` : ""}`;
    }),
    health.check("watch", () => {
      const { failing } = read();
      const seconds = failing && Math.max(0, Math.round((clock.now() - failing.since) / 1_000));
      return failing && `${resource} cannot be followed since ${seconds} s: ${failing.message}`;
    }),
  ];
  return () => ends.forEach((end) => end());
}
