/** The flows of the chaos run: a module for --flow. What a handler does is a matter of request, job and attempt alone. */
import { defineFlow, type Flow, implementFlow, type Job, NeverRetryError, type PartialImplementation } from "crd-watcher";
import { lotOf } from "../../src/flow/digest.ts";

/** Two jobs in a row. */
export const plain: Flow = defineFlow("plain", ["first", "second"]);

/** A branch, retries, an approval with a timeout, a pause. */
export const order: Flow = defineFlow("order", {
  start: "charge",
  jobs: {
    charge: { on: { paid: "approve", declined: "notify", failed: "notify" }, retry: { limit: 4, initial: 300, lostLimit: 10 } },
    approve: { waitFor: "signal", on: { yes: "ship", no: "refund", timedOut: "refund" }, timeout: 10_000 },
    ship: { next: "cool", retry: { lostLimit: 10 } },
    cool: { after: 2_000, next: "notify" },
    refund: { end: "failed", retry: { lostLimit: 10 } },
    notify: { retry: { lostLimit: 10 } },
  },
});

/** Jobs that take long, and are timed out now and then. */
export const long: Flow = defineFlow("long", {
  start: "dig",
  jobs: {
    dig: { next: "fill", timeout: 8_000, retry: { limit: 5, lostLimit: 10, initial: 200 }, on: { failed: "fill" } },
    fill: { retry: { lostLimit: 10 } },
  },
  deadline: 240_000,
});

/** Waits, unless it is told to stop. */
function busy({ signal, request, job, attempt }: Job, most: number): Promise<void> {
  const ms = 20 + most * lotOf(`${request.metadata.uid} ${job} ${attempt}`) ** 3;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

function fails({ request, job, attempt }: Job): void {
  const lot = lotOf(`${attempt} ${job} ${request.metadata.uid}`);
  if (lot < 0.15) throw new Error("the bank is closed");
  if (lot > 0.97) throw new NeverRetryError("the card is stolen");
}

const does = (most: number) => async (job: Job) => {
  await busy(job, most);
  return { output: { attempt: job.attempt } };
};

const flows: PartialImplementation[] = [
  implementFlow(plain, { first: does(500), second: does(500) } as never),
  implementFlow(order, {
    async charge(job: Job) {
      await busy(job, 1_500);
      fails(job);
      return {
        outcome: lotOf(`${job.request.metadata.uid} outcome`) < 0.8 ? "paid" : "declined",
        output: { attempt: job.attempt },
      };
    },
    ship: does(3_000),
    refund: does(200),
    notify: does(100),
  } as never),
  implementFlow(long, {
    async dig(job: Job) {
      await busy(job, 12_000);
      fails(job);
    },
    fill: does(300),
  } as never),
];
export default flows;
