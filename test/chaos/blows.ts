/**
 * What is done to processes: some are killed (SIGKILL), some stopped for a while (SIGSTOP).
 *
 * @module
 */
import process from "node:process";
import type { Dice } from "../../src/testing/dice.ts";
import type { ApiServer } from "../support/apiserver.ts";
import type { Victim } from "./victims.ts";

/** What can be done, and how often: of so many. */
export const WEIGHTS = {
  "worker killed": 72,
  "director killed": 3,
  "kube-apiserver killed": 2,
  "etcd killed": 0.7,
  "worker stopped": 14,
  "director stopped": 1.5,
  "kube-apiserver stopped": 0.6,
  "etcd stopped": 0.4,
};

/** One of the things that can be done. */
export type Blow = keyof typeof WEIGHTS;

/** How long what is stopped stands, in milliseconds. */
const STANDS: Readonly<Record<"worker" | "director" | "server", readonly [least: number, most: number]>> = {
  worker: [500, 30_000],
  director: [500, 25_000],
  server: [1_000, 8_000],
};

/** Some time, in milliseconds since the Unix epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Whom blows are for. */
export interface BlowOptions {
  readonly server: ApiServer;
  readonly workers: readonly Victim[];
  readonly directors: readonly Victim[];
  readonly dice: Dice;
  readonly weights: Readonly<Record<Blow, number>>;
  /** Between two rounds, on average, in milliseconds. */
  readonly every: number;
}

/** Blows that fall. */
export interface Blows {
  readonly counts: ReadonlyMap<Blow, number>;
  /** When the API server was away, or stood still. */
  readonly outages: readonly Span[];
  /** When the last blow fell, and when what it struck was there again. */
  readonly last: number;
  /** Strikes until then. Nothing stands still afterwards. */
  strike(until: number): Promise<void>;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** How often it is waited for a minute that the API server is ready: a machine may have more to do. */
const TRIES = 4;

/** Starts what was killed of a control plane, and waits until it is ready. */
export async function startAgain(server: ApiServer): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await server.start();
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

/** Prepares for blows; one to three fall at once. */
export function createBlows({ server, workers, directors, dice, weights, every }: BlowOptions): Blows {
  const counts = new Map<Blow, number>();
  const outages: Span[] = [];
  let last = Date.now();
  let outage: Promise<void> | undefined; // one at a time
  let failed: unknown;

  function draw(): Blow {
    const entries = Object.entries(weights) as [Blow, number][];
    let lot = dice.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    return entries.find(([, weight]) => (lot -= weight) < 0)?.[0] ?? "worker killed";
  }

  async function takeAway(name: "apiserver" | "etcd", kills: boolean): Promise<void> {
    const from = Date.now();
    if (kills) {
      await server.kill(name);
      await pause(dice.between(0, 1_500));
    } else {
      const pid = server.pid(name)!;
      process.kill(pid, "SIGSTOP");
      await pause(dice.between(...STANDS.server));
      process.kill(pid, "SIGCONT");
    }
    await startAgain(server);
    last = Date.now();
    outages.push({ from, until: last });
  }

  /** @returns Whether it struck: what stands, cannot be stopped. */
  function deliver(blow: Blow): boolean {
    const [what, how] = blow.split(" ") as ["worker" | "director" | "kube-apiserver" | "etcd", "killed" | "stopped"];
    if (what === "worker" || what === "director") {
      const victim = dice.pick(what === "worker" ? workers : directors);
      if (how === "stopped") return victim.freeze(dice.between(...STANDS[what]));
      victim.kill();
      return true;
    }
    if (outage) return false;
    outage = takeAway(what === "etcd" ? "etcd" : "apiserver", how === "killed")
      .catch((error) => void (failed = error))
      .finally(() => outage = undefined);
    return true;
  }

  return {
    counts,
    outages,
    get last() {
      return last;
    },
    async strike(until) {
      while (Date.now() < until && failed === undefined) {
        await pause(Math.min(every * 2 * dice.fraction(), until - Date.now()));
        const lot = dice.fraction();
        for (let rest = lot < 0.6 ? 1 : lot < 0.85 ? 2 : 3; rest > 0; rest--) {
          let blow = draw();
          for (let tries = 0; tries < 20 && !deliver(blow); tries++) blow = draw();
          counts.set(blow, (counts.get(blow) ?? 0) + 1);
          last = Date.now();
        }
      }
      await outage;
      if (failed !== undefined) throw failed;
      for (const victim of [...workers, ...directors]) victim.thaw();
      last = Date.now();
    },
  };
}
