import { commit } from "./commit.ts";
import { isCrdWatcherError, RequestStateError } from "../errors.ts";
import { createFlowMetrics } from "./flow-metrics.ts";
import { decide } from "../flow.ts";
import { digestOf } from "../flow/digest.ts";
import type { Flow } from "../flow/plan.ts";
import { type Write, writeOf } from "../flow/write.ts";
import { isOver, nameOf, REQUEST_STATES, type RequestState, UNFINISHED } from "../request-state.ts";
import { systemClock } from "../runtime/clock.ts";
import { runController } from "../runtime/controller.ts";
import { type ElectionTimes, runElection } from "../runtime/election.ts";
import { uniqueIdentity } from "../runtime/identity.ts";
import { guardWrites, type Leadership, unopposed } from "../runtime/leadership.ts";
import { runLeaseCollector } from "../runtime/lease-collector.ts";
import { labelsOf } from "../runtime/lease.ts";
import { silentLog } from "../runtime/log.ts";
import { compareVersions } from "../runtime/version.ts";
import { checkConcurrency, guarded, type Running, type RunOptions } from "./running.ts";

/** How a director is run. */
export interface DirectorOptions extends RunOptions {
  /** Drive this request only, by its uid, and end with it. @default {Every unfinished one of the namespace} */
  readonly request?: RequestState;
  /** Requests worked on at once. @default {8} */
  readonly concurrency?: number;
  /**
   * Whether it contends by a lease with the other directors of the same flows, and writes only while it leads. Without it
   * several directors are as safe, and waste a few writes. It needs the rights to get, list, watch, create, update and
   * delete leases; the leader deletes those of workers that died.
   * @default {false}
   */
  readonly leaderElect?: boolean | DirectorElection;
}

/** How directors elect their leader. */
export interface DirectorElection extends ElectionTimes {
  /** The name of the lease. @default {`crd-watcher-director-` and what tells its flows from others, their graphs included} */
  readonly name?: string;
}

/**
 * Runs a director: decides which job of a request comes next, and how it ends.
 *
 * **Guarantees**: each step is one write, conditional on the version it was decided on; a restart at any point loses
 * nothing; several directors do not disturb each other. With `leaderElect` one of them writes at a time, the others are ready
 * to go on from where it ends: at once when it is told to end, 15 to 20 seconds after it has died.
 *
 * @param flows What it knows. Requests of other flows are left alone.
 * @returns `finished` resolves after the signal; with `request`, when that is over. Rejects with a `RequestStateError`
 * when that request is deleted or broken, and with a `StatusError` when the server refuses its writes for good.
 * @throws {TypeError} When two flows have the same name and the same graph, or a director of one request shall contend for the lead.
 * @throws {RangeError} When `concurrency` is not a positive whole number, or the times of the election do not fit together.
 */
