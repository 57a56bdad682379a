import { type Clock, defineFlow, type Flow, type Implementation, implementFlow, shape, systemClock } from "../../mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";

const order = defineFlow("order", {
  start: "charge",
  input: shape<{ amount: number }>(),
  jobs: {
    charge: { on: { paid: "approve", declined: "notify" }, retry: { limit: 3, initial: 1_500 } },
    approve: { waitFor: "signal", on: { yes: "ship", no: "refund" } },
    ship: { next: "notify" },
    refund: { end: "failed" },
    notify: {},
  },
});

/** The flow of the story: an order with a branch, a retry and an approval. */
export const ORDER: Flow = order;

/** How long its jobs take, in milliseconds: long enough to be seen. */
const TAKES = { charge: 1_200, ship: 1_600, notify: 500 } as const;
/** How long shipping takes the first time, in milliseconds: its worker is killed before, however busy this machine is. */
const NEVER_OVER = 60_000;

/** What stands in for a bank and a carrier: it takes its time, and fails once. */
export function implementOrder(clock: Clock = systemClock): Implementation {
  return implementFlow(order, {
    async charge({ input, attempt, signal }) {
      await sleep(clock, TAKES.charge, signal);
      if (attempt === 1) throw new Error("the bank does not answer");
      return { outcome: input.amount > 1_000 ? "declined" : "paid", output: { receipt: `r-${input.amount}` } };
    },
    ship: ({ attempt, signal }) => sleep(clock, attempt === 1 ? NEVER_OVER : TAKES.ship, signal),
    refund: async () => {},
    notify: ({ signal }) => sleep(clock, TAKES.notify, signal),
  });
}
