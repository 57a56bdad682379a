import { isNotFound, isStatus } from "../../errors.ts";
import type { Clock, Log, Reader } from "../../ports.ts";
import { sleep } from "../time/clock.ts";
import { elapsedSince, type Moment, momentOf } from "../time/elapsed.ts";
import { durationOf, type Lease, LEASES, selectorOf } from "./lease.ts";
import { within } from "../time/limit.ts";
import { createLeaseObserver, type Observation } from "./observation.ts";
import { createTrouble } from "../log/trouble.ts";

/** Whose life is judged, and who hears of it. */
export interface LivenessOptions {
  readonly cluster: Reader;
  readonly namespace: string;
  /** What all of their leases are labelled with. */
  readonly labels: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /**
   * Whose life matters now, by identity (the name of the lease), and what each of them holds, by whatever names that. Where nobody's
   * matters, nothing is asked of the server.
   */
  readonly wanted: () => ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Whether this process knows by its own writes that the server takes some. Where it does not, a lease that is not renewed may be one that
   * could not be: it counts only while others are seen to be renewed.
   *
   * @default {It does}
   */
  readonly writes?: () => boolean;
  /**
   * One has not renewed for as long as its lease lasts: told once, until it renews.
   *
   * @param renewed When that was, by the word of its lease, in milliseconds since the Unix epoch; undefined where there is no lease, or it
   * does not say. It is for people: what is judged is the changes that were seen.
   * @param lostAt Then it is taken for lost, unless it renews.
   */
  readonly onSilent: (identity: string, renewed: number | undefined, lostAt: number) => void;
  /** One that was silent has renewed. */
  readonly onReturn: (identity: string) => void;
  /** One is lost; told again as long as it is wanted. */
  readonly onLost: (identity: string) => void;
}

/** Which processes live, judged by their leases. */
export interface Liveness {
  /**
   * Whether a process is lost that holds this, as a read has just shown. A verdict is about what was held before that read: what it takes
   * later it has taken alive.
   */
  isLost(identity: string, holding: string): boolean;
  /** What would be written by a verdict found no answer: others may not have been able to write either. All have their whole time again. */
  doubt(): void;
  /** Resolves after the signal. */
  readonly finished: Promise<void>;
}

/** How often the leases are read, in milliseconds: a renewal is seen so late at the most. */
const PERIOD = 2_500;

/** After a read that failed it is tried again after this, in milliseconds. */
const RETRY = 1_000;

/** How long a read may take, in milliseconds. */
const LIMIT = 5_000;

/** Beyond its duration a lease is given this, in milliseconds. */
const GRACE = 5_000;

/** How long a lease that is not there, or does not say, is waited for, in milliseconds: what workers take unless told. */
const DURATION = 15_000;

/** Without an answer for so long, in milliseconds, the others may have been without one, too. */
const CONTACT = 6_000;

/**
 * Who does not write takes it from the renewals of others that the server takes writes, for so long, in milliseconds: they come every 5
 * seconds, and are seen up to half of that later. It is less than a lease and the grace from the renewal before, so that nobody is
 * taken for lost for an outage; of a shorter lease it is this share.
 */
const PROOF = 10_000;
const PROOF_SHARE = 2 / 3;

/** For how long a verdict is good, in milliseconds. */
const VALID = 5_000;

/**
 * Judges by their leases which processes live.
 *
 * A lease is judged by the changes that this process has seen of it, on its own clock, and only while the server answers: reads
 * that come and go without a gap show that it could have been renewed. After a gap (an outage, a stall of this process) every
 * lease has its whole time again. A lease that is not there is given as long as one that was seen then. Before anybody is
 * called lost, one more read has to show its lease unchanged. Whoever deletes a lease, shortens it or takes its labels away is
 * not its holder, who keeps to what it has said: it lasts as long as before until it is renewed.
 */
