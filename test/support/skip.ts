/** A test that cannot run here. */
export interface Skip {
  readonly name: string;
  /** One line. */
  readonly reason: string;
}

const registry = Symbol.for("crd-watcher.test.skips");
const skips = (): Skip[] => (globalThis as { [registry]?: Skip[] })[registry] ??= [];

/** Says that a test is left out here, and why. A whole file is better left out by its name: see gates.ts. */
export function skip(name: string, reason: string): void {
  skips().push({ name, reason });
}

/** For the runner: what has been skipped since the last call. */
export const takeSkips = (): Skip[] => skips().splice(0);