export function runDirector(flows: readonly Flow[], options: DirectorOptions): Running {
  const { cluster, namespace = "default", clock = systemClock, log = silentLog, concurrency = 8, request: only } = options;
  const { metrics, health } = options;
  const counts = createFlowMetrics(metrics);
  const onChange = guarded(options.onChange, log);
  const by = options.identity ?? uniqueIdentity("director");
  checkConcurrency("director", concurrency);
  if (new Set(flows.map(({ name, digest }) => `${name} ${digest}`)).size < flows.length) {
    throw new TypeError("Cannot run a director: two of its flows have the same name and the same graph");
  }
  const { leaderElect = false } = options;
  if (only && leaderElect) throw new TypeError("Cannot run a director: one of a single request does not contend for the lead");
  const ending = new AbortController();
  const end = () => ending.abort(options.signal?.reason);
  if (options.signal?.aborted) end();
  options.signal?.addEventListener("abort", end, { once: true });
  let outcome: Error | undefined;

  /** Ends the director of one request. */
  const conclude = (error?: Error) => {
    if (!only || ending.signal.aborted) return;
    outcome = error;
    ending.abort();
  };
  const isMine = (request: RequestState) => !only || request.metadata.uid === only.metadata.uid;
  const lost = () => new RequestStateError(`requeststates "${nameOf(only!)}" was deleted before it was over`);

  const newest = new Map<string, string>(); // by uid: the version that was last shown
  const show = (request: RequestState) => {
    const { uid, resourceVersion } = request.metadata;
    if (compareVersions(resourceVersion!, newest.get(uid!) ?? "") <= 0) return;
    // Nothing comes after the end; its DELETED may even have come before.
    if (isOver(request)) newest.delete(uid!);
    else newest.set(uid!, resourceVersion!);
    onChange(request);
    if (isOver(request)) conclude();
  };

  const told = new Map<string, string>(); // by uid: why it is left alone, so that it is said once
  const leaveAlone = (request: RequestState, level: "warn" | "debug", why: string) => {
    const text = `Cannot drive requeststates "${nameOf(request)}": ${why}`;
    // Of the one request that this director was started for, somebody is waiting to hear.
    if (only) conclude(new RequestStateError(text));
    else if (told.get(request.metadata.uid!) !== text) log[level](text);
    told.set(request.metadata.uid!, text);
  };

  const plan = (request: RequestState): Write | undefined => {
    const now = clock.now();
    const decision = decide(flows, request, { now });
    if (decision.action === "leave") leaveAlone(request, "debug", decision.because);
    if (decision.action === "report") leaveAlone(request, "warn", decision.fault);
    if (decision.action === "wait" && decision.until !== undefined) {
      controller.requeueAfter(nameOf(request), decision.until - now);
    }
    return decision.action === "write" ? writeOf(request, decision.transition, { by, now }) : undefined;
  };

  // Whether it may write.
  let leadership: Leadership | undefined = leaderElect ? undefined : unopposed(ending.signal);
  const writing = new Set<Promise<unknown>>();

  async function drive(request: RequestState, lead: Leadership): Promise<RequestState | undefined> {
    const guarded = leaderElect ? guardWrites(cluster, lead) : cluster;
    const committing = commit(request, plan, {
      cluster: guarded,
      clock,
      log,
      metrics: counts,
      signal: lead.signal,
      conflict: "throw",
    });
    writing.add(committing);
    try {
      const { request: newest } = await committing;
      if (newest && isMine(newest)) show(newest);
      return newest;
    } catch (error) {
      // Whoever leads now sees to it.
      if (leaderElect && !lead.isValid()) return undefined;
      throw error;
    } finally {
      writing.delete(committing);
    }
  }

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
      if (!request || !isMine(request) || !leadership?.isValid()) return;
      const newest = await drive(request, leadership);
      if (newest) saw(newest);
    },
    onEvent({ type, object }) {
      if (!isMine(object)) return;
      if (type !== "DELETED") return show(object);
      told.delete(object.metadata.uid!);
      newest.delete(object.metadata.uid!);
      conclude(only && lost());
    },
    onError(error) {
      if (!only || !isCrdWatcherError(error)) return false;
      conclude(error);
      return true;
    },
  });
  if (only) {
    const present = () => controller.store.get(nameOf(only))?.metadata.uid === only.metadata.uid;
    controller.synced.then(() => present() || conclude(lost()), () => {});
  }

  /** While it does not lead its cache follows what others do, so that it can begin at once. */
  async function lead(won: Leadership): Promise<void> {
    leadership = won;
    for (const key of controller.store.keys()) controller.requeueAfter(key, 0);
    const guarded = guardWrites(cluster, won);
    await runLeaseCollector({ cluster: guarded, namespace, labels: labelsOf("worker"), clock, log, signal: won.signal });
    if (won.isValid()) await new Promise((resolve) => won.signal.addEventListener("abort", resolve, { once: true }));
    await Promise.allSettled(writing);
  }
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
    finished: Promise.all([controller.finished, election && election.finished]).then(() => {
      options.signal?.removeEventListener("abort", end);
      if (outcome) throw outcome;
    }),
  };
}

/** Directors that would make the same decisions share a lease: those of another version of a flow drive other requests. */
function leaseNameOf(flows: readonly Flow[]): string {
  const [first, ...others] = flows;
  const what = first && others.length === 0 ? first.name : `${flows.length}-flows`;
  return `crd-watcher-director-${what}-${digestOf(flows.map(({ name, digest }) => `${name} ${digest}`).sort()).slice(0, 8)}`;
}
