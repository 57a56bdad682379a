/**
 * How long a program takes from its start to its first watch, as a proxy before the API server sees it.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender } from "./contenders.ts";
import { isWatch, startProxy } from "./proxy.ts";
import type { Figures } from "./turn.ts";
import type { Endpoint } from "./wire.ts";

/** Starts each process of a contender once, alone. @returns Milliseconds, by label. */
export async function measureStart(contender: Contender, endpoint: Endpoint): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "crd-watcher-bench-"));
  const figures: Figures = {};
  let onWatch = (_at: number) => {};
  const proxy = await startProxy(endpoint, join(folder, "kubeconfig"), ({ at, path }) => {
    if (isWatch(path)) onWatch(at);
  });
  try {
    for (const label of contender.labels) {
      const watched = new Promise<number>((resolve) => onWatch = resolve);
      const program = contender.startOne(label, join(folder, "kubeconfig"));
      try {
        figures[`first watch ms ${label}`] = await Promise.race([watched, program.failed, late(label)]) - program.started;
      } finally {
        await program.end();
      }
    }
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true });
  }
  return figures;
}

const late = (label: string) =>
  new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error(`The ${label} has opened no watch within 60 s`)), 60_000).unref()
  );
