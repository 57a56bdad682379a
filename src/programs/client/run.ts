import { clientOf, type ClientOptions } from "./options.ts";
import { versionsOf } from "./versions.ts";
import type { RequestOf } from "../../flow/flow-result.ts";
import type { Flow } from "../../flow/plan.ts";
import { nameOf, type RequestState } from "../../request-state.ts";

/**
 * A flow that was started or found. Iterating over it gives every version that is seen, and ends with the flow; it throws a
 * `RequestStateError` when the request is deleted before. Leaving the loop early leaves nothing behind. It is an instance of a class: a copy
 * by `{ ...run }` has neither `finished` nor the iteration.
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

/** A class: of an object with a getter of its own each page of a list would make five hundred hidden classes (docs/decisions/0033). */
class Run<F extends Flow> implements FlowRun<F> {
  readonly name: string;
  readonly namespace: string;
  readonly flow: F | undefined;
  readonly request: RequestOf<F>;
  readonly options: ClientOptions;
  readonly #given: ClientOptions;
  #finished: Promise<RequestOf<F>> | undefined;

  constructor(request: RequestState, flow: F | undefined, options: ClientOptions) {
    const { name, namespace = "default" } = request.metadata;
    this.name = name;
    this.namespace = namespace;
    this.flow = flow;
    this.request = request as RequestOf<F>;
    this.options = { ...options, namespace };
    this.#given = options;
  }
  get finished(): Promise<RequestOf<F>> {
    return this.#finished ??= lastOf(this);
  }
  [Symbol.asyncIterator](): AsyncIterator<RequestOf<F>> {
    const client = clientOf(`Cannot follow requeststates "${nameOf(this.request)}"`, this.#given);
    return versionsOf(this.request, client) as AsyncIterator<RequestOf<F>>;
  }
}

/** Makes a run of a request. Asks for nothing by itself. */
export const createRun = <F extends Flow>(request: RequestState, flow: F | undefined, options: ClientOptions): FlowRun<F> =>
  new Run(request, flow, options);

async function lastOf<R>(versions: AsyncIterable<R>): Promise<R> {
  let last: R | undefined;
  for await (const version of versions) last = version;
  return last!;
}
