/**
 * How the CRD of this project is known again: written by `npm run crd`.
 *
 * @module
 */

/** Of its spec, and of the schema of its version. */
export const ownTexts: readonly { readonly length: number; readonly fingerprint: string }[] = [
  { length: 15421, fingerprint: "ae50bb83c29a62f1" },
  { length: 13908, fingerprint: "2280702290ce480e" },
];
