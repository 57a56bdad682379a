/**
 * How the CRD of this project is known again: written by `npm run crd`.
 *
 * @module
 */

/** Of its spec, and of the schema of its version. */
export const ownTexts: readonly { readonly length: number; readonly fingerprint: string }[] = [
  { length: 15340, fingerprint: "ecc1da93e2fbb47a" },
  { length: 13827, fingerprint: "7e6404a6a1397bb5" },
];
