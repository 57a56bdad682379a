import { isConflict, isCrdWatcherError, RequestStateError } from "../errors.ts";
import { createDepartures } from "./departures.ts";
import { type DirectorElection, leaseNameOf } from "./director-election.ts";
import { createDriver } from "./driving.ts";
import { beginDuty, type Duty } from "./duty.ts";
import { countBacklog } from "./backlog.ts";
import { createFlowMetrics } from "./flow-metrics.ts";
import { isNamed, whyNotOurs } from "../flow/ownership.ts";
import { type Flow, isFlow } from "../flow/plan.ts";
import { isOver, nameOf, REQUEST_STATES, type RequestState, UNFINISHED } from "../request-state.ts";
import { sleep, systemClock } from "../runtime/time/clock.ts";
import { runController } from "../runtime/controller/controller.ts";
import { runElection } from "../runtime/leases/election.ts";
import { createEventRecorder } from "../runtime/objects/event-recorder.ts";
import { uniqueIdentity } from "../runtime/leases/identity.ts";
import { type Leadership, unopposed } from "../runtime/leases/leadership.ts";
import { labelsOf } from "../runtime/leases/lease.ts";
import { checkCluster, checkOptions } from "../options.ts";
import { checkShared, DIRECTOR, ELECTION } from "./given-options.ts";
import type { PartialImplementation } from "./implementations.ts";
import { runHolders } from "./holders.ts";
import { createNotices } from "./notices.ts";
import { logOf, type Running, type RunOptions } from "./running.ts";
import { createShowing } from "./showing.ts";
import { createSightings } from "./sightings.ts";
import { createStrangers } from "./strangers.ts";

/** How a director is run. */
export interface DirectorOptions extends RunOptions {
  /** Drive this request only, by its uid, and end with it. @default {Every unfinished one of the namespace} */
  readonly request?: RequestState;
  /** Requests worked on at once. @default {8} */
  readonly concurrency?: number;
  /**
   * Whether it contends by a lease with the other directors of the same flows, and writes only while it leads. Without it
   * several directors are as safe, and waste a few writes. It needs the rights to get, list, watch, create, update and
   * delete leases; the leader deletes those of workers that died, and finished requests whose time to live is over.
   * @default {false}
   */
  readonly leaderElect?: boolean | DirectorElection;
  /** How long handlers may go on after their flow was cancelled, or its deadline has come, in milliseconds. @default {30_000} */
  readonly cancelGrace?: number;
  /**
   * After how long a job is taken from a worker that names no claim, as one of the reference, in milliseconds: nobody can see
   * whether that one lives. @default {Never}
   */
  readonly legacyTimeout?: number;
}

/**
 * Runs a director: decides which job of a request comes next, and how it ends.
 *
 * **Guarantees**: each step is one write, conditional on the version it was decided on; a restart at any point loses
 * nothing; several directors do not disturb each other. A job whose worker is lost is given to another one 20 to 25 s after
 * that has last renewed its lease, and never while the server could not be reached. With `leaderElect` one of them writes at a time, the others are ready
 * to go on from where it ends: at once when it is told to end, 15 to 20 seconds after it has died. They look at the leases of workers
 * meanwhile: one that dies together with the leader is taken over no later than any other, as long as others are seen to renew theirs.
 *
 * @param given What it knows: a flow, or what implements one, whose handlers are the workers'; or a list of them. Requests of
 * other flows are left alone.
 * @returns `finished` resolves after the signal; with `request`, when that is over. Rejects with a `RequestStateError`
 * when that request is deleted or broken, and with a `StatusError` when the server refuses its writes for good.
 * @throws {TypeError} When there is no flow, two flows have the same name and the same graph, or a director of one request shall contend for the lead.
 * @throws {RangeError} When `concurrency` is not a positive whole number, or the times of the election do not fit together.
 */
