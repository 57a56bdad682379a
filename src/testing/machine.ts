/**
 * Machines in one virtual time, each with clocks, a connection and a process of its own, that can go wrong.
 *
 * @module
 */
import { createFetchCluster } from "../adapters/fetch.ts";
import type { Clock, Cluster } from "../ports.ts";
import type { VirtualClock } from "../runtime/clock.ts";

/** A machine with one process. */
export interface Machine {
  /** The process's clocks. */
  readonly clock: Clock;
  readonly cluster: Cluster;
  /** Events that its watches have received, without bookmarks. */
  readonly events: number;
  /** Watches that are open. */
  readonly watches: number;
  /** Calls whose answer has not begun. */
  readonly calls: number;
  /** Neither stopped nor killed. */
  readonly runs: boolean;
  /** SIGSTOP: timers do not fire, answers are not read, what was sent goes on. */
  stop(): void;
  /** SIGCONT: answers that came meanwhile are read, then timers fire; resolves afterwards. */
  resume(): Promise<void>;
  /** SIGKILL: what it has sent goes on, its connections are closed, and nothing of it is left. */
  kill(): void;
  /** The wall clock is set, by so many milliseconds. */
  setClock(ms: number): void;
  /** The machine sleeps: its process stops, and its monotonic clock with it. */
  sleep(): void;
  /** It is awake again, and its process goes on. */
  wake(): Promise<void>;
  /** The network lets nothing through: calls fail at once, or hang. */
  cut(how: Network): void;
  /** All its open watches break. */
  dropWatches(): void;
}

/** What a network does with what is sent. */
export type Network = "fails" | "hangs" | "works";

/** How its clocks differ from the true time. */
export interface MachineOptions {
  /** Milliseconds by which the wall clock is ahead. @default {0} */
  readonly ahead?: number;
  /** The speed of its clocks. @default {1} */
  readonly speed?: number;
}

/** An answer that is being read. */
interface Body {
  readonly isWatch: boolean;
  /** It breaks. */
  drop(): void;
  /** Nobody reads it any more. */
  leave(): void;
}

/** Each time one of its own: who waits for it is held by nothing else. */
const never = () => new Promise<never>(() => {});

const HEAD = new TextEncoder().encode('{"type":"');
const TYPES = new TextEncoder().encode("AMD");

/** How many lines begin as an event does that is no bookmark. */
function eventsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at >= 0 && at < bytes.length;) {
    if (HEAD.every((byte, place) => bytes[at + place] === byte) && TYPES.includes(bytes[at + HEAD.length]!)) count++;
    at = bytes.indexOf(10, at) + 1 || -1;
  }
  return count;
}

/** Sets a machine up. @param time The true time. */
export function createMachine(
  fetch: (request: Request) => Promise<Response>,
  time: VirtualClock,
  { ahead = 0, speed = 1 }: MachineOptions = {},
): Machine {
  let state: "runs" | "stopped" | "killed" = "runs";
  let network: Network = "works";
  let slept = 0; // true milliseconds that the monotonic clock missed
  let asleep: number | undefined; // since when, by the true time
  let resumed = Promise.withResolvers<void>();
  const held: (() => void)[] = [];
  const timers = new Set<() => void>(); // each cancels one
  const bodies = new Set<Body>();
  let events = 0;
  let calls = 0;

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
      if (state === "killed") return () => {};
      const due = clock.monotonic() + ms;
      let cancel = () => {};
      let cancelled = false;
      const fire = () => {
        if (cancelled) return;
        const rest = due - clock.monotonic();
        // The machine slept meanwhile, and its timers with it.
        if (rest > 0.001) return arm(rest);
        timers.delete(end);
        callback();
      };
      const arm = (rest: number) => void (cancel = time.setTimer(rest / speed, () => run(fire)));
      const end = () => {
        cancelled = true;
        timers.delete(end);
        cancel();
      };
      timers.add(end);
      arm(ms);
      return end;
    },
  };

  const passing = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      work.then(resolve, reject);
    });

  const read = (source: ReadableStream<Uint8Array>, isWatch: boolean): ReadableStream<Uint8Array> => {
    const reader = source.getReader();
    let over = false;
    const end = () => {
      over = true;
      bodies.delete(body);
    };
    const leave = () => {
      end();
      reader.cancel().catch(() => {}); // it may have failed already
    };
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body: Body = {
      isWatch,
      leave,
      drop() {
        leave();
        own.error(new TypeError("terminated", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) }));
      },
    };
    bodies.add(body);
    return new ReadableStream<Uint8Array>({
      start: (controller) => void (own = controller),
      async pull(controller) {
        const next = await reader.read().catch((error: unknown) => ({ error }));
        await whileRunning();
        if (over) return;
        if ("error" in next) {
          end();
          return controller.error(next.error);
        }
        if (next.done) {
          end();
          return controller.close();
        }
        if (isWatch) events += eventsIn(next.value);
        if (network === "works") controller.enqueue(next.value);
        else await never();
      },
      cancel: leave,
    }, { highWaterMark: 0 });
  };

  const answer = async (request: Request): Promise<Response> => {
    if (state !== "runs") await whileRunning();
    if (network === "fails") throw new TypeError("fetch failed", { cause: new Error("connect ENETUNREACH") });
    if (network === "hangs") return await passing(never(), request.signal);
    const response = await fetch(request);
    // What the server did is done; the answer may not come through.
    if ((network as Network) === "hangs") return await passing(never(), request.signal);
    await whileRunning();
    if (!response.body) return response;
    const body = read(response.body, new URL(request.url).searchParams.get("watch") === "true");
    return new Response(body, { status: response.status, headers: response.headers });
  };
  const send = (request: Request): Promise<Response> => {
    calls++;
    return answer(request).finally(() => calls--);
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
    get watches() {
      return [...bodies].filter(({ isWatch }) => isWatch).length;
    },
    get calls() {
      return calls;
    },
    get runs() {
      return state === "runs";
    },
    stop: () => void (state === "runs" && (state = "stopped")),
    resume,
    kill() {
      state = "killed";
      held.length = 0;
      for (const cancel of [...timers]) cancel();
      for (const body of [...bodies]) body.leave();
    },
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
    dropWatches() {
      for (const body of [...bodies]) if (body.isWatch) body.drop();
    },
  };
}
