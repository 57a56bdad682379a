import { checkCluster } from "../options.ts";
import type { Handlers } from "../flow/handler.ts";
import type { Middleware } from "../flow/middleware.ts";
import type { Flow } from "../flow/plan.ts";
import { nameOf, REQUEST_STATES, type RequestState, type State, UNFINISHED } from "../request-state.ts";
import { sleep, systemClock } from "../runtime/time/clock.ts";
import { runController } from "../runtime/controller/controller.ts";
import { uniqueIdentity } from "../runtime/leases/identity.ts";
import { runPresence } from "../runtime/leases/presence.ts";
import { createAttendant } from "./attending.ts";
import { createClaims } from "./claiming.ts";
import { drain } from "./draining.ts";
import { createFlowMetrics } from "./flow-metrics.ts";
import { checkShared, WORKER } from "./given-options.ts";
import { createHeldJobs } from "./held-jobs.ts";
import { bringTogether, type PartialImplementation } from "./implementations.ts";
import { createWriter } from "./reporting.ts";
import { guarded, logOf, type Running, type RunOptions } from "./running.ts";
import { createStrangers } from "./strangers.ts";

/** How a worker is run. */
export interface WorkerOptions<F extends Flow = Flow> extends RunOptions {
  /**
   * The first part of its identity in claims and in the history. 8 random digits are always added, so that two workers that
   * were given one name do not take each other's claims for their own. @default {"worker"}
   */
  readonly identity?: string;
  /** Jobs done at once, whatever their flow. @default {1} */
  readonly concurrency?: number;
  /**
   * How long jobs under way may go on after `signal`, in milliseconds; they are given back then, which takes 5 seconds at the most.
   * Kubernetes kills a pod 30 seconds after SIGTERM, unless its `terminationGracePeriodSeconds` says otherwise. @default {20_000}
   */
  readonly grace?: number;
  /**
   * How long its lease lasts without a renewal, in milliseconds, whole seconds; it is renewed three times as often, each 5 s at least.
   * A worker that is
   * lost is taken for that 5 to 10 seconds after it has run out. @default {15_000}
   */
  readonly leaseDuration?: number;
  /** What is done around each handler, outside of what an implementation has of its own; the outermost first. @default {Nothing} */
  readonly use?: readonly Middleware<F>[];
  /**
   * `abort`: handlers of all flows are told to stop when the worker could not renew its lease in time, not only those of flows that
   * ask for it.
   * @default {Handlers go on}
   */
  readonly onLeaseLost?: "abort";
}

/**
 * Runs a worker: claims requested jobs, runs their handlers, reports how they ended. What it is given is one flow with handlers for
 * all its jobs or for some, or implementations of several flows, or of several versions of one: they share one watch, one lease and
 * `concurrency`.
 *
 * **Guarantees**: a handler starts only after the write of its claim was confirmed; its result is written only while
 * that claim stands. A worker that could not renew its lease claims nothing more; its handlers go on, and once the server answers
 * again those whose claim is another's are told to stop. Effects outside the cluster are at-least-once: use `idempotencyKey`.
 *
 * @returns `finished` resolves after the signal, when the jobs under way have ended or were given back.
 * @throws {TypeError} When a handler has no job, or is of a job that waits; when two implementations are of the same graph.
 * @throws {RangeError} When `concurrency` is not a positive whole number, `grace` is negative, or `leaseDuration` no whole seconds.
 *
 * @example An upgrade, with flows of the old graph in flight
 * ```ts
 * import { type Cluster, defineFlow, implementFlow, runWorker } from "crd-watcher";
 *
 * const old = implementFlow(defineFlow("order", ["charge", "ship"]), { charge: async () => {}, ship: async () => {} });
 * const now = implementFlow(defineFlow("order", ["charge", "pack", "ship"]), { ...old.handlers, pack: async () => {} });
 * const start = (cluster: Cluster) => runWorker([now, old], { cluster, concurrency: 8 });
 * ```
 */
export function runWorker<F extends Flow>(flow: F, handlers: Partial<Handlers<F>>, options: WorkerOptions<F>): Running;
/** Runs a worker that does the jobs of one implementation, or of several. */
export function runWorker(
  implementations: PartialImplementation | readonly PartialImplementation[],
  options: WorkerOptions,
): Running;
export function runWorker(
  first: Flow | PartialImplementation | readonly PartialImplementation[],
  second: Partial<Handlers> | WorkerOptions,
  third?: WorkerOptions,
): Running {
  if (third) return work([{ flow: first as Flow, handlers: second as Partial<Handlers> }], third);
  return work(Array.isArray(first) ? first : [first as PartialImplementation], second as WorkerOptions);
}

