import { specOf } from "../../src/fake/crd/crd.ts";
import { Registry } from "../../src/fake/store/registry.ts";
import { encode, type JsonObject } from "../../src/fake/types/json.ts";

/** What of a CRD the fake judges, as it has read it: its spec, and the schemas of its versions. Pure. */
export function judgedTexts(crd: object): string[] {
  const spec = specOf(new Registry().builtin("CustomResourceDefinition").decode(crd as JsonObject).object);
  return [spec, ...spec.versions.map(({ schema }) => schema!.openAPIV3Schema)].map((part) => encode(part));
}
