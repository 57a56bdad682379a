/**
 * Candidates on machines of their own contend for one lease, by the true time.
 *
 * @module
 */
import * as assert from "uvu/assert";
import { createVirtualClock, type LogFields, type VirtualClock } from "../../mod.ts";
import { createFakeCluster, type FakeCluster, until } from "../../src/fake/mod.ts";
import { type ElectionOptions, runElection } from "../../src/runtime/leases/election.ts";
import type { Leadership } from "../../src/runtime/leases/leadership.ts";
import type { Lease } from "../../src/runtime/leases/lease.ts";
import { createMachine, type Machine, type MachineOptions } from "../../src/testing/machine.ts";

/** Where the lease is. */
export const LEASE = "/apis/coordination.k8s.io/v1/namespaces/default/leases/boss";

/** One candidate. */
export interface Contender {
  readonly name: string;
  readonly machine: Machine;
  /** It is the leader, and its process runs. */
  readonly leads: boolean;
  /** Its leadership, the last one. */
  readonly leadership: Leadership | undefined;
  /** What it has logged, without the level debug: `level message`. */
  readonly said: readonly string[];
  /** When it was the leader, by the true time in seconds since the start, rounded to tenths. */
  readonly terms: readonly { readonly from: number; readonly to?: number }[];
  /** SIGTERM. */
  end(): Promise<void>;
}

/** A contest for the lease `boss`. */
export interface Contest {
  readonly time: VirtualClock;
  readonly fake: FakeCluster;
  join(name: string, options?: MachineOptions & Partial<ElectionOptions>): Contender;
  /** The lease as it stands on the server. */
  lease(): Promise<Lease | undefined>;
  /** Sends a request as somebody else. */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Response>;
  /** Who leads now. Never two. */
  readonly leader: string | undefined;
  /** Lets time pass until this one leads. */
  untilLeads(contender: Contender, limit?: number): Promise<void>;
  /** Seconds since the start, by the true time, rounded to tenths. */
  now(): number;
  /** Ends all candidates; no two may have led at once, nothing may be left open. */
  close(): Promise<void>;
}

/** Begins a contest. Whenever somebody begins to lead it is noted who else does. */
export function createContest(random: () => number = Math.random): Contest {
  const time = createVirtualClock();
  const fake = createFakeCluster({ clock: time });
  const contenders: Contender[] = [];
  const now = () => Math.round(time.monotonic() / 100) / 10;
  const leading = () => contenders.filter((contender) => contender.leads).map(({ name }) => name);
  const overlaps: string[] = [];

  const send = (method: string, path: string, body?: unknown, contentType = "application/json") =>
    fake.fetch(
      new Request(`http://cluster.invalid${path}`, {
        method,
        ...body !== undefined && { body: JSON.stringify(body), headers: { "content-type": contentType } },
      }),
    );

  return {
    time,
    fake,
    now,
    send,
    async lease() {
      const response = await send("GET", LEASE);
      return response.ok ? await response.json() : undefined;
    },
    get leader() {
      return leading()[0];
    },
    untilLeads: async (contender, limit) =>
      void await until(() => contender.leads, { clock: time, limit, what: `${contender.name} leads` }),
    join(name, { ahead, speed, ...options } = {}) {
      const machine = createMachine(fake.fetch, time, { ahead, speed });
      const ending = new AbortController();
      const said: string[] = [];
      const terms: { from: number; to?: number }[] = [];
      let leadership: Leadership | undefined;
      const say = (level: string) => (message: string, _?: LogFields) => void said.push(`${level} ${message}`);
      const election = runElection({
        cluster: machine.cluster,
        clock: machine.clock,
        namespace: "default",
        name: "boss",
        identity: name,
        signal: ending.signal,
        log: { debug: () => {}, info: say("info"), warn: say("warn"), error: say("error") },
        random,
        async lead(granted) {
          leadership = granted;
          // Two can only meet when one begins: whoever leads on was alone before.
          if (leading().length > 1) overlaps.push(`${leading().join(" and ")} lead at ${now()} s`);
          const term: { from: number; to?: number } = { from: now() };
          terms.push(term);
          await new Promise((resolve) => granted.signal.addEventListener("abort", resolve, { once: true }));
          term.to = now();
        },
        ...options,
      });
      election.finished.catch(() => {});
      const contender: Contender = {
        name,
        machine,
        said,
        terms,
        get leads() {
          return machine.runs && leadership?.isValid() === true;
        },
        get leadership() {
          return leadership;
        },
        async end() {
          ending.abort();
          let over = false;
          const finished = election.finished.finally(() => over = true);
          finished.catch(() => {}); // it is awaited below
          if (!machine.runs) return;
          await until(() => over, { clock: time, what: `${name} has ended` });
          await finished;
        },
      };
      contenders.push(contender);
      return contender;
    },
    async close() {
      for (const contender of contenders) await contender.end();
      assert.equal(overlaps, []);
      await time.settle();
      if (contenders.every(({ machine }) => machine.runs)) assert.is(time.pending, 0, "timers are left behind");
      fake.close();
    },
  };
}
