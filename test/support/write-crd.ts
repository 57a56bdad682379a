/** Writes the CRD as a module, for what must work where no file can be read: `npm run crd`. */
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const root = new URL("../../", import.meta.url);
const crd: unknown = parse(readFileSync(new URL("crds/request-state.yaml", root), "utf8"));

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
