/**
 * Which of two resourceVersions of one resource is the newer one.
 *
 * Since KEP-5504 (comparable resource versions) every server of Kubernetes' own resources gives out decimal numbers of any
 * length, so that the longer, then the greater text is the newer version. An aggregated API server may still give out
 * anything: such versions can be told apart, and no more.
 *
 * @module
 */

/** Whether a version has a place in an order: decimal, without leading zeros, of any length. Pure. */
export const isOrdered = (version: string): boolean => /^(?:0|[1-9][0-9]*)$/.test(version);

/**
 * Compares a version with one that was known before. Pure.
 *
 * Of two that cannot be put in order (one is not decimal) and differ, `a` counts as the newer one: it is what came later.
 * So nothing waits for ever for a version that never compares as reached; what is written is conditional anyway.
 *
 * @param a What has come; `""` is older than anything.
 * @param b What was known; `""` where nothing was.
 * @returns Below 0 when `a` is older, 0 when equal, above 0 when newer.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? -1 : 1;
  if (!isOrdered(a) || !isOrdered(b)) return 1;
  return a.length - b.length || (a < b ? -1 : 1);
}
