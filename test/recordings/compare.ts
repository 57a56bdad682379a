/**
 * Differences between what was recorded and what was got.
 *
 * @module
 */

/** One difference. */
export interface Difference {
  /** Where, as in `body.spec.tags[0]`. */
  readonly path: string;
  readonly recorded: unknown;
  readonly got: unknown;
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Compares two values; the order of members does not count. Pure. */
export function differences(recorded: unknown, got: unknown, path: string = ""): Difference[] {
  if (Object.is(recorded, got)) return [];
  if (!isContainer(recorded) || !isContainer(got) || Array.isArray(recorded) !== Array.isArray(got)) {
    return [{ path: path === "" ? "(all)" : path, recorded, got }];
  }
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(got)])];
  return keys.flatMap((key) => {
    const step = Array.isArray(recorded)
      ? `[${key}]`
      : /^[\w-]+$/.test(key)
      ? `${path === "" ? "" : "."}${key}`
      : `[${JSON.stringify(key)}]`;
    return differences(recorded[key], got[key], path + step);
  });
}

const shown = (value: unknown) => {
  const text = value === undefined ? "(nothing)" : JSON.stringify(value);
  return text.length > 1000 ? `${text.slice(0, 1000)}...` : text;
};

/** A difference as text. Pure. */
export const printed = ({ path, recorded, got }: Difference): string =>
  `${path}\n  recorded: ${shown(recorded)}\n  got:      ${shown(got)}`;
