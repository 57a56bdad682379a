/**
 * How the CRD of this project is known again: written by `npm run crd`.
 *
 * @module
 */

/** Of its spec, and of the schema of its version. */
export const ownTexts: readonly { readonly length: number; readonly fingerprint: string }[] = [
  { length: 15421, fingerprint: "de1c9f0ed566c963" },
  { length: 13908, fingerprint: "8e7c415d8a6ceed3" },
];
