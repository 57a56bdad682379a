/**
 * Texts as bytes: encoders are made once, which takes longer than most texts.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text in UTF-8. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** The text of bytes in UTF-8, without a byte order mark. Pure. */
export const textOfUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** How many bytes a text has in UTF-8. Pure. */
export function byteLength(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return encoder.encode(text).length;
  return text.length;
}
