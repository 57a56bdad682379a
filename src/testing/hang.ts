const hanging = new WeakSet<AbortSignal>();

/**
 * A handler that does nothing until it is told to stop: for tests of timeouts, cancellations and drains. It stands in for a handler
 * (`mocks: { ship: hang }`), or is called by one. Time is skipped while it waits, which is not so for a handler that waits in any
 * other way: it might be at work.
 *
 * @returns Never resolves; rejects with the reason of the signal.
 *
 * @example
 * ```ts
 * import { defineFlow, implementFlow } from "crd-watcher";
 * import { hang, testFlow } from "crd-watcher/testing";
 *
 * const order = defineFlow("order", { start: "ship", jobs: { ship: { timeout: 30_000, retry: { limit: 1 } } } });
 * const t = await testFlow(implementFlow(order, { ship: hang }));
 * console.log((await t.untilOver(await t.start())).reason); // "TimedOut"
 * await t.close();
 * ```
 */
export function hang({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  hanging.add(signal);
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Whether a handler with this signal does nothing but wait for it. */
export const isHanging = (signal: AbortSignal): boolean => hanging.has(signal);
