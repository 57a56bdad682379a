/**
 * How the CRD of this project is known again: written by `npm run crd`.
 *
 * @module
 */

/** Of its spec, and of the schema of its version. */
export const ownTexts: readonly { readonly length: number; readonly fingerprint: string }[] = [
  { length: 15224, fingerprint: "821f66bc594518a6" },
  { length: 13711, fingerprint: "3d706f1f98b7628e" },
];
