import type { ClientOptions } from "./options.ts";
import { clientFor, compileSelection, type FlowSelection } from "./selection.ts";
import { candid } from "./versions.ts";
import { isNotFound } from "../../errors.ts";
import type { RequestOf } from "../../flow/flow-result.ts";
import type { Flow } from "../../flow/plan.ts";
import { REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { runReflector } from "../../runtime/reflector/reflector.ts";
import type { StoreEvent } from "../../runtime/store/store.ts";
import { withRemedy } from "../setup.ts";

/** What is seen of flows that are watched. */
export type FlowChange<F extends Flow = Flow> =
  /** It was there already. */
  | { readonly type: "found"; readonly request: RequestOf<F> }
  /** All that were there have been told of. */
  | { readonly type: "synced" }
  /** It is new, has moved on, or is over. */
  | { readonly type: "changed"; readonly request: RequestOf<F> }
  /** It is not there any more. */
  | { readonly type: "deleted"; readonly request: RequestOf<F> };

/**
 * Watches flows: those that are there, then each change. A flow that was selected once is followed to its end, wherever it stands then.
 * Ends with `options.signal`, which is no error; leaving the loop early leaves nothing behind.
 *
 * **Assumptions**: between two views of a flow versions may be missing.
 *
 * @throws {TypeError} When the status or a time is none.
 * @throws {StatusError} When the server does not let this user look.
 *
 * @example What gets stuck
 * ```ts
 * import { type Cluster, statusOf, watchFlows } from "crd-watcher";
 *
 * async function tell(cluster: Cluster, signal: AbortSignal) {
 *   for await (const change of watchFlows({ flow: "order" }, { cluster, namespace: "shop", signal })) {
 *     if (change.type === "changed" && statusOf(change.request, Date.now()) === "parked") console.log(change.request.metadata.name);
 *   }
 * }
 * ```
 */
export async function* watchFlows<F extends Flow = Flow>(
  selection: FlowSelection<F>,
  options: ClientOptions,
): AsyncGenerator<FlowChange<F>, void, undefined> {
  const client = clientFor("Cannot watch flows", selection, options);
  const { cluster, clock, log, signal } = client;
  const { query, isSelected, hasEnds } = compileSelection(selection, client);
  const followed = new Set<string>(); // by uid
  const changes: FlowChange<F>[] = [];
  const ending = new AbortController();
  let news = Promise.withResolvers<void>();
  let fault: { readonly error: unknown } | undefined;
  let asking = Promise.resolve();
  let synced = false;

  const tell = (change: FlowChange<F>) => {
    changes.push(change);
    news.resolve();
  };
  const end = () => {
    ending.abort();
    news.resolve();
  };
  const fail = (error: unknown) => {
    fault ??= { error: withRemedy(error) };
    end();
  };
  /** What is over is not selected any more: its last version is read, if it is still there. */
  async function tellEnd(last: RequestState): Promise<void> {
    const { name, namespace, uid } = last.metadata;
    try {
      const request = await cluster.get<RequestState>(REQUEST_STATES, { name, namespace }, { signal: ending.signal });
      tell(request.metadata.uid === uid ? { type: "changed", request } : { type: "deleted", request: last });
    } catch (error) {
      if (isNotFound(error)) tell({ type: "deleted", request: last });
      else if (!ending.signal.aborted) fail(error);
    }
  }
  function onEvent({ type, object }: StoreEvent<RequestState>): void {
    const uid = object.metadata.uid!;
    if (type !== "DELETED") {
      if (!followed.has(uid) && !isSelected(object)) return;
      followed.add(uid);
      tell({ type: synced ? "changed" : "found", request: object });
    } else if (followed.delete(uid)) {
      if (hasEnds) tell({ type: "deleted", request: object });
      else asking = asking.then(() => tellEnd(object));
    }
  }

  if (signal?.aborted) return;
  signal?.addEventListener("abort", end, { once: true });
  const reflector = runReflector<RequestState>({
    ...query,
    cluster: candid(cluster, fail),
    resource: REQUEST_STATES,
    clock,
    log,
    signal: ending.signal,
    onEvent,
    onProgress() {
      if (!synced) tell({ type: "synced" });
      synced = true;
    },
  });
  try {
    for (;;) {
      await news.promise;
      news = Promise.withResolvers();
      for (let change = changes.shift(); change && !ending.signal.aborted; change = changes.shift()) yield change;
      if (fault) throw fault.error;
      if (ending.signal.aborted) return;
    }
  } finally {
    ending.abort();
    signal?.removeEventListener("abort", end);
    await reflector.finished;
    await asking;
  }
}
