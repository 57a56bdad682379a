import { meantText } from "../../src/text.ts";
import { compileStage } from "../../src/fake/stages/compiled.ts";
import * as readyMade from "../../src/fake/stages/ready-made.ts";
import { type Stage, StageError } from "../../src/fake/stages/stage.ts";
import { type Document, readDocuments } from "../../src/fake/manifests.ts";

const known: Readonly<Record<string, Stage>> = readyMade;

/**
 * Reads the stages of a file, or of the files of a folder: lists of stages, and of names of those that there are already.
 *
 * @param flag Where the path was given, for messages.
 * @throws {Error} with one sentence, which names the file and the place in it.
 */
export async function readStages(path: string, flag: string): Promise<Stage[]> {
  return (await readDocuments(path, flag, "stages")).flatMap(stagesIn);
}

/** The stages of a document. Pure. @throws {Error} with one sentence. */
export function stagesIn({ value, origin }: Document): Stage[] {
  return Array.isArray(value)
    ? value.map((item, index) => stageOf({ value: item, origin: `${origin}, item ${index + 1}` }))
    : [stageOf({ value, origin })];
}

function stageOf({ value, origin }: Document): Stage {
  if (typeof value === "string") {
    if (Object.hasOwn(known, value)) return known[value]!;
    throw new Error(
      `Cannot use ${JSON.stringify(value)} of ${origin} as a stage: expected ${
        Object.keys(known).join(", ")
      }, or one of your own${meantText(value, Object.keys(known))}`,
    );
  }
  try {
    return compileStage(value).stage;
  } catch (error) {
    throw error instanceof StageError
      ? new Error(`Cannot use ${error.what} of ${origin}: ${error.why}`, { cause: error })
      : error;
  }
}
