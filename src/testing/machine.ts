/**
 * Machines in one virtual time, each with clocks, a connection and a process of its own, that can go wrong.
 *
 * @module
 */
import { createFetchTransport } from "../adapters/transport/fetch-transport.ts";
import { createCluster } from "../adapters/api/http.ts";
import type { Answer, ByteStream, Transport } from "../adapters/transport/transport.ts";
import type { Clock, Cluster } from "../ports.ts";
import type { VirtualClock } from "../runtime/time/clock.ts";

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
  /** The network lets nothing through: calls, those under way too, fail at once, or hang. */
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

/** A watch that is being read. */
interface OpenStream {
  /** It breaks. */
  drop(): void;
  /** Nobody reads it any more. */
  leave(): void;
}

const failed = (why: string) => new TypeError("fetch failed", { cause: new Error(why) });

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

/**
 * Sets a machine up.
 *
 * @param reach How it reaches the server, over a network that works.
 * @param time The true time.
 */
export function createMachine(
  reach: Transport | ((request: Request) => Promise<Response>),
  time: VirtualClock,
  { ahead = 0, speed = 1 }: MachineOptions = {},
): Machine {
  const transport = typeof reach === "function" ? createFetchTransport(reach) : reach;
  let state: "runs" | "stopped" | "killed" = "runs";
  let network: Network = "works";
  let slept = 0; // true milliseconds that the monotonic clock missed
  let asleep: number | undefined; // since when, by the true time
  let resumed = Promise.withResolvers<void>();
  const held: (() => void)[] = [];
  const timers = new Set<() => void>(); // each cancels one
  const streams = new Set<OpenStream>();
  let events = 0;
  let calls = 0;

  const run = (callback: () => void) => {
    if (state === "runs") callback();
    else held.push(callback);
  };
  const isRunning = () => state === "runs";
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

  const read = (source: ByteStream): ByteStream => {
    let over = false;
    let broken: Error | undefined;
    let waiting: { resolve(bytes: undefined): void; reject(error: Error): void } | undefined;
    const end = () => {
      over = true;
      streams.delete(stream);
    };
    const leave = () => {
      end();
      source.cancel();
      waiting?.resolve(undefined);
    };
    const stream: OpenStream = {
      leave,
      drop() {
        broken = new TypeError("terminated", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });
        waiting?.reject(broken);
        leave();
      },
    };
    streams.add(stream);
    const next = async (): Promise<Uint8Array | undefined> => {
      const bytes = await source.read().catch((error: unknown) => ({ error }));
      if (state !== "runs") await whileRunning();
      if (over) return undefined;
      if (bytes === undefined) return end() as undefined;
      if ("error" in bytes) {
        end();
        throw bytes.error;
      }
      events += eventsIn(bytes);
      return network === "works" ? bytes : await never();
    };
    return {
      code: source.code,
      read: () =>
        new Promise((resolve, reject) => {
          if (broken) return reject(broken);
          if (over) return resolve(undefined);
          waiting = { resolve, reject };
          next().then(resolve, reject);
        }),
      cancel: leave,
    };
  };

  /** What is sent, and what comes of it where the process and its network are well. */
  const send = async <T extends Answer | ByteStream>(perform: () => Promise<T>): Promise<T> => {
    calls++;
    try {
      if (state !== "runs") await whileRunning();
      if (network === "fails") throw failed("connect ENETUNREACH");
      if (network === "hangs") return await never();
      const answer = await perform().catch((error: unknown) => ({ error }));
      // What the server did is done; the answer may not come through.
      if ((network as Network) === "hangs") return await never();
      if (!isRunning()) await whileRunning();
      if ((network as Network) === "fails") throw failed("read ECONNRESET");
      if ("error" in answer) throw answer.error;
      return answer;
    } finally {
      calls--;
    }
  };
  const own: Transport = {
    server: transport.server,
    text: (request, life) => send(() => transport.text(request, life)),
    stream: async (request, life) => read(await send(() => transport.stream(request, life))),
    close: () => transport.close(),
  };

  /** What came meanwhile is read: at this moment, too, where somebody lets time pass and others are never quiet. */
  const atRest = async () => {
    let cancel = () => {};
    const inTime = new Promise<void>((resolve) => {
      const wait = (turns: number): void => void (cancel = time.setTimer(0, turns === 0 ? resolve : () => wait(turns - 1)));
      wait(3);
    });
    const withoutTime = async () => {
      for (let turn = 0; turn < 4; turn++) await time.settle();
    };
    await Promise.race([inTime, withoutTime()]);
    cancel();
  };

  const resume = async () => {
    if (state !== "stopped") return;
    state = "runs";
    resumed.resolve();
    resumed = Promise.withResolvers();
    await atRest();
    held.splice(0).forEach(run);
  };
  return {
    clock,
    cluster: createCluster(own, { clock }),
    get events() {
      return events;
    },
    get watches() {
      return streams.size;
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
      for (const stream of [...streams]) stream.leave();
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
      for (const stream of [...streams]) stream.drop();
    },
  };
}
