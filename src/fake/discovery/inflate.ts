/**
 * DEFLATE (RFC 1951), unpacked at once: the platform's own answers later, and the fake waits for nothing but its clock.
 *
 * @module
 */

/** A Huffman code: how many codes there are of each length, and what they stand for, in their order. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: readonly number[]): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  const places = new Uint16Array(16);
  for (let length = 1; length < 15; length++) places[length + 1] = places[length]! + counts[length]!;
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((length, symbol) => length > 0 && (symbols[places[length]!++] = symbol));
  return { counts, symbols };
}

// Bases and extra bits of lengths (from symbol 257) and distances.
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBits = Array.from({ length: 30 }, (_, symbol) => symbol < 4 ? 0 : (symbol >> 1) - 1);
const basesOf = (bits: readonly number[], first: number) => {
  let next = first;
  return bits.map((count) => (next += 2 ** count) - 2 ** count);
};
const lengthBases = [...basesOf(lengthBits.slice(0, 28), 3), 258];
const distanceBases = basesOf(distanceBits, 1);
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const fixed = {
  lengths: codeOf(Array.from({ length: 288 }, (_, symbol) => symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  distances: codeOf(Array.from({ length: 30 }, () => 5)),
};

/** Unpacks data without a header. Pure. */
export function inflate(data: Uint8Array): Uint8Array {
  let out = new Uint8Array(data.length * 6);
  let size = 0;
  let at = 0;
  let buffer = 0;
  let held = 0;
  const take = (count: number): number => {
    while (held < count) {
      buffer |= data[at++]! << held;
      held += 8;
    }
    const value = buffer & ((1 << count) - 1);
    buffer >>>= count;
    held -= count;
    return value;
  };
  const symbol = ({ counts, symbols }: Code): number => {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length++) {
      code |= take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + (code - first)]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new RangeError("The packed data is damaged: no such code");
  };
  const room = (more: number): void => {
    if (size + more <= out.length) return;
    const larger = new Uint8Array((size + more) * 2);
    larger.set(out);
    out = larger;
  };
  const copyStored = (): void => {
    [buffer, held] = [0, 0];
    const length = data[at]! | data[at + 1]! << 8;
    at += 4;
    room(length);
    out.set(data.subarray(at, at + length), size);
    [at, size] = [at + length, size + length];
  };
  const readCodes = (): typeof fixed => {
    const [literals, distances, codes] = [take(5) + 257, take(5) + 1, take(4) + 4];
    const meta = Array.from({ length: 19 }, () => 0);
    for (let index = 0; index < codes; index++) meta[order[index]!] = take(3);
    const code = codeOf(meta);
    const lengths: number[] = [];
    while (lengths.length < literals + distances) {
      const found = symbol(code);
      if (found < 16) lengths.push(found);
      else {
        const [value, count] = found === 16 ? [lengths.at(-1)!, 3 + take(2)] : [0, found === 17 ? 3 + take(3) : 11 + take(7)];
        for (let index = 0; index < count; index++) lengths.push(value);
      }
    }
    return { lengths: codeOf(lengths.slice(0, literals)), distances: codeOf(lengths.slice(literals)) };
  };
  const block = ({ lengths, distances }: typeof fixed): void => {
    for (let found = symbol(lengths); found !== 256; found = symbol(lengths)) {
      if (found < 256) {
        room(1);
        out[size++] = found;
        continue;
      }
      const length = lengthBases[found - 257]! + take(lengthBits[found - 257]!);
      const far = symbol(distances);
      const distance = distanceBases[far]! + take(distanceBits[far]!);
      room(length);
      for (let index = 0; index < length; index++, size++) out[size] = out[size - distance]!;
    }
  };
  for (let last = 0; last === 0;) {
    last = take(1);
    const kind = take(2);
    if (kind === 0) copyStored();
    else block(kind === 1 ? fixed : readCodes());
  }
  return out.subarray(0, size);
}
