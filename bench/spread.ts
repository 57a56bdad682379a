/**
 * How evenly jobs fall to workers.
 *
 * @module
 */
import type { RequestState } from "../mod.ts";
import { NOT_LYING, requestsPath, type Wire } from "./wire.ts";

/** The jobs of the busiest worker for each of the least busy one, and how often a job was done more than once. */
export async function readSpread(wire: Wire, namespace: string): Promise<{ readonly spread: number; readonly twice: number }> {
  const byWorker = new Map<string, number>();
  let twice = 0;
  let next = "";
  do {
    const path = `${requestsPath(namespace)}?${NOT_LYING}&limit=500${next && `&continue=${encodeURIComponent(next)}`}`;
    const { metadata, items } = JSON.parse(await wire.send({ method: "GET", path }));
    for (const { status } of items as RequestState[]) {
      const done = (status?.history ?? []).filter(({ state }) => state === "COMPLETED");
      twice += done.length - new Set(done.map(({ job }) => job)).size;
      for (const { by = "?" } of done) byWorker.set(by, (byWorker.get(by) ?? 0) + 1);
    }
    next = metadata.continue ?? "";
  } while (next !== "");
  const counts = [...byWorker.values()];
  return { spread: Math.max(...counts) / Math.min(...counts), twice };
}
