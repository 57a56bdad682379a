/**
 * The CRDs that are there for every sequence.
 *
 * @module
 */
import { parseScenario, type Value } from "../recordings/scenario.ts";
import { group } from "./places.ts";

const listed = "about: x\ncrds: [widgets, gadgets, regions, tools]\nsteps: [{ tick: true }]";

/** Their files, under the group of the fuzz. */
export function fuzzCrds(): readonly Value[] {
  const [area, name] = ["x", "x"];
  const text = JSON.stringify(parseScenario(`${area}/${name}`, listed).crds);
  return JSON.parse(text.replaceAll(`${name}.${area}.example.com`, group)) as Value[];
}
