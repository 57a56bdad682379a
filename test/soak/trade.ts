/** The flows of the long soaks. What a handler does is a matter of request, job and attempt alone. */
import {
  type Clock,
  defineFlow,
  type Flow,
  implementFlow,
  type Job,
  NeverRetryError,
  type PartialImplementation,
  RetryAfterError,
} from "crd-watcher";
import { lotOf } from "../../src/flow/digest.ts";
import { sleep } from "../../src/runtime/time/clock.ts";

/** What there is to do, and who does it. */
export interface Trade {
  readonly flows: readonly Flow[];
  readonly implementations: readonly PartialImplementation[];
}

/**
 * The trade of a place. Finished requests are kept for ten of its minutes.
 *
 * @param minute How long a minute lasts there, in milliseconds.
 */
export function createTrade(clock: Clock, minute: number): Trade {
  const flows = flowsOf(minute);
  return { flows, implementations: handlersOf(clock, minute, flows) };
}

function flowsOf(minute: number): readonly [order: Flow, poll: Flow] {
  const ttl = 10 * minute;
  const order: Flow = defineFlow("order", {
    start: "charge",
    jobs: {
      charge: { on: { paid: "approve", declined: "notify", failed: "notify" }, retry: { limit: 4, lostLimit: 10 } },
      approve: { waitFor: "signal", on: { yes: "ship", no: "refund", timedOut: "refund" }, timeout: 5 * minute },
      ship: { next: "cool", timeout: minute, retry: { limit: 10, lostLimit: 10 } },
      cool: { after: minute / 2, next: "notify" },
      refund: { end: "failed", retry: { lostLimit: 10 } },
      notify: { retry: { lostLimit: 10 } },
    },
    ttl,
  });

  const poll: Flow = defineFlow("poll", {
    start: "ask",
    jobs: {
      ask: { next: "label", retry: { lostLimit: 10 } },
      label: { onExhausted: "park", retry: { limit: 2, lostLimit: 10 } },
    },
    deadline: 30 * minute,
    ttl,
  });

  return [order, poll];
}

function handlersOf(clock: Clock, minute: number, [order, poll]: readonly [Flow, Flow]): PartialImplementation[] {
  const second = minute / 60;
  const lot = ({ request, job, attempt }: Job, what: string) => lotOf(`${request.metadata.uid} ${job} ${attempt} ${what}`);
  const busy = (job: Job, most: number) => sleep(clock, most * lot(job, "busy") ** 2, job.signal);
  const does = (most: number) => async (job: Job) => {
    await busy(job, most);
    return { output: { attempt: job.attempt, text: "x".repeat(200) } };
  };
  return [
    implementFlow(order, {
      async charge(job: Job) {
        await busy(job, 5 * second);
        if (lot(job, "fails") < 0.3) throw new Error("the bank is closed");
        if (lot(job, "never") < 0.03) throw new NeverRetryError("the card is stolen");
        return { outcome: lot(job, "outcome") < 0.85 ? "paid" : "declined", output: { attempt: job.attempt } };
      },
      ship: does(70 * second),
      refund: does(second),
      notify: does(second),
    } as never),
    implementFlow(poll, {
      async ask(job: Job) {
        await busy(job, second);
        if (lot(job, "ready") < 0.6) throw new RetryAfterError(20 * second, "it is not ready yet");
      },
      async label(job: Job) {
        await busy(job, second);
        if (job.attempt <= 2 && lotOf(`${job.request.metadata.uid} ink`) < 0.2) throw new Error("the printer is out of ink");
      },
    } as never),
  ];
}
