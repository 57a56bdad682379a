/**
 * Machines in one virtual time, each with clocks, a connection and a process of its own, that can go wrong.
 *
 * @module
 */
import type { Clock, VirtualClock } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import type { Cluster } from "../../src/ports.ts";

/** A machine with one process. */
export interface Machine {
  /** The process's clocks. */
  readonly clock: Clock;
  readonly cluster: Cluster;
  /** Events that its watches have received, without bookmarks. */
  readonly events: number;
  /** Neither stopped nor killed. */
  readonly runs: boolean;
  /** SIGSTOP: timers do not fire, answers are not read, what was sent goes on. */
  stop(): void;
  /** SIGCONT: answers that came meanwhile are read, then timers fire; resolves afterwards. */
  resume(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
  /** The wall clock is set, by so many milliseconds. */
  setClock(ms: number): void;
  /** The machine sleeps: its process stops, and its monotonic clock with it. */
  sleep(): void;
  /** It is awake again, and its process goes on. */
  wake(): Promise<void>;
  /** The network lets nothing through: calls fail at once, or hang. */
  cut(how: "fails" | "hangs" | "works"): void;
}

/** How its clocks differ from the true time. */
export interface MachineOptions {
  /** Milliseconds by which the wall clock is ahead. @default {0} */
  readonly ahead?: number;
  /** The speed of its clocks. @default {1} */
  readonly speed?: number;
}

/** Sets a machine up. @param time The true time. */
export function createMachine(
  fetch: (request: Request) => Promise<Response>,
  time: VirtualClock,
  { ahead = 0, speed = 1 }: MachineOptions = {},
): Machine {
  let state: "runs" | "stopped" | "killed" = "runs";
  let network: "fails" | "hangs" | "works" = "works";
  let slept = 0; // true milliseconds that the monotonic clock missed
  let asleep: number | undefined; // since when, by the true time
  let resumed = Promise.withResolvers<void>();
  const held: (() => void)[] = [];
  let events = 0;

  const run = (callback: () => void) => {
    if (state === "runs") callback();
    else held.push(callback);
  };
  const whileRunning = async () => {
    while (state !== "runs") await resumed.promise;
  };
  const trueMonotonic = () => (asleep ?? time.monotonic()) - slept;

  const clock: Clock = {
    now: () => time.now() + ahead + time.monotonic() * (speed - 1),
    monotonic: () => trueMonotonic() * speed,
    setTimer(ms, callback) {
      const due = clock.monotonic() + ms;
      let cancel = () => {};
      let cancelled = false;
      const fire = () => {
        if (cancelled) return;
        const rest = due - clock.monotonic();
        // The machine slept meanwhile, and its timers with it.
        if (rest > 0.001) arm(rest);
        else callback();
      };
      const arm = (rest: number) => void (cancel = time.setTimer(rest / speed, () => run(fire)));
      arm(ms);
      return () => {
        cancelled = true;
        cancel();
      };
    },
  };

  const passing = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      work.then(resolve, reject);
    });
  const never = new Promise<never>(() => {});

  const send = async (request: Request): Promise<Response> => {
    if (network === "fails") throw new TypeError("fetch failed", { cause: new Error("connect ENETUNREACH") });
    if (network === "hangs") return await passing(never, request.signal);
    const response = await fetch(request);
    // What the server did is done; the answer may not come through.
    if ((network as string) === "hangs") return await passing(never, request.signal);
    await whileRunning();
    if (!response.body) return response;
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        async transform(chunk, controller) {
          await whileRunning();
          events += new TextDecoder().decode(chunk).match(/^\{"type":"[AMD]/gm)?.length ?? 0;
          if (network === "works") controller.enqueue(chunk);
          else await never;
        },
      }),
    );
    return new Response(body, { status: response.status, headers: response.headers });
  };

  const resume = async () => {
    if (state !== "stopped") return;
    state = "runs";
    resumed.resolve();
    resumed = Promise.withResolvers();
    for (let turn = 0; turn < 4; turn++) await time.settle();
    held.splice(0).forEach(run);
  };
  return {
    clock,
    cluster: createFetchCluster(send, { clock }),
    get events() {
      return events;
    },
    get runs() {
      return state === "runs";
    },
    stop: () => void (state === "runs" && (state = "stopped")),
    resume,
    kill: () => void (state = "killed"),
    setClock: (ms) => void (ahead += ms),
    sleep() {
      asleep = time.monotonic();
      state = "stopped";
    },
    async wake() {
      slept += time.monotonic() - asleep!;
      asleep = undefined;
      await resume();
    },
    cut: (how) => void (network = how),
  };
}
