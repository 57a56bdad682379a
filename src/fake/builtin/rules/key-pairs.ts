/**
 * A certificate and its key, as Go's `tls.X509KeyPair` reads them.
 *
 * @module
 */

interface Block {
  readonly type: string;
  /** In base64, without white space. */
  readonly body: string;
}

const block = /^-----BEGIN ([^\r\n-]*)-----[ \t]*\r?\n(?:[^\n:]*:[^\n]*\n)*([\sA-Za-z0-9+/=]*?)-----END \1-----/gm;

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(block)].map(([, type = "", body = ""]) => ({ type, body: body.replace(/\s/g, "") }))
    .filter(({ body }) => body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body));

const isKey = ({ type }: Block) => type === "PRIVATE KEY" || type.endsWith(" PRIVATE KEY");
const listed = (blocks: readonly Block[]) => `[${blocks.map(({ type }) => type).join(" ")}]`;

function certificateFault(blocks: readonly Block[]): string | undefined {
  if (blocks.some(({ type }) => type === "CERTIFICATE")) return undefined;
  if (blocks.length === 0) return "tls: failed to find any PEM data in certificate input";
  return blocks.length === 1 && blocks[0]!.type.endsWith("PRIVATE KEY")
    ? "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
    : `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${
      listed(blocks)
    }`;
}

function keyFault(blocks: readonly Block[]): string | undefined {
  if (blocks.some(isKey)) return undefined;
  if (blocks.length === 0) return "tls: failed to find any PEM data in key input";
  return blocks.length === 1 && blocks[0]!.type === "CERTIFICATE"
    ? "tls: found a certificate rather than a key in the PEM for the private key"
    : `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${
      listed(blocks)
    }`;
}

/** Where the contents of a sequence begin and end in DER. @returns Nothing where there is none. */
function sequence(bytes: string, from: number): readonly [number, number] | undefined {
  if (bytes.charCodeAt(from) !== 0x30) return undefined;
  let [length, at] = [bytes.charCodeAt(from + 1), from + 2];
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) return undefined;
    length = 0;
    for (const end = at + count; at < end; at++) length = length * 256 + bytes.charCodeAt(at);
  }
  return at + length <= bytes.length ? [at, at + length] : undefined;
}

/** What is wrong with the outermost form of a certificate. */
function formFault(body: string): string | undefined {
  const bytes = atob(body);
  const outer = sequence(bytes, 0);
  if (!outer) return "x509: malformed certificate";
  if (!sequence(bytes.slice(0, outer[1]), outer[0])) return "x509: malformed tbs certificate";
  return outer[1] === bytes.length ? undefined : "x509: trailing data";
}

/** What is wrong with a certificate and its key. LIMIT: whether they fit each other, and what is in them, is not judged. Pure. */
export function keyPairFault(certificate: string, key: string): string | undefined {
  const [certificates, keys] = [blocksOf(certificate), blocksOf(key)];
  return certificateFault(certificates) ?? keyFault(keys) ??
    formFault(certificates.find(({ type }) => type === "CERTIFICATE")!.body);
}
