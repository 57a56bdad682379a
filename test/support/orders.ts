import {
  type ClientOptions,
  type Cluster,
  defineFlow,
  type Flow,
  type Handlers,
  runDirector,
  runWorker,
  shape,
  type StandardSchema,
} from "../../mod.ts";
import { createScenario, type Scenario } from "./scenario.ts";

/** The jobs of an order, as the compiler knows them. */
export type OrderJobs = {
  readonly charge: {
    readonly on: { readonly paid: "approve"; readonly declined: "notify" };
    readonly output: StandardSchema<{ readonly receipt: string }>;
  };
  readonly approve: {
    readonly waitFor: "signal";
    readonly on: { readonly yes: "ship"; readonly no: "refund"; readonly timedOut: "refund" };
    readonly timeout: number;
  };
  readonly ship: { readonly next: "notify"; readonly onExhausted: "park" };
  readonly refund: { readonly end: "failed" };
  readonly notify: object;
};

/** An order that somebody must approve. */
export const order: Flow<OrderJobs, StandardSchema<{ readonly amount: number }>> = defineFlow("order", {
  start: "charge",
  input: shape<{ readonly amount: number }>(),
  jobs: {
    charge: { on: { paid: "approve", declined: "notify" }, output: shape<{ readonly receipt: string }>() },
    approve: { waitFor: "signal", on: { yes: "ship", no: "refund", timedOut: "refund" }, timeout: 86_400_000 },
    ship: { next: "notify", onExhausted: "park" },
    refund: { end: "failed" },
    notify: {},
  },
});

/** Handlers that do their work at once. */
export const good: Handlers<typeof order> = {
  charge: async ({ input }) => ({ outcome: "paid", output: { receipt: `for ${input.amount}` } }),
  ship: async () => {},
  refund: async () => {},
  notify: async () => {},
};

/** Orders on a fake cluster. */
export interface Orders extends Scenario {
  /** Of the client under test, on a connection of its own. */
  readonly options: ClientOptions;
  /** Lets time pass until this has settled. */
  readonly pass: <T>(promise: Promise<T>, limit?: number) => Promise<T>;
  /** Runs a director and a worker. @returns Ends them; nothing may be left behind then. */
  readonly work: (handlers?: Partial<Handlers<typeof order>>) => () => Promise<void>;
  /** The watches of the client that are open. */
  readonly watches: () => number;
}

/** Begins a story about orders. */
export function createOrders(): Orders {
  const story = createScenario();
  const open = new Set<AbortSignal>();
  const cluster = story.connect();
  const watched: Cluster = {
    ...cluster,
    watch: (resource, options) => {
      open.add(options.signal!);
      options.signal!.addEventListener("abort", () => open.delete(options.signal!), { once: true });
      return cluster.watch(resource, options);
    },
  };
  return {
    ...story,
    options: { cluster: watched, clock: story.clock, identity: "client-1" },
    async pass(promise, limit) {
      let settled = false;
      const settling = promise.finally(() => settled = true);
      settling.catch(() => {}); // it is awaited below
      await story.until(() => settled, limit);
      return await settling;
    },
    work(handlers = {}) {
      const ending = new AbortController();
      const options = { clock: story.clock, signal: ending.signal };
      const running = [
        runDirector([order], { cluster: story.connect(), ...options }),
        runWorker(order, { ...good, ...handlers }, { cluster: story.connect(), ...options }),
      ];
      return async () => {
        ending.abort();
        await story.end(running);
      };
    },
    watches: () => open.size,
  };
}

/** What it was rejected with. */
export async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (error: Error) => error);
  if (!error) throw new Error("it was not rejected");
  return error.message;
}
