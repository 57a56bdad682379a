import { aboutOf } from "./about.ts";
import { isAbsent, isConflict, isDenied } from "../errors.ts";
import { decide } from "../flow.ts";
import { expiryOf } from "../flow/ends.ts";
import { isNamed } from "../flow/ownership.ts";
import type { Flow } from "../flow/plan.ts";
import type { Clock, Cluster, Columns, Log } from "../ports.ts";
import { FINISHED, nameOf, ofFlow, REQUEST_STATES, type RequestState } from "../request-state.ts";
import { sleep } from "../runtime/time/clock.ts";
import { createTrouble } from "../runtime/log/trouble.ts";
import { createWorkQueue } from "../runtime/queue/work-queue.ts";

/** Whose finished requests are deleted, and until when. */
export interface ExpiryOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly flows: readonly Flow[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Deletes finished requests when they have been kept long enough. */
export interface Expiry {
  /** A request has left the watch of what is unfinished: it is over, or gone. */
  left(request: RequestState): void;
  /** Resolves after the signal. */
  readonly finished: Promise<void>;
}

/** How often all finished requests are looked through, in milliseconds: whose time to live was changed after its end. */
const PERIOD = 3_600_000;

/** When they are looked through first, in milliseconds: a director that has just begun has better things to do. */
const FIRST = 5_000;

/** Requests that are deleted at once. */
const CONCURRENCY = 4;

/** How long nothing is asked for after a right was missing, in milliseconds: it is missing for all of them. */
const DENIAL = 30_000;

/** Rows a page at the most. They are short, and the server goes through all requests for each page. */
const ROWS = 5_000;

/** All that has to be known of a finished request: a fraction of it, which may be one of a hundred thousand. */
const EXPIRY: Columns<RequestState> = {
  names: ["Name", "Flow", "Finished", "TTL"],
  toObject: ([name, flow, completionTime, ttlSecondsAfterFinished]) =>
    ({
      metadata: { name },
      spec: { flow: flow ?? undefined, ttlSecondsAfterFinished: ttlSecondsAfterFinished ?? undefined },
      status: { completionTime },
    }) as RequestState,
};

/** How late one may be deleted, as a share of its time to live, and at least, in milliseconds. */
const SLACK = { share: 0.01, least: 1_000 };

/**
 * Deletes the finished requests of some flows once their `ttlSecondsAfterFinished` has passed: each one on its own, on
 * condition that it is still as it was read. Never before its time, and at most a hundredth of it later. Nobody watches finished
 * requests: those that were there are listed once, others are noted when they leave the watch of the unfinished.
 */
export function runExpiry({ cluster, namespace, flows, clock, log, signal }: ExpiryOptions): Expiry {
  const due = new Map<number, string[]>(); // names by the moment at which they are looked at: finished requests may be many
  let cancel = () => {};
  let next = Infinity;
  let meanwhile: [name: string, at: number][] | undefined; // noted while a list is under way, which may not show them
  let heldUntil = -Infinity; // on the monotonic clock
  const queue = createWorkQueue({ clock, name: "expiry" });
  const rights = `list, get and delete of requeststates in "${namespace}" to this user`;
  const trouble = createTrouble(log, {
    what: `delete finished requeststates of "${namespace}" when their time to live is over`,
    rights,
  });
  // That they can be listed does not show that they can be deleted.
  const listing = createTrouble(log, { what: `see which finished requeststates of "${namespace}" are to be deleted`, rights });

  function later(name: string, at: number): void {
    if (signal.aborted) return;
    meanwhile?.push([name, at]);
    const step = Math.max(SLACK.least, 10 ** Math.floor(Math.log10(Math.max(1, (at - clock.now()) * SLACK.share))));
    const moment = Math.ceil(at / step) * step;
    const names = due.get(moment);
    if (names) names.push(name);
    else due.set(moment, [name]);
    if (moment < next) wake(moment);
  }

  function wake(moment: number): void {
    cancel();
    next = moment;
    cancel = moment === Infinity ? () => {} : clock.setTimer(Math.max(0, moment - clock.now()), () => {
      for (const [at, names] of due) {
        if (at > clock.now()) continue;
        due.delete(at);
        for (const name of names) queue.add(name);
      }
      wake(Math.min(Infinity, ...due.keys()));
    });
  }

  /** @returns Whether it was deleted. */
  async function look(name: string): Promise<boolean> {
    let request: RequestState;
    try {
      request = await cluster.get<RequestState>(REQUEST_STATES, { namespace, name }, { signal });
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    if (!isNamed(flows, request)) return false; // made anew under its name
    const decision = decide(flows, request, { now: clock.now() });
    if (decision.action === "over" && decision.until !== undefined) later(name, decision.until);
    if (decision.action !== "delete") return false;
    await cluster.delete(REQUEST_STATES, { namespace, name }, { preconditions: decision.preconditions, signal });
    log.debug(`Deleted requeststates "${nameOf(request)}": its time to live after its end is over`, aboutOf(request));
    return true;
  }

  async function work(): Promise<void> {
    for (let name = await queue.take(); name !== undefined; name = await queue.take()) {
      try {
        const wait = heldUntil - clock.monotonic();
        if (wait > 0) await sleep(clock, wait, signal);
        if (await look(name)) trouble.over();
        queue.forget(name);
      } catch (error) {
        if (isDenied(error)) heldUntil = clock.monotonic() + DENIAL;
        if (isConflict(error)) queue.retry(name);
        else if (!isAbsent(error) && !signal.aborted) queue.retry(name, { atLeast: trouble.met(error) });
      } finally {
        queue.done(name);
      }
    }
  }

  // Those of the reference name no flow, and are kept.
  const names = new Set(flows.map(({ name }) => name));

  /** Notes all that are finished already. */
  async function list(): Promise<void> {
    const seen = new Map<string, number>();
    const note = (request: RequestState) => {
      const at = isNamed(flows, request) ? expiryOf(request) : undefined;
      if (at !== undefined) seen.set(request.metadata.name, at);
    };
    const noted = meanwhile = [];
    try {
      for (const name of names) {
        await cluster.list<RequestState>(REQUEST_STATES, {
          namespace,
          fieldSelector: `${ofFlow(name)},${FINISHED}`,
          columns: EXPIRY,
          limit: ROWS,
          signal,
          onPage: ({ items }) => items.forEach(note),
        });
      }
    } finally {
      meanwhile = undefined;
    }
    due.clear();
    for (const [name, at] of [...seen, ...noted]) later(name, at);
  }

  async function listNowAndThen(): Promise<void> {
    await sleep(clock, FIRST, signal).catch(() => {}); // ended: seen below
    for (let wait = PERIOD; !signal.aborted; wait = PERIOD) {
      try {
        await list();
        listing.over();
      } catch (error) {
        if (!signal.aborted) wait = Math.max(10_000, listing.met(error));
      }
      await sleep(clock, wait, signal).catch(() => {}); // ended: seen above
    }
  }

  async function run(): Promise<void> {
    const working = Array.from({ length: CONCURRENCY }, work);
    await listNowAndThen();
    cancel();
    queue.shutDown();
    await Promise.all(working);
  }
  return {
    left(request) {
      const { flow, ttlSecondsAfterFinished: ttl } = request.spec;
      if (flow !== undefined && ttl !== undefined && isNamed(flows, request)) {
        later(request.metadata.name, clock.now() + ttl * 1_000);
      }
    },
    finished: run(),
  };
}
