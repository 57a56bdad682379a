import { clientOf, type ClientOptions } from "./options.ts";
import { versionsOf } from "./versions.ts";
import type { RequestOf } from "../../flow/flow-result.ts";
import type { Flow } from "../../flow/plan.ts";
import { nameOf, type RequestState } from "../../request-state.ts";

/**
 * A flow that was started or found. Iterating over it gives every version that is seen, and ends with the flow; it throws a
 * `RequestStateError` when the request is deleted before. Leaving the loop early leaves nothing behind.
 *
 * @example
 * ```ts
 * import { type FlowRun, resultOf } from "crd-watcher";
 *
 * async function follow(run: FlowRun) {
 *   for await (const { spec } of run) console.log(spec.job, spec.state);
 *   console.log(resultOf(await run.finished).status);
 * }
 * ```
 */
export interface FlowRun<F extends Flow = Flow> extends AsyncIterable<RequestOf<F>> {
  /** The name of its request: `kubectl get requeststates NAME`. */
  readonly name: string;
  /** The namespace of its request. */
  readonly namespace: string;
  /** Its definition, where that is known here. */
  readonly flow: F | undefined;
  /** The request as it was created or found, or as the call that gave this run has left it. */
  readonly request: RequestOf<F>;
  /**
   * Resolves with the request when its flow is over, however it ended (see `resultOf`). The first access begins a watch.
   * Rejects with a `RequestStateError` when the request is deleted before its end.
   */
  readonly finished: Promise<RequestOf<F>>;
  /** How calls about it are made, unless they say something else. */
  readonly options: ClientOptions;
}

/** Makes a run of a request. Asks for nothing by itself. */
export function createRun<F extends Flow>(request: RequestState, flow: F | undefined, options: ClientOptions): FlowRun<F> {
  const { name, namespace = "default" } = request.metadata;
  const versions = () => versionsOf(request, clientOf(`Cannot follow requeststates "${nameOf(request)}"`, options));
  let finished: Promise<RequestState> | undefined;
  return {
    name,
    namespace,
    flow,
    request,
    options: { ...options, namespace },
    get finished() {
      return finished ??= lastOf(versions());
    },
    [Symbol.asyncIterator]: versions,
  };
}

async function lastOf(versions: AsyncIterable<RequestState>): Promise<RequestState> {
  let last: RequestState | undefined;
  for await (const version of versions) last = version;
  return last!;
}
