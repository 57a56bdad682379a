/** The flows of the chaos run: a module for --flow. What a handler does is a matter of request, job and attempt alone. */
import {
  defineFlow,
  type Flow,
  implementFlow,
  type Job,
  NeverRetryError,
  type PartialImplementation,
  RetryAfterError,
  SAMPLE,
} from "crd-watcher";
import { lotOf } from "../../src/flow/digest.ts";

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

/** Asks again and again whether something is ready. */
export const poll: Flow = defineFlow("poll", {
  start: "ask",
  jobs: { ask: { next: "take", retry: { lostLimit: 10 } }, take: { retry: { lostLimit: 10 } } },
});

/** Fails until somebody has seen to it. */
export const parcel: Flow = defineFlow("parcel", {
  start: "label",
  jobs: {
    label: { next: "post", onExhausted: "park", retry: { limit: 2, lostLimit: 10, initial: 200 } },
    post: { retry: { lostLimit: 10 } },
  },
});

/** All of them. */
export const FLOWS: readonly Flow[] = [SAMPLE, order, long, poll, parcel];

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
  implementFlow(SAMPLE, { JOB1: does(500), JOB2: does(500) } as never),
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
  implementFlow(poll, {
    async ask(job: Job) {
      await busy(job, 100);
      const ready = 1 + Math.floor(4 * lotOf(`${job.request.metadata.uid} ready`));
      if (job.attempt < ready) throw new RetryAfterError(1_000, "it is not ready yet");
    },
    take: does(300),
  } as never),
  implementFlow(parcel, {
    async label(job: Job) {
      await busy(job, 100);
      if (job.attempt <= 2 && lotOf(`${job.request.metadata.uid} ink`) < 0.6) throw new Error("the printer is out of ink");
    },
    post: does(500),
  } as never),
];
export default flows;
