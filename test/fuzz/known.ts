/**
 * Differences between the fake and a genuine server that the fuzz finds, and that are as they are: each has a name, and a line in the docs.
 *
 * @module
 */
import type { Contrast } from "./contrast.ts";

interface Known {
  readonly name: string;
  readonly is: (contrast: Contrast) => boolean;
}

const all: readonly Known[] = [];

/** The name of a difference that is known. Pure. */
export const knownDifference = (contrast: Contrast): string | undefined => all.find(({ is }) => is(contrast))?.name;
