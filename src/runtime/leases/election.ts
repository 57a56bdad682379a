import { causeText } from "../../errors.ts";
import {
  ANYTHING,
  checkCluster,
  checkOptions,
  CLOCK,
  FUNCTION,
  LOG,
  type Members,
  METRICS,
  NAMESPACE,
  NUMBER,
  required,
  SIGNAL,
  TEXT,
  TEXTS,
} from "../../options.ts";
import type { Clock, Cluster, Log, Metrics } from "../../ports.ts";
import { createCandidate, type Held, JITTER, RACE_PAUSE } from "./candidate.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { elapsedSince, momentOf } from "../time/elapsed.ts";
import { createTerm, type Leadership, LeadershipError, type Term } from "./leadership.ts";
import { createLeaseLock } from "./lease-lock.ts";
import { holderOf, type Lease } from "./lease.ts";
import { warningLog } from "../log/log.ts";
import { createTrouble } from "../log/trouble.ts";

/** How fast leadership changes hands. All who contend for one lease should agree on it. */
export interface ElectionTimes {
  /** How long a lease lasts without a renewal, in milliseconds, whole seconds. @default {15_000} */
  readonly leaseDuration?: number;
  /** How long the leader goes on without a renewal, in milliseconds; less than `leaseDuration`. @default {10_000} */
  readonly renewDeadline?: number;
  /** How often the leader renews and the others look, in milliseconds; less than `renewDeadline` by 1.2. @default {2_000} */
  readonly retryPeriod?: number;
}

/** An election and what the leader does. */
export interface ElectionOptions extends ElectionTimes {
  /** Where the lease is kept. */
  readonly cluster: Cluster;
  /** Where the lease is. */
  readonly namespace: string;
  /** The lease; made where there is none. */
  readonly name: string;
  /** Of this candidate, unlike any other's and that of an earlier start. */
  readonly identity: string;
  /** Labels of the lease when it is made. @default {{}} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Where it tells what it does. @default {Warnings and errors go to the console; see `createConsoleLog`} */
  readonly log?: Log;
  /** Where `leader_election_master_status` is shown. @default {Nowhere} */
  readonly metrics?: Metrics;
  /** Ends the election; a leader hands over. */
  readonly signal: AbortSignal;
  /**
   * Called each time this candidate becomes the leader. It ends soon after `signal` of its leadership is aborted, and asks
   * `isValid` before each write. When it ends earlier the lease is handed over and the election is over.
   */
  readonly lead: (leadership: Leadership) => Promise<void>;
  /** Between 0 and 1. @default {Math.random} */
  readonly random?: () => number;
}

/** How a mistake in the times is told: their names and values as whoever gave them has written them. */
export interface ElectionWords {
  readonly name: (of: keyof ElectionTimes) => string;
  readonly time: (ms: number) => string;
}

const MILLISECONDS: ElectionWords = { name: (of) => of, time: (ms) => `${ms} ms` };

/** The times, as they are looked at; how they fit together is looked at by themselves. */
export const ELECTION_TIMES: Members<ElectionTimes> = { leaseDuration: NUMBER, renewDeadline: NUMBER, retryPeriod: NUMBER };

const OPTIONS: Members<ElectionOptions> = {
  ...ELECTION_TIMES,
  cluster: ANYTHING, // looked at by itself
  namespace: required(NAMESPACE),
  name: required(TEXT),
  identity: required(TEXT),
  labels: TEXTS,
  clock: CLOCK,
  log: LOG,
  metrics: METRICS,
  signal: required(SIGNAL),
  lead: required(FUNCTION),
  random: FUNCTION,
};

/** @throws {RangeError} Naming what is wrong. */
export function checkElectionTimes(
  { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 }: ElectionTimes,
  { name, time }: ElectionWords = MILLISECONDS,
): Required<ElectionTimes> {
  const wrong = (what: keyof ElectionTimes, is: number, expected: string) =>
    new RangeError(`Cannot hold an election: ${name(what)} is ${time(is)}, expected ${expected}`);
  if (!(Number.isInteger(leaseDuration / 1_000) && leaseDuration > 0)) {
    throw wrong("leaseDuration", leaseDuration, `whole seconds, from ${time(1_000)}`);
  }
  if (!(renewDeadline < leaseDuration)) {
    throw wrong("renewDeadline", renewDeadline, `less than ${name("leaseDuration")}, which is ${time(leaseDuration)}`);
  }
  if (!(retryPeriod > 0 && retryPeriod * JITTER < renewDeadline)) {
    const most = `less than ${time(Math.floor(renewDeadline / JITTER))}, as ${name("renewDeadline")} is ${time(renewDeadline)}`;
    throw wrong("retryPeriod", retryPeriod, `more than 0 and ${most}`);
  }
  return { leaseDuration, renewDeadline, retryPeriod };
}

