import { isOver, type RequestState } from "../../mod.ts";
import { waitOf } from "../../src/flow/standing.ts";
import { calledIn } from "../render/advice.ts";
import { adviceLines } from "../render/flow-page.ts";
import { verdictLine } from "../render/verdict.ts";
import { readWorkersFor } from "./get.ts";
import { callOptions, lookOf, type VerbContext } from "./verb.ts";

/** How long nothing may happen to a flow before whoever waits for its end hears why, in milliseconds. */
const PATIENCE = 5_000;

/** Tells whoever waits for the end of a flow what that waits for, once for each thing, and what he can do. */
export interface Standstill {
  /** It is so now. */
  seen(request: RequestState): void;
  end(): void;
}

/** Makes one, for one flow. */
export function createStandstill(context: VerbContext): Standstill {
  const { given, terminal, clock } = context;
  let cancel = () => {};
  const tell = async (request: RequestState) => {
    const called = await calledIn(request);
    // It is said beside the rest: where it cannot be had, the rest is said all the same.
    const workers = await readWorkersFor(request, await callOptions(context)).catch(() => undefined);
    const look = lookOf(context);
    const lines = [
      verdictLine(request, look, { named: true, workers }),
      ...adviceLines(request, { called, module: given.flow, program: context.program() }, look),
    ];
    terminal.note(`${lines.join("\n")}\n`);
  };
  return {
    seen(request) {
      cancel();
      // A worker that has the job may take as long as it needs.
      if (isOver(request) || ["result", "abort"].includes(waitOf(request, clock.now())!.for)) return;
      cancel = clock.setTimer(PATIENCE, () => void tell(request));
    },
    end: () => cancel(),
  };
}
