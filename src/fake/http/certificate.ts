/**
 * A certificate for loopback and an authority for it alone, made anew for each server: X.509 version 3 (RFC 5280) with
 * keys on the curve P-256. Kubernetes' clients send tokens over TLS only.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** What a server needs for TLS, and its clients to trust it. All in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The authority that signed it. Its key is forgotten. */
  readonly ca: string;
}

/** DER (X.690). */
type Bytes = Uint8Array;

const day = 24 * 60 * 60 * 1000;

function der(tag: number, ...parts: readonly Bytes[]): Bytes {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Uint8Array.from([tag, ...length, ...parts.flatMap((part) => [...part])]);
}

const bytes = (...values: number[]): Bytes => Uint8Array.from(values);
/** A sequence (X.690, 8.9). */
export const sequence = (...parts: readonly Bytes[]): Bytes => der(0x30, ...parts);
const bits = (value: Bytes): Bytes => der(0x03, bytes(0), value);
const ascii = (text: string): Bytes => new TextEncoder().encode(text);

/** An object identifier whose arcs past the second one are given. */
export function identifier(first: number, ...arcs: number[]): Bytes {
  const encoded = arcs.flatMap((arc) => {
    const groups = [arc & 127];
    for (let rest = arc >> 7; rest > 0; rest >>= 7) groups.unshift((rest & 127) | 128);
    return groups;
  });
  return der(0x06, bytes(first, ...encoded));
}

const ecdsaWithSha256 = sequence(identifier(42, 840, 10045, 4, 3, 2));
const attribute = (number: number, text: string): Bytes => der(0x31, sequence(identifier(85, 4, number), der(0x0c, ascii(text))));
const named = (name: string, groups: readonly string[] = []): Bytes =>
  sequence(...groups.map((group) => attribute(10, group)), attribute(3, name));

function time(ms: number): Bytes {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050 ? der(0x17, ascii(`${digits.slice(2)}Z`)) : der(0x18, ascii(`${digits}Z`));
}

/** Extension `id-ce` of that number. */
export const extension = (number: number, critical: boolean, value: Bytes): Bytes =>
  sequence(identifier(85, 29, number), ...(critical ? [der(0x01, bytes(255))] : []), der(0x04, value));

const authorityExtensions = [
  extension(19, true, sequence(der(0x01, bytes(255)))),
  extension(15, true, der(0x03, bytes(1, 0x06))),
];
const names = [der(0x82, ascii("localhost")), der(0x87, bytes(127, 0, 0, 1)), der(0x87, bytes(...Array(15).fill(0), 1))];
const serverExtensions = [
  extension(15, true, der(0x03, bytes(7, 0x80))),
  extension(37, false, sequence(identifier(43, 6, 1, 5, 5, 7, 3, 1))),
  extension(17, false, sequence(...names)),
];

const pem = (label: string, value: Bytes): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(value).toString("base64").replace(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;

/** An authority that signs certificates. */
export interface Authority {
  /** Its own certificate, in PEM. */
  readonly ca: string;
  /** Makes a certificate that is valid for ten years, and its key. */
  issue(name: string, extensions: readonly Bytes[], groups?: readonly string[]): Omit<Certificate, "ca">;
}

/** Makes an authority of that name. Its key is never told. */
export function createAuthority(issuer: string): Authority {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signed = (subject: Bytes, key: KeyObject, extensions: readonly Bytes[]): string => {
    const now = Date.now();
    const serial = randomBytes(16);
    serial[0] = (serial[0]! & 0x7f) | 0x40;
    const body = sequence(
      der(0xa0, der(0x02, bytes(2))),
      der(0x02, serial),
      ecdsaWithSha256,
      named(issuer),
      sequence(time(now - day), time(now + 3650 * day)),
      subject,
      key.export({ type: "spki", format: "der" }),
      der(0xa3, sequence(...extensions)),
    );
    return pem("CERTIFICATE", sequence(body, ecdsaWithSha256, bits(sign("sha256", body, authority.privateKey))));
  };
  return {
    ca: signed(named(issuer), authority.publicKey, authorityExtensions),
    issue(name, extensions, groups) {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
        cert: signed(named(name, groups), publicKey, extensions),
      };
    },
  };
}

/** Makes a certificate for 127.0.0.1, ::1 and localhost that is valid for ten years. */
export function createCertificate(): Certificate {
  const { ca, issue } = createAuthority(`fake-cluster-ca@${Math.floor(Date.now() / 1000)}`);
  return { ...issue("fake-cluster", serverExtensions), ca };
}
