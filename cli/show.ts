import type { Log, RequestState } from "../mod.ts";
import { spanOf } from "../src/flow/moments.ts";
import { aboutOf } from "../src/programs/about.ts";
import type { Format } from "./log-line.ts";
import { createTransitionPrinter, print, type TransitionPrinterOptions } from "./print.ts";
import { createTransitions } from "./transitions.ts";

/** Where a program that goes on shows what it is, and what it does. */
export interface Show {
  /** A sentence. */
  line(text: string): void;
  /** Shows what is new in each version of a request that it is given. */
  transitions(options: Required<Pick<TransitionPrinterOptions, "jobs" | "by">>): (request: RequestState) => void;
}

/**
 * Where it is shown: on stdout, for people and pipes; in the log, where machines read that: what gathers the output of a pod takes both
 * streams together, and one form of line. (The output of a command that ends with its flow stays what it is, on stdout.)
 */
export const showIn = ({ logFormat }: { readonly logFormat?: Format }, log: Log): Show =>
  logFormat === "json" ? logged(log) : printed;

const printed: Show = {
  line: print,
  transitions: (options) => createTransitionPrinter(options).show,
};

const logged = (log: Log): Show => ({
  line: (text) => log.info(text),
  transitions({ by }) {
    const transitions = createTransitions();
    return (request) => {
      for (const { entry, before } of transitions.newIn(request)) {
        if (entry.by !== by()) continue;
        const { job, state, attempt, outcome, reason } = entry;
        const took = before && spanOf(request, before, entry);
        log.info(`Job ${job} is ${state}`, {
          ...aboutOf(request),
          ...{ job, state, attempt, outcome, reason },
          ...took?.isExact && Number.isFinite(took.ms) && { ms: took.ms },
        });
      }
    };
  },
});