/**
 * Takes part in an election by a lease, as client-go does and together with it (`tools/leaderelection`).
 *
 * **Guarantees**: by true time no two of these candidates lead at once, whatever their wall clocks say, as long as their
 * monotonic clocks do not differ in speed by more than leaseDuration / renewDeadline: a leader counts from the moment at
 * which it sent its last renewal that took effect, the others from the moment at which they saw it, and they take the lease
 * only as they have seen it. It heals itself from any error until the signal ends it.
 *
 * **Assumptions**: nobody deletes the lease or takes the holder out of it meanwhile: who has not seen it before takes it at
 * once. A lease does not fence: what a leader has sent may arrive after its end, so writes must be conditional.
 *
 * @returns `finished` resolves after the signal, when the lease was handed over; it rejects with what `lead` has thrown.
 * @throws {RangeError} When the times do not fit together.
 */
export function runElection(options: ElectionOptions): { readonly finished: Promise<void> } {
  checkCluster("Cannot hold an election", options?.cluster);
  checkOptions("Cannot hold an election", options, OPTIONS);
  const { cluster, namespace, name, identity, labels, clock = systemClock, log = warningLog, signal, random = Math.random } =
    options;
  const { leaseDuration, renewDeadline, retryPeriod } = checkElectionTimes(options);
  const what = `leases "${namespace}/${name}"`;
  const lock = createLeaseLock({
    cluster,
    metadata: { namespace, name, labels },
    hold: { holder: identity, duration: leaseDuration },
    clock,
    limit: renewDeadline / 2, // a call that hangs is followed by another before the deadline
  });
  const trouble = createTrouble(log, {
    what: `keep ${what}`,
    rights: `get, watch, create and update of leases in "${namespace}" to this user`,
  });
  const candidate = createCandidate({
    cluster,
    key: { namespace, name },
    lock,
    identity,
    leaseDuration,
    retryPeriod,
    clock,
    log,
    trouble,
    signal,
    random,
  });
  let term: Term | undefined; // the last one

  /** Renews the lease until the term is over. @returns The lease as it was last seen in this process's hand. */
  async function keep(leading: Term, { lease, sent }: Held): Promise<Lease> {
    let sure = true; // the lease is as it was last seen, as far as this process knows
    for (let wait = retryPeriod;;) {
      await sleep(clock, Math.max(0, wait - elapsedSince(clock, sent)), leading.signal).catch(() => {});
      if (!leading.isValid()) return lease;
      try {
        const found = sure ? lease : await lock.read(leading.signal);
        if (found && holderOf(found) !== identity) {
          leading.end(new LeadershipError(`${what} was taken by ${holderOf(found) ?? "somebody who gave it back"}`));
          return found;
        }
        sure = false;
        sent = momentOf(clock);
        const held = await lock.hold(found, leading.signal);
        trouble.over();
        wait = held ? retryPeriod : RACE_PAUSE * random();
        if (!held) continue;
        sure = true;
        lease = held;
        leading.renewed(sent);
      } catch (error) {
        if (!leading.isValid()) return lease;
        sure = false;
        sent = momentOf(clock);
        wait = Math.min(Math.max(trouble.met(error), retryPeriod / 4), renewDeadline / 4);
      }
    }
  }

  /** Leaves the lease to the others. It would run out by itself: that this fails is no harm. */
  async function release(last: Lease): Promise<void> {
    try {
      if (await lock.free(last)) return;
      const found = await lock.read();
      if (found && holderOf(found) === identity) await lock.free(found);
    } catch (error) {
      log.debug(`${what} could not be handed over, it runs out by itself: ${causeText(error)}`);
    }
  }

  /** Leads for one term. @returns Whether the election is over. */
  async function serve(held: Held): Promise<boolean> {
    const leading = term = createTerm(clock, { sent: held.sent, limit: renewDeadline, what });
    const end = () => leading.end(new LeadershipError(`The election by ${what} has ended`));
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    let over = signal.aborted;
    const led = (async () => {
      if (!leading.isValid()) return;
      log.info(`Leading by ${what} as ${identity}`);
      try {
        await options.lead(leading);
      } catch (error) {
        if (error !== leading.signal.reason) throw error;
      } finally {
        over ||= leading.isValid();
        end();
      }
    })();
    led.catch(() => {}); // it is awaited below
    const last = await keep(leading, held);
    over ||= signal.aborted;
    if (!over) log.warn(`Not leading any more: ${causeText(leading.signal.reason)}`);
    const patience = clock.setTimer(leaseDuration, () => log.error(`Not contending for ${what}: what it led has not ended yet`));
    try {
      await led;
    } finally {
      patience();
      signal.removeEventListener("abort", end);
      if (over && holderOf(last) === identity) await release(last);
    }
    return over;
  }

  async function run(): Promise<void> {
    const forget = options.metrics?.gauge(MASTER_STATUS, { name }, () => term?.isValid() ? 1 : 0);
    try {
      for (let over = false; !over;) {
        const held = await candidate.acquire();
        over = !held || await serve(held);
      }
    } finally {
      forget?.();
    }
  }
  return { finished: run() };
}

/** client-go's own name. */
const MASTER_STATUS = {
  name: "leader_election_master_status",
  help: "Whether this process is the leader: 1 if it is, 0 if it waits",
  labels: ["name"],
};
