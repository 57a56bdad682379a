import { commit } from "./commit.ts";
import { isCrdWatcherError, RequestStateError } from "./errors.ts";
import { decide, type Flow, type Transition } from "./flow.ts";
import { flowNameOf, isOver, nameOf, REQUEST_STATES, type RequestState, UNFINISHED } from "./request-state.ts";
import { systemClock } from "./runtime/clock.ts";
import { runController } from "./runtime/controller.ts";
import { silentLog } from "./runtime/log.ts";
import { compareVersions } from "./runtime/version.ts";
import { checkConcurrency, guarded, identityOf, type Running, type RunOptions } from "./running.ts";

/** How a director is run. */
export interface DirectorOptions extends RunOptions {
  /** Drive this request only, by its uid, and end with it. @default {Every unfinished one of the namespace} */
  readonly request?: RequestState;
  /** Requests worked on at once. @default {8} */
  readonly concurrency?: number;
}

/**
 * Runs a director: decides which job of a request comes next, and how it ends.
 *
 * **Guarantees**: each step is one write, conditional on the version it was decided on; a restart at any point loses
 * nothing; several directors do not disturb each other.
 *
 * @param flows What it knows. Requests of other flows are left alone.
 * @returns `finished` resolves after the signal; with `request`, when that is over. Rejects with a `RequestStateError`
 * when that request is deleted or broken, and with a `StatusError` when the server refuses its writes for good.
 * @throws {TypeError} When two flows have the same name.
 * @throws {RangeError} When `concurrency` is not a positive whole number.
 */
export function runDirector(flows: readonly Flow[], options: DirectorOptions): Running {
  const { cluster, namespace = "default", clock = systemClock, log = silentLog, concurrency = 8, request: only } = options;
  const onChange = guarded(options.onChange, log);
  const by = options.identity ?? identityOf("director");
  const byName = new Map(flows.map((flow) => [flow.name, flow]));
  checkConcurrency("director", concurrency);
  if (byName.size < flows.length) throw new TypeError("Cannot run a director: two of its flows have the same name");
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

  const plan = (request: RequestState): Transition | undefined => {
    const name = flowNameOf(request);
    const flow = byName.get(name);
    if (!flow) return void leaveAlone(request, "debug", `this process does not know its flow "${name}"`);
    const decision = decide(flow, request);
    if (decision.action === "leave") leaveAlone(request, "debug", decision.because);
    if (decision.action === "report") leaveAlone(request, "warn", decision.fault);
    return decision.action === "write" ? decision.transition : undefined;
  };

  const controller = runController<RequestState>({
    cluster,
    resource: REQUEST_STATES,
    namespace,
    fieldSelector: only ? `metadata.name=${only.metadata.name}` : UNFINISHED,
    clock,
    log,
    concurrency,
    signal: ending.signal,
    async reconcile(request) {
      if (!isMine(request)) return undefined;
      const committed = await commit(request, plan, { cluster, clock, log, by, signal: ending.signal, conflict: "throw" });
      if (committed.request && isMine(committed.request)) show(committed.request);
      return committed.request;
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
  return {
    identity: by,
    finished: controller.finished.then(() => {
      options.signal?.removeEventListener("abort", end);
      if (outcome) throw outcome;
    }),
  };
}
