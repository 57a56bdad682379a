/**
 * Those who start flows, and change their minds.
 *
 * @module
 */
import {
  cancelFlow,
  type ClientOptions,
  type Flow,
  isOver,
  type RequestState,
  resumeFlow,
  retryFlow,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { lotOf } from "../../src/flow/digest.ts";
import { isParked } from "../../src/request-state.ts";
import type { Dice } from "../../src/testing/dice.ts";

/** The people of a run. */
export interface People {
  /** What was done, and how often. */
  readonly counts: ReadonlyMap<string, number>;
  /**
   * How many flows were started, or are about to be. A retry whose answer was lost is asked for once more; where the flow was over by
   * then, it goes on in a new one.
   */
  readonly begun: number;
  /** Whether somebody still has something in mind. */
  readonly isBusy: boolean;
  /** Starts flows until then, so many a second on average. */
  start(until: number, rate: number): Promise<void>;
  /** Shows a version of a request. */
  see(request: RequestState): void;
}

/** How long somebody waits before a change of mind, at the most, in milliseconds. */
const MOOD = 25_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Who gathers, and what for. */
export interface PeopleOptions extends ClientOptions {
  readonly signal: AbortSignal;
  readonly dice: Dice;
  /** What is started: one that is listed twice, twice as often. One of their jobs is called `approve`, and waits for `yes` or `no`. */
  readonly flows: readonly Flow[];
  /** What their keys begin with. */
  readonly prefix: string;
}

/** Gathers them. */
export function gatherPeople({ signal, dice, flows, prefix, ...rest }: PeopleOptions): People {
  const options: ClientOptions = { ...rest, signal };
  const counts = new Map<string, number>();
  const places = new Map<string, string>(); // where a request stands, by uid
  const doing = new Set<Promise<void>>();
  const count = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
  let begun = 0;
  const forks = new Set<string>();
  let failed: unknown;

  /** What a person does, tried until it is done or makes no sense any more. */
  function person(what: string, act: () => Promise<unknown>): void {
    const task = (async () => {
      for (let tries = 0; tries < 200 && !signal.aborted; tries++) {
        try {
          await act();
          return void count(what);
        } catch (error) {
          if (error instanceof TypeError) return void (failed ??= error);
          if ((error as Error).name === "RequestStateError") return void count(`${what} too late`);
          await pause(300);
        }
      }
    })();
    doing.add(task);
    void task.finally(() => doing.delete(task));
  }

  function startOne(flow: Flow): void {
    const key = `${prefix}-${begun++}`;
    const lot = dice.fraction();
    const wait = dice.fraction() * MOOD;
    person("started", async () => {
      const run = await startFlow(flow, { key }, options as never);
      if (lot < 0.05) person("cancelled", async () => (await pause(wait), await cancelFlow(run, options)));
      else if (lot < 0.1) {
        person("suspended", async () => {
          await suspendFlow(run, options);
          await pause(wait);
          person("resumed", () => resumeFlow(run, options));
        });
      }
    });
  }

  return {
    counts,
    get begun() {
      return begun + forks.size;
    },
    get isBusy() {
      if (failed !== undefined) throw failed;
      return doing.size > 0;
    },
    async start(until, rate) {
      while (Date.now() < until) {
        startOne(dice.pick(flows));
        await pause(1_000 / rate * 2 * dice.fraction());
      }
    },
    see(request) {
      const { uid, name } = request.metadata;
      if (request.spec.forkedFrom) forks.add(uid!);
      const { job, state, attempt } = request.spec;
      const parked = isParked(request);
      const place = `${job} ${state} ${attempt} ${parked}`;
      const isNew = places.get(uid!) !== place;
      places.set(uid!, place);
      if (!isNew || isOver(request)) return;
      const lot = lotOf(`${uid} ${place}`);
      const flow = flows.find((each) => each.name === request.spec.flow)!;
      if (parked) {
        person("retried", async () => {
          await pause(lot * 4_000);
          await retryFlow(request, { ...options, flow } as never);
        });
      }
      if (job !== "approve" || state !== "REQUESTED" || lot > 0.85) return; // beyond that nobody is there
      person("signalled", async () => {
        await pause(lot * 3_000);
        await signalFlow(name!, "approve", lot < 0.7 ? "yes" : "no", undefined, { ...options, flow } as never);
      });
    },
  };
}
