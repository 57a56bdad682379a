import type { Health } from "../../ports.ts";

/** The checks of a program, to be asked by its probes. */
export interface HealthRegistry extends Health {
  /**
   * Asks every check.
   *
   * @returns By name, in the order in which the names came: why the check fails, or undefined where it passes.
   */
  read(): ReadonlyMap<string, string | undefined>;
}

/**
 * Makes a registry of checks. It is ready when every check passes; without any it is ready.
 *
 * @example A probe of one's own
 * ```ts
 * import { createHealth } from "crd-watcher";
 *
 * const health = createHealth();
 * health.check("warm-up", () => "the model is being loaded");
 * const ready = [...health.read().values()].every((why) => why === undefined); // false
 * ```
 */
export function createHealth(): HealthRegistry {
  const checks = new Map<string, Set<() => string | undefined>>();
  return {
    check(name, read) {
      const named = checks.get(name) ?? new Set();
      // A function of its own for each: one may be added twice, and taken away once.
      const own = () => read();
      checks.set(name, named.add(own));
      return () => {
        if (named.delete(own) && named.size === 0) checks.delete(name);
      };
    },
    read: () =>
      new Map(
        [...checks].map(([name, named]) => [name, [...named].map((read) => read()).find((why) => why !== undefined)]),
      ),
  };
}
