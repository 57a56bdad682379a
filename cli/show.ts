import type { Log, RequestState } from "../mod.ts";
import { aboutOf } from "../src/programs/about.ts";
import { momentOf } from "../src/request-state.ts";
import type { Format } from "./log-line.ts";
import { createTransitionPrinter, endText, print, printEnd, type TransitionPrinterOptions } from "./print.ts";
import { createTransitions } from "./transitions.ts";
import { shownObject } from "./yaml.ts";

/** Where a program shows what it is, what happens, and what came of it. */
export interface Show {
  /** A sentence. */
  line(text: string): void;
  /** A new part, for the eye. */
  gap(): void;
  /** Shows what is new in each version of a request that it is given. */
  transitions(options: Pick<TransitionPrinterOptions, "jobs" | "by">): (request: RequestState) => void;
  /** The end of a flow. */
  end(request: RequestState): Promise<void>;
}

/**
 * Where it is shown: on stdout, for people and pipes; in the log, where machines read that: what gathers the output of a pod takes both
 * streams together, and one form of line.
 */
export const showIn = ({ logFormat }: { readonly logFormat?: Format }, log: Log): Show =>
  logFormat === "json" ? logged(log) : printed;

const printed: Show = {
  line: print,
  gap: () => print(""),
  transitions: (options) => createTransitionPrinter(options).show,
  end: printEnd,
};

function logged(log: Log): Show {
  return {
    line: (text) => log.info(text),
    gap: () => {},
    transitions({ by }) {
      const transitions = createTransitions();
      return (request) => {
        for (const { entry, before } of transitions.newIn(request)) {
          if (by !== undefined && entry.by !== by()) continue;
          const { job, state, attempt, outcome, reason } = entry;
          const took = before && momentOf(entry.timestamp) - momentOf(before.timestamp);
          log.info(`Job ${job} is ${state}`, {
            ...aboutOf(request),
            ...{ job, state, attempt, outcome, reason },
            ...Number.isFinite(took) && { ms: took },
            ...by === undefined && { by: entry.by },
          });
        }
      };
    },
    end: async (request) => log.info(endText(request), { ...aboutOf(request), request: shownObject(request) }),
  };
}
