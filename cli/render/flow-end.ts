import type { RequestState } from "../../mod.ts";
import { plain } from "./paint.ts";
import { timelineLines } from "./timeline.ts";
import { widthOf } from "./width.ts";

/** What is shown of a flow that is over. */
export interface FlowEnd {
  /** How it has ended, as a sentence. */
  readonly sentence: string;
  /** All of it, in lines. */
  readonly object: string;
  /** Where a person looks on. @default {A pipe} */
  readonly screen?: { readonly columns: number; readonly rows: number };
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Lines that stand below what was gone through, beside the sentence: what a demonstration has to say, a prompt, and what parts them. */
const BELOW = 6;

/**
 * The end of a flow. In a pipe the sentence, then the object; on a screen, which the object alone may fill, what was gone through
 * comes after it once more, and the sentence last. Pure.
 */
export function flowEnd(request: RequestState, { sentence, object, screen, now }: FlowEnd): string {
  if (!screen) return `${sentence}\n\n${object}`;
  const [header = "", ...lines] = timelineLines(request, { width: screen.columns, paint: plain, now });
  // It says why a job failed, which may be long.
  const said = Math.ceil(widthOf(sentence) / screen.columns);
  const room = Math.max(1, screen.rows - BELOW - said - 1);
  const kept = lines.length <= room ? lines : ["...", ...lines.slice(1 - room)].slice(0, room);
  return `${object}\n${[header, ...kept].join("\n")}\n\n${sentence}\n`;
}
