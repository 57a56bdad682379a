/**
 * Bytes as Go takes them for UTF-8: each one that belongs to no character becomes U+FFFD.
 *
 * @module
 */

// A byte order mark is a character like others.
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** How many bytes a character has that begins so; 0 where none does. */
const widthOf = (lead: number): number => lead < 0x80 ? 1 : lead >> 5 === 6 ? 2 : lead >> 4 === 14 ? 3 : lead >> 3 === 30 ? 4 : 0;
/** The least value of a character of that many bytes. */
const least = [0, 0, 0x80, 0x800, 0x10000];

/** The character at a place, and what is wrong with it. */
interface Read {
  readonly point: number;
  readonly width: number;
  readonly fault?: string;
}

/** Faults are worded as libyaml words them. */
function readAt(bytes: Uint8Array, at: number): Read {
  const lead = bytes[at]!;
  const width = widthOf(lead);
  const broken = (fault: string): Read => ({ point: 0xfffd, width: 1, fault });
  if (width === 0) return broken("invalid leading UTF-8 octet");
  if (width === 1) return { point: lead, width };
  let point = lead & (0x7f >> width);
  for (let index = 1; index < width; index++) {
    const next = bytes[at + index];
    if (next === undefined) return broken("incomplete UTF-8 octet sequence");
    if (next >> 6 !== 2) return broken("invalid trailing UTF-8 octet");
    point = point << 6 | next & 0x3f;
  }
  if (point < least[width]!) return broken("invalid length of a UTF-8 sequence");
  if (point >> 11 === 0x1b || point > 0x10ffff) return broken("invalid Unicode character");
  return { point, width };
}

/** The text of bytes. Pure. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = "";
    for (let at = 0; at < bytes.length;) {
      const { point, width } = readAt(bytes, at);
      text += String.fromCodePoint(point);
      at += width;
    }
    return text;
  }
}

/** What libyaml finds wrong with bytes first. Pure. @returns Nothing where they are UTF-8. */
export function utf8Fault(bytes: Uint8Array): string | undefined {
  for (let at = 0; at < bytes.length;) {
    const { width, fault } = readAt(bytes, at);
    if (fault !== undefined) return fault;
    at += width;
  }
  return undefined;
}

/** The byte that a place in the text of bytes was made of, or begins with. Pure. */
export function byteAt(bytes: Uint8Array, place: number): number | undefined {
  let at = 0;
  for (let index = 0; at < bytes.length && index < place;) {
    const { point, width } = readAt(bytes, at);
    index += point > 0xffff ? 2 : 1;
    at += width;
  }
  return bytes[at];
}