export function runLiveness(options: LivenessOptions): Liveness {
  const { cluster, namespace, labels, clock, log, signal, wanted, writes = () => true, onSilent, onReturn, onLost } = options;
  const labelSelector = selectorOf(labels);
  const observer = createLeaseObserver(clock);
  const silent = new Map<string, string | undefined>(); // by name: the last renewal that was seen of it
  const lost = new Map<string, { readonly at: Moment; readonly held: ReadonlySet<string> }>();
  const lasting = new Map<string, { renewTime?: string; ms: number }>(); // by name: how long by the word of its holder
  let contact: Moment | undefined; // when the server last answered
  let renewals = new Map<string, string | undefined>(); // by name, at the last look
  let renewal: Moment | undefined; // when one was seen to be new
  const trouble = createTrouble(log, {
    what: `see in leases of "${namespace}" whether the processes live that hold something`,
    rights: `get and list of leases in "${namespace}" to this user`,
  });

  /** What is seen of a lease that is not there: nothing, and nothing new the next time. */
  const missing = (name: string): Lease => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } });

  async function read<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await within({ clock, ms: LIMIT, action: `Cannot read leases in "${namespace}"`, signal }, call);
  }

  function met(): void {
    if (contact && elapsedSince(clock, contact) > CONTACT) observer.restart();
    contact = momentOf(clock);
  }

  /** Takes in a lease's duration: where nobody has renewed it, it is no less than before. */
  function note(lease: Lease): void {
    const { metadata: { name }, spec } = lease;
    const before = lasting.get(name);
    const renewTime = spec?.renewTime ?? before?.renewTime;
    const kept = renewTime === before?.renewTime ? before?.ms ?? 0 : 0;
    lasting.set(name, { renewTime, ms: Math.max(kept, durationOf(lease)) });
  }

  /** Takes in who has renewed since the last look, whether that one's life matters or not: the server takes writes. */
  function witness(leases: readonly Lease[]): void {
    if (leases.some(({ metadata: { name }, spec }) => spec?.renewTime !== renewals.get(name))) renewal = momentOf(clock);
    renewals = new Map(leases.map(({ metadata: { name }, spec }) => [name, spec?.renewTime]));
    if (!isServed(PROOF)) observer.restart();
  }

  /** Whether the server has taken writes of late. @param ms Milliseconds. */
  const isServed = (ms: number): boolean => writes() || renewal !== undefined && elapsedSince(clock, renewal) <= ms;

  /** When a lease will have run out, in milliseconds by the monotonic clock. */
  const lapseOf = ({ lease, since }: Observation): number => since + (lasting.get(lease.metadata.name)?.ms || DURATION);

  async function look(held: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    const { items } = await read((signal) => cluster.list<Lease>(LEASES, { namespace, labelSelector, signal }));
    met();
    const found = new Map(items.map((lease) => [lease.metadata.name, lease]));
    const leases: Lease[] = [];
    for (const name of held.keys()) leases.push(found.get(name) ?? await readOne(name)); // its labels may have been taken away
    leases.forEach(note);
    witness(items);
    observer.seeAll(leases);
    for (const [name, holdings] of held) await judge(name, holdings);
    for (const known of [silent, lost, lasting]) for (const name of known.keys()) if (!held.has(name)) known.delete(name);
  }

  async function judge(name: string, held: ReadonlySet<string>): Promise<void> {
    const at = clock.monotonic();
    const observation = observer.of(name);
    if (!observation) return; // there was a gap since the list: all begins anew
    const expiry = lapseOf(observation);
    if (at < expiry) {
      lost.delete(name);
      const renewTime = observation.lease.spec?.renewTime;
      // After a gap who has died has its whole time, too, and is told of again.
      const isBack = silent.has(name) && renewTime !== undefined && renewTime !== silent.get(name);
      silent.delete(name);
      if (isBack) onReturn(name);
      return;
    }
    if (!silent.has(name)) {
      silent.set(name, observation.lease.spec?.renewTime);
      const renewed = Date.parse(observation.lease.spec?.renewTime ?? "");
      onSilent(name, Number.isNaN(renewed) ? undefined : renewed, clock.now() + (expiry + GRACE - at));
    }
    if (at < expiry + GRACE) return;
    if (!isServed(Math.min(PROOF, PROOF_SHARE * (expiry - observation.since)))) return observer.restart();
    const lease = await readOne(name);
    note(lease);
    observer.see(lease);
    if (lapseOf(observer.of(name)!) + GRACE > clock.monotonic()) return;
    lost.set(name, { at: momentOf(clock), held });
    onLost(name);
  }

  async function readOne(name: string): Promise<Lease> {
    const lease = await read((signal) => cluster.get<Lease>(LEASES, { namespace, name }, { signal })).catch((error) => {
      // Or nothing that could be the name of one.
      if (isNotFound(error) || isStatus(error) && [400, 422].includes(error.status.code)) return missing(name);
      throw error;
    });
    met();
    return lease;
  }

  /** Until the next look, in milliseconds: no later than somebody's time is over. */
  function pause(names: Iterable<string>): number {
    let wait = PERIOD;
    for (const name of names) {
      const observation = observer.of(name);
      if (!observation) continue;
      const left = lapseOf(observation) + GRACE - clock.monotonic();
      if (left > 0) wait = Math.min(wait, left);
    }
    return Math.ceil(wait);
  }

  async function run(): Promise<void> {
    let wait = PERIOD;
    for (;;) {
      await sleep(clock, wait, signal).catch(() => {}); // ended: seen below
      if (signal.aborted) return;
      const held = wanted();
      if (held.size === 0) {
        observer.restart();
        silent.clear();
        lost.clear();
        lasting.clear();
        contact = renewal = undefined;
        renewals.clear();
        wait = PERIOD;
        continue;
      }
      try {
        await look(held);
        trouble.over();
        wait = pause(held.keys());
      } catch (error) {
        if (signal.aborted) return;
        wait = Math.max(trouble.met(error), RETRY);
      }
    }
  }
  return {
    isLost(identity, holding) {
      const verdict = lost.get(identity);
      return verdict !== undefined && verdict.held.has(holding) && elapsedSince(clock, verdict.at) < VALID;
    },
    doubt() {
      observer.restart();
      lost.clear();
    },
    finished: run(),
  };
}
