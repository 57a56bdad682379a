/**
 * What is said of an object that does not fit its field type.
 *
 * @module
 */

/** A fault at one place. */
export interface Fault {
  /** As in `.spec.n`; the whole object: `""`. */
  readonly path: string;
  readonly text: string;
}

/** An object does not fit its field type. */
export class TypedError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: string | readonly Fault[]) {
    const all = typeof faults === "string" ? [{ path: "", text: faults }] : faults;
    const lines = all.map(({ path, text }) => path === "" ? text : `${path}: ${text}`);
    super(lines.length === 1 ? lines[0]! : ["errors:", ...lines.map((line) => `  ${line}`)].join("\n"));
    this.faults = all;
  }
}