function work(given: readonly PartialImplementation[], options: WorkerOptions): Running {
  const implementations = bringTogether(given, options?.use ?? []);
  checkCluster("Cannot run a worker", options?.cluster);
  checkShared("Cannot run a worker", options, WORKER);
  const { cluster, namespace = "default", clock = systemClock, concurrency = 1, grace = 20_000 } = options;
  const { metrics, health, onLeaseLost, leaseDuration = 15_000 } = options;
  const log = logOf(options);
  const onChange = guarded(options.onChange, log);
  const by = uniqueIdentity(options.identity ?? "worker");
  const signal = options.signal ?? new AbortController().signal;
  const counts = createFlowMetrics(metrics, { flows: implementations.flows, running: (flow) => jobs.sizeOf(flow) });
  // It is seen to live until the last of its jobs is reported or given back.
  const living = new AbortController();
  const presence = runPresence({
    cluster,
    namespace,
    identity: by,
    component: "worker",
    capacity: concurrency,
    takes: implementations.takes,
    leaseDuration,
    clock,
    log,
    signal: living.signal,
    onLapse: (late) => jobs.lapsed(late),
    onReturn: () => jobs.returned(),
  });
  const endCheck = health?.check(
    "lease",
    () => presence.isFresh() ? undefined : "it could not be renewed in time: nothing is claimed",
  );
  // Writes go on through the drain; this ends them when even the report of an ended job finds no server.
  const lastCall = new AbortController();
  const writer = createWriter({ by, cluster, clock, log, metrics: counts, signal: lastCall.signal });
  const { isFresh } = presence;
  for (const text of implementations.partly) log.info(text);
  const jobs = createHeldJobs({ cluster, clock, log, isFresh, abortOnLapse: onLeaseLost === "abort", signal: lastCall.signal });
  const claims = createClaims({
    by,
    clock,
    presence,
    // Until then it does not know whom to leave jobs to: those who start together hear of each other in this time.
    acquainted: presence.ready.then(() => sleep(clock, ACQUAINTANCE, signal)).catch(() => {}),
    writer,
    metrics: counts,
    lapses: () => jobs.lapses,
    requeueAfter: (key, ms) => controller.requeueAfter(key, ms),
    signal,
  });

  const attendant = createAttendant({
    ...{ implementations, claims, jobs, writer, onChange, clock, log, signal },
    metrics: counts,
    isFresh: presence.isFresh,
    seen: (request) => controller.store.get(nameOf(request)),
  });

  const controller = runController<RequestState>({
    name: "worker",
    cluster,
    resource: REQUEST_STATES,
    namespace,
    fieldSelector: UNFINISHED,
    clock,
    log,
    metrics,
    health,
    concurrency,
    signal,
    grace: Infinity, // what is under way ends by the grace below
    async reconcile(_, { object: request, saw }) {
      // It may have been left to others meanwhile, who have taken it.
      const newest = request && concerns(request) ? await attendant.attend(request, saw) : undefined;
      if (newest) saw(newest);
    },
    onEvent(event) {
      const { type, object } = event;
      const isGone = type === "DELETED";
      if (isGone) {
        attendant.forget(object.metadata.uid!);
        writer.forget(object.metadata.uid!);
      } else if (!implementations.of(object)) strangers.see(object);
      claims.follow(event);
      jobs.follow(object, isGone);
    },
    predicate({ type, object }) {
      const key = nameOf(object);
      const isConcern = type !== "DELETED" && concerns(object);
      // In a crowd most of what can be had is left to others, who take it.
      const wait = isConcern && object.spec.state === "REQUESTED" ? claims.wait(object) : 0;
      if (!isConcern) controller.withdraw(key);
      else if (wait > 0) controller.requeueAfter(key, wait);
      return isConcern && wait === 0;
    },
  });

  const strangers = createStrangers({
    ...{ who: "this worker", clock, log },
    why: (request) => request.spec.state === "REQUESTED" ? implementations.whyNot(request) : undefined,
    seen: (key) => controller.store.get(key),
  });

  /** What somebody else is at is none of its business, nor what is done, nor flows that it does not know. */
  const concerns = (request: RequestState): boolean => {
    const { metadata, spec, status } = request;
    if (!implementations.of(request)) return false;
    if (spec.state !== "STARTED") return !DONE.has(spec.state);
    const id = status?.claim?.id;
    return id !== undefined && claims.isMine(id) && !jobs.has(metadata.uid!, id);
  };

  async function end(): Promise<void> {
    const { finished } = controller;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    strangers.close();
    presence.leave();
    await drain({ jobs, grace, working: finished, claiming: () => claims.underWay, identity: by, clock, log });
    lastCall.abort(new Error("The worker has to end"));
    await finished;
    living.abort();
    await presence.finished;
    counts.close();
    endCheck?.();
  }
  return { identity: by, finished: end() };
}

/** Nothing is left to a worker here. What is unknown is not among them: somebody has to hear of it. */
const DONE: ReadonlySet<string> = new Set<State>(["COMPLETED", "FAILED", "CANCELLED"]);

/** How long after it is present a worker claims nothing yet, in milliseconds. */
const ACQUAINTANCE = 250;
