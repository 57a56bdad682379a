/** Writes the CRD as a module, for what must work where no file can be read, and how the fake knows it again: `npm run crd`. */
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { fingerprint } from "../../src/fake/types/hash.ts";
import { judgedTexts } from "./judged-texts.ts";

const root = new URL("../../", import.meta.url);
const crd: object = parse(readFileSync(new URL("crds/request-state.yaml", root), "utf8"));

writeFileSync(
  new URL("src/request-state-crd.ts", root),
  `/**
 * The CustomResourceDefinition of RequestStates, as \`crds/request-state.yaml\` has it: written by \`npm run crd\`.
 *
 * @module
 */
// deno-fmt-ignore-file

/** The CustomResourceDefinition of RequestStates, parsed: for \`createFakeCluster({ crds: [requestStateCrd] })\`. */
export const requestStateCrd: object = ${JSON.stringify(crd, undefined, 1)};
`,
);

const texts = judgedTexts(crd).map((text) => `  { length: ${text.length}, fingerprint: "${fingerprint(text)}" },\n`);
writeFileSync(
  new URL("src/fake/cel/own-crd.ts", root),
  `/**
 * How the CRD of this project is known again: written by \`npm run crd\`.
 *
 * @module
 */

/** Of its spec, and of the schema of its version. */
export const ownTexts: readonly { readonly length: number; readonly fingerprint: string }[] = [
${texts.join("")}];
`,
);
