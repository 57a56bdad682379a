import { FLOW_STATUSES } from "../../src/flow/standing.ts";
import { type FlowStatus, type RequestState, statusOf } from "../../mod.ts";
import { type Paint, STATUS_STYLES } from "../render/paint.ts";

/** A number with its noun: `1 flow`, `1,204 flows`. Pure. */
export const flowsText = (count: number): string => `${count.toLocaleString("en-GB")} ${count === 1 ? "flow" : "flows"}`;

/** Counts flows by where they stand. */
export interface StatusCounts {
  add(requests: readonly RequestState[], now: number): void;
  readonly total: number;
  /** As in `3 running, 1 parked`. */
  text(paint: Paint): string;
}

/** Makes one that has counted nothing. */
export function createStatusCounts(): StatusCounts {
  const counts = new Map<FlowStatus, number>();
  let total = 0;
  return {
    add(requests, now) {
      for (const request of requests) {
        const status = statusOf(request, now);
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
      total += requests.length;
    },
    get total() {
      return total;
    },
    text: (paint) =>
      FLOW_STATUSES.filter((status) => counts.has(status))
        .map((status) => paint(STATUS_STYLES[status], `${counts.get(status)!.toLocaleString("en-GB")} ${status}`)).join(", "),
  };
}
