import { type GraphFormat, graphText } from "../../src/flow/graph-text.ts";
import { flowNamed } from "./start.ts";
import type { RunVerb } from "./verb.ts";

/** Draws the definition of a flow. */
export const run: RunVerb = async (context) => {
  const { given: { operands, output = "mermaid" }, terminal } = context;
  terminal.out(graphText(await flowNamed(context, operands[0]), output as GraphFormat));
  return 0;
};
