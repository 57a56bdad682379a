/**
 * Hashes that discovery and OpenAPI show.
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

/** A label of 128 hexadecimal digits, as an ETag shows it: compared and never checked, so a short function will do. Pure. */
export const contentHash = (text: string): string =>
  words(text, 16).map((word) => word.toString(16).padStart(8, "0")).join("").toUpperCase();

/** 64 bits of a text, as hexadecimal digits: to know one again, in little time; whoever wants two that have the same will find them. Pure. */
export function fingerprint(text: string): string {
  // Four bytes at a time: it is a loop that runs before anything of it is compiled.
  const words = new Uint32Array(Math.ceil(text.length * 3 / 4));
  const { written } = new TextEncoder().encodeInto(text, new Uint8Array(words.buffer));
  let a = 0xdeadbeef;
  let b = written;
  for (let at = 0; at * 4 < written; at++) {
    a = Math.imul(a ^ words[at]!, 0x9e3779b1);
    b = Math.imul(b ^ a >>> 15, 0x5f356495);
  }
  return [a, b].map((word) => (Math.imul(word ^ (word >>> 16), 0x85ebca6b) >>> 0).toString(16).padStart(8, "0")).join("");
}

const primes = [2];
for (let next = 3; primes.length < 64; next += 2) if (primes.every((prime) => next % prime !== 0)) primes.push(next);
const fraction = (root: number) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
const constants = primes.map((prime) => fraction(Math.cbrt(prime)));
const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by));

const bytesOf = (words: readonly number[]): number[] =>
  words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);

/** SHA-256 (FIPS 180-4), for short messages: the one of the platform answers later. Pure. @returns Eight words. */
function sha256(message: Iterable<number>): number[] {
  const bytes = [...message, 0x80];
  const bits = (bytes.length - 1) * 8;
  while (bytes.length % 64 !== 60) bytes.push(0);
  bytes.push(bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255);
  const hash = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  for (let block = 0; block < bytes.length; block += 64) {
    const schedule: number[] = [];
    let [a, b, c, d, e, f, g, h] = hash as [number, number, number, number, number, number, number, number];
    for (let round = 0; round < 64; round++) {
      if (round < 16) {
        const at = block + round * 4;
        schedule.push((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
      } else {
        const [x, y] = [schedule[round - 15]!, schedule[round - 2]!];
        const small = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
        const large = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
        schedule.push((schedule[round - 16]! + small + schedule[round - 7]! + large) | 0);
      }
      const choice = (e & f) ^ (~e & g);
      const first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + constants[round]! + schedule[round]!;
      const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, index) => hash[index] = (hash[index]! + word) | 0);
  }
  return hash;
}

/** The first eight bytes of the SHA-256 in base64, as `storageVersionHash` shows them. Pure. */
export function versionHash(text: string): string {
  return btoa(String.fromCharCode(...bytesOf(sha256(new TextEncoder().encode(text)).slice(0, 2))));
}

/** HMAC-SHA256 (RFC 2104), for short texts. Pure. @param key At most 64 bytes. @returns 32 bytes. */
export function hmac(key: Uint8Array, text: string): Uint8Array {
  const pad = (by: number) => Array.from({ length: 64 }, (_, at) => (key[at] ?? 0) ^ by);
  const inner = bytesOf(sha256([...pad(0x36), ...new TextEncoder().encode(text)]));
  return Uint8Array.from(bytesOf(sha256([...pad(0x5c), ...inner])));
}
