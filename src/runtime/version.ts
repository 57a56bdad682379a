/**
 * Compares two resourceVersions of one server.
 *
 * @returns Below 0 when `a` is older, 0 when equal, above 0 when newer. They are decimal and may pass 2^53.
 */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
