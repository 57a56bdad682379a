/**
 * A fake cluster with widgets, for a moment.
 *
 * @module
 */
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from "../../src/fake/mod.ts";
import { widgets } from "./widgets.ts";

/** A fake cluster with widgets. */
export const setUp = (options: FakeClusterOptions = {}): FakeCluster =>
  createFakeCluster({ crds: [widgets], seed: 1, ...options });

/** Lends a fake cluster with widgets. */
export async function using(use: (fake: FakeCluster) => unknown): Promise<void> {
  const fake = setUp();
  try {
    await use(fake);
  } finally {
    fake.close();
  }
}
