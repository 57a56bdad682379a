/**
 * Hashes that discovery and OpenAPI show. They are labels, compared and never checked, so a short function will do.
 *
 * @module
 */

const words = (text: string, count: number): number[] => {
  const state = Array.from({ length: count }, (_, index) => (0x811c9dc5 ^ (index * 0x9e3779b1)) >>> 0);
  for (let at = 0; at < text.length; at++) {
    for (let index = 0; index < count; index++) {
      state[index] = Math.imul(state[index]! ^ (text.charCodeAt(at) + index), 0x01000193) >>> 0;
    }
  }
  return state.map((word) => (Math.imul(word ^ (word >>> 15), 0x85ebca6b) ^ (word >>> 13)) >>> 0);
};

/** A label of 128 hexadecimal digits, as an ETag shows it. Pure. */
export const contentHash = (text: string): string =>
  words(text, 16).map((word) => word.toString(16).padStart(8, "0")).join("").toUpperCase();

/** A label of eight bytes in base64, as `storageVersionHash` shows it. Pure. */
export function versionHash(text: string): string {
  const bytes = words(text, 2).flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
  return btoa(String.fromCharCode(...bytes));
}
