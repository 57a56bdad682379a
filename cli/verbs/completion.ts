import { nearest } from "../../src/text.ts";
import { UsageError } from "../arguments.ts";
import { completionScript, SHELLS } from "../completion.ts";
import type { RunVerb } from "./verb.ts";

/** Prints the script for a shell. */
export const run: RunVerb = async ({ given: { operands: [name] }, terminal }) => {
  const shell = SHELLS.find((shell) => shell === name);
  if (shell === undefined) {
    const meant = name === undefined ? undefined : nearest(name, SHELLS);
    const remedy = meant === undefined ? `expected one of ${SHELLS.join(", ")}` : `did you mean ${meant}?`;
    throw new UsageError(name === undefined ? `Name the shell: ${remedy}` : `Unknown shell "${name}": ${remedy}`);
  }
  terminal.out(completionScript(shell));
  return 0;
};