export function runDirector(
  given: Flow | PartialImplementation | readonly (Flow | PartialImplementation)[],
  options: DirectorOptions,
): Running {
  checkCluster("Cannot run a director", options?.cluster);
  checkShared("Cannot run a director", options, DIRECTOR);
  const { cluster, namespace = "default", clock = systemClock, concurrency = 8, request: only } = options;
  const { metrics, health } = options;
  const log = logOf(options);
  const by = options.identity ?? uniqueIdentity("director");
  if (typeof options.leaderElect === "object") {
    checkOptions("Cannot run a director", options.leaderElect, ELECTION, "leaderElect");
  }
  const flows = [given].flat().map((each) => (each as Partial<PartialImplementation> | undefined)?.flow ?? each as Flow);
  if (flows.length === 0 || !flows.every(isFlow)) {
    throw new TypeError("Cannot run a director: it needs a flow as defineFlow gives it, its implementation, or a list of them");
  }
  if (new Set(flows.map(({ name, digest }) => `${name} ${digest}`)).size < flows.length) {
    throw new TypeError("Cannot run a director: two of its flows have the same name and the same graph");
  }
  const { leaderElect = false, cancelGrace, legacyTimeout } = options;
  if (only && leaderElect) throw new TypeError("Cannot run a director: one of a single request does not contend for the lead");
  const counts = createFlowMetrics(metrics, { flows });
  const ending = new AbortController();
  const end = () => ending.abort(options.signal?.reason);
  if (options.signal?.aborted) end();
  options.signal?.addEventListener("abort", end, { once: true });
  let outcome: Error | undefined;

  let isConcluded = false;

  /** Ends the director of one request. */
  const conclude = (error?: Error) => {
    if (!only || isConcluded || ending.signal.aborted) return;
    isConcluded = true;
    outcome = error;
    const conclusion = () => ending.abort();
    if (!driver.isWriting) return conclusion();
    // The watch may be faster than the answer to the write that it shows: what people should hear of that is told when it is answered.
    Promise.race([driver.settled(), sleep(clock, LAST_ANSWER, ending.signal)]).then(conclusion, () => {});
  };
  const isMine = (request: RequestState) => !only || request.metadata.uid === only.metadata.uid;
  const lost = () => new RequestStateError(`requeststates "${nameOf(only!)}" was deleted before it was over`);

  const showing = createShowing(options.onChange, log);
  const show = (request: RequestState, isAnew?: boolean) => {
    if (showing(request, isAnew) && isOver(request)) conclude();
  };

  const sightings = createSightings(clock);
  const telling = new AbortController(); // events go on for a while after the end, not for ever
  const events = createEventRecorder({
    ...{ cluster, clock, log, metrics, component: "crd-watcher-director", instance: by },
    signal: telling.signal,
  });
  const notices = createNotices(events);
  const departures = createDepartures({ cluster, notices, clock, log, signal: ending.signal });
  const driver = createDriver({
    ...{ flows, by, clock, log, notices, cancelGrace, legacyTimeout },
    metrics: counts,
    circumstances: sightings.of,
    requeueAfter: (key, ms) => controller.requeueAfter(key, ms),
    // Of the one request that this director was started for, somebody is waiting to hear.
    ...only && { onStandstill: (text: string) => conclude(new RequestStateError(text)) },
    onWritten: (request) => isMine(request) && show(request),
  });

  let duty: Duty | undefined; // while it may write

  const controller = runController<RequestState>({
    name: "director",
    cluster,
    resource: REQUEST_STATES,
    namespace,
    fieldSelector: only ? `metadata.name=${only.metadata.name}` : UNFINISHED,
    clock,
    log,
    metrics,
    health,
    concurrency,
    signal: ending.signal,
    async reconcile(_, { object: request, saw }) {
      if (!request || !isMine(request) || !duty?.leadership.isValid()) return;
      try {
        const driving = driver.drive(request, duty);
        const newest = driving && await driving;
        if (newest) saw(newest);
      } catch (error) {
        // Whoever leads now sees to it.
        if (!leaderElect || duty.leadership.isValid()) throw error;
      }
    },
    onEvent(event) {
      const { type, object } = event;
      if (!isMine(object)) return;
      sightings.see(event, isSynced);
      if (duty?.leadership.isValid()) departures[type === "DELETED" ? "left" : "seen"](object);
      if (type !== "DELETED") {
        if (!only) strangers.see(object);
        // What is added was not there, or has gone back to an older version.
        return show(object, type === "ADDED");
      }
      driver.forget(object.metadata.uid!);
      notices.forget(object.metadata.uid!);
      duty?.expiry?.left(object);
      conclude(only && lost());
    },
    onError(error) {
      if (!only || isConflict(error) || !isCrdWatcherError(error)) return false;
      conclude(error);
      return true;
    },
  });
  let isSynced = false;
  controller.synced.then(() => {
    isSynced = true;
    if (only && controller.store.get(nameOf(only))?.metadata.uid !== only.metadata.uid) conclude(lost());
  }, () => {});

  const strangers = createStrangers({
    ...{ who: "this director", clock, log },
    why: (request) => whyNotOurs(flows, request),
    seen: (key) => controller.store.get(key),
  });
  const endBacklog = metrics && !only ? countBacklog({ metrics, flows, store: controller.store, clock }) : () => {};

  const concerns = (request: RequestState) => isMine(request) && whyNotOurs(flows, request) === undefined;
  // Before it leads, too: who has been silent for long by then does not have its whole time again.
  const holders = runHolders({
    ...{ cluster, namespace, clock, log, notices, concerns, store: controller.store, signal: ending.signal },
    watches: (request) => isMine(request) && isNamed(flows, request),
    requeue: (key) => controller.requeueAfter(key, 0),
    leads: () => duty?.leadership.isValid() ?? false,
  });
  const begin = (leadership: Leadership): Duty =>
    beginDuty({
      ...{ cluster, namespace, flows, clock, log, leadership, notices, concerns, holders, store: controller.store },
      isSingle: only !== undefined,
      isElected: leaderElect !== false,
    });
  /** While it does not lead its cache follows what others do, so that it can begin at once. */
  async function lead(won: Leadership): Promise<void> {
    duty = begin(won);
    for (const key of controller.store.keys()) controller.requeueAfter(key, 0);
    if (won.isValid()) await new Promise((resolve) => won.signal.addEventListener("abort", resolve, { once: true }));
    await duty.finished;
    await driver.settled();
  }
  if (!leaderElect) duty = begin(unopposed(ending.signal));
  const election = leaderElect && runElection({
    name: leaseNameOf(flows),
    ...leaderElect === true ? {} : leaderElect,
    cluster,
    namespace,
    identity: options.identity === undefined ? by : uniqueIdentity(by), // a given one may be given twice
    labels: labelsOf("director"),
    clock,
    log,
    metrics,
    signal: ending.signal,
    lead,
  });
  return {
    identity: by,
    finished: Promise.all([controller.finished, holders.finished, election ? election.finished : duty!.finished]).then(
      async () => {
        await departures.settled();
        await events.flush();
        telling.abort();
        strangers.close();
        endBacklog();
        options.signal?.removeEventListener("abort", end);
        if (outcome) throw outcome;
      },
    ),
  };
}

/** How long a director of one request that is over waits for the answer to its last write, in milliseconds. */
const LAST_ANSWER = 5_000;
