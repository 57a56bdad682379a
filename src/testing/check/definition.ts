import type { Flow } from "../../flow/plan.ts";
import type { Fault } from "./hands.ts";
import type { People } from "./setup.ts";

/** What is wrong with a flow by its definition: nothing need be run to see it. Pure. */
export function faultsOfDefinition(flow: Flow, { signals = {}, operator = false }: People): Fault[] {
  if (flow.deadline !== undefined) return [];
  return flow.jobs.flatMap((job): Fault[] => {
    const { parks, on } = flow.plans[job]!;
    if (isEndless(flow, job) && !signals[job]?.always) {
      const remedy = "give it a timeout with a branch for timedOut, or the flow a deadline";
      return [{
        ...{ id: `wait ${job}`, kind: "wait", job },
        message:
          `Job ${job} waits for a signal for ever when nobody gives it: ${remedy}; where somebody always does, say signals: ${
            memberText(job, "{ always: true }")
          }`,
      }];
    }
    return parks && on["failed"] === undefined && !operator
      ? [{
        ...{ id: `parked ${job}`, kind: "parked", job },
        message:
          `Job ${job} is parked when it has failed for good, and stays so when no operator comes: give it a branch for failed, or ` +
          "the flow a deadline; where somebody looks after parked flows, say operator: true",
      }]
      : [];
  });
}

/** Whether a job waits for a signal and for nothing else, whatever the time of the flow. */
export const isEndless = (flow: Flow, job: string): boolean => {
  const { waits, timeout } = flow.plans[job]!;
  return waits?.signal === true && waits.after === undefined && timeout === undefined;
};

const memberText = (name: string, value: string): string =>
  `{ ${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}: ${value} }`;
