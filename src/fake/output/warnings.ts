/**
 * `Warning` headers: RFC 7234, section 5.5, as `k8s.io/apiserver` writes them.
 *
 * @module
 */

/** Characters that all warnings of an answer may have together; with more, each is cut. */
const limit = 4096;
/** Characters that each may have then. */
const cutAt = 256;

/** Text that no header can carry: the server leaves such a warning out. */
const isControl = /\p{Cc}/u;

const lengthOf = (text: string) => [...text].length;
const cut = (text: string) => [...text].slice(0, cutAt).join("");

/** UTF-8, a character a byte: the only form in which `Headers` take it, and in which `fetch` shows what is on the wire. */
function bytes(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return binary;
}

/**
 * The values of the `Warning` headers of an answer. Pure.
 *
 * Each is in UTF-8, a character a byte, as it is for whoever asks a genuine server with `fetch`: to be read by
 * `new TextDecoder().decode(Uint8Array.from(value, (char) => char.charCodeAt(0)))`.
 *
 * @param texts What the client is to be warned of, in this order; what comes twice is said once.
 */
export function warningHeaders(texts: readonly string[]): readonly string[] {
  const said = new Set<string>();
  let written: string[] = [];
  let size = 0;
  let cutting = false;
  const write = (text: string): void => {
    if (isControl.test(text)) return;
    written.push(text);
    size += lengthOf(text);
  };
  for (const text of texts) {
    if (text === "" || said.has(text)) continue;
    if (cutting && size >= limit) break;
    said.add(text);
    if (cutting) write(cut(text));
    else if (!isControl.test(text) && size + lengthOf(text) > limit) {
      cutting = true;
      [written, size] = [[], 0];
      for (const before of said) write(cut(before));
    } else write(text);
  }
  return written.map((text) => bytes(`299 - "${text.replace(/["\\]/g, "\\$&")}"`));
}
