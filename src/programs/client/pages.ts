import { ask, type ClientOptions } from "./options.ts";
import { createRun, type FlowRun } from "./run.ts";
import { clientFor, compileSelection, type FlowSelection } from "./selection.ts";
import { isNotFound } from "../../errors.ts";
import type { Flow } from "../../flow/plan.ts";
import type { ObjectList } from "../../ports.ts";
import { REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { checkShared, PAGES } from "../given-options.ts";
import { notServed } from "../setup.ts";
import { wholeOf } from "./whole.ts";

/** Flows as one answer of the server brings them. */
export interface FlowPage<F extends Flow = Flow> {
  /** Those of it that are selected, in the order of the server: by namespace and name. */
  readonly runs: readonly FlowRun<F>[];
  /** Whether there is no further one. A page that is full may still turn out to have been the last. */
  readonly isLast: boolean;
}

/** How flows are read in pages. */
export interface PageOptions extends ClientOptions {
  /** Flows that the server sends at once, at the most. @default {500} */
  readonly limit?: number;
}

/**
 * Lists flows page by page, each flow once: the first are there while the server still gathers the others, and no more than a page need be
 * kept. Leaving the loop early ends it.
 *
 * @throws {TypeError} When the status or a time is none.
 * @throws {StatusError} When the server refuses.
 *
 * @example
 * ```ts
 * import { type Cluster, flowPages } from "crd-watcher";
 *
 * async function count(cluster: Cluster) {
 *   let count = 0;
 *   for await (const { runs } of flowPages({ flow: "order" }, { cluster, namespace: "shop" })) count += runs.length;
 *   return count;
 * }
 * ```
 */
export async function* flowPages<F extends Flow = Flow>(
  selection: FlowSelection<F>,
  options: PageOptions,
): AsyncGenerator<FlowPage<F>, void, undefined> {
  const client = clientFor("Cannot list flows", selection, options);
  const { query, isSelected } = compileSelection(selection, client);
  checkShared("Cannot list flows", options, PAGES);
  const { limit = 500 } = options;
  const known = typeof selection.flow === "object" ? selection.flow : undefined;
  const shown = new Set<string>(); // by uid: a list that begins anew brings some of them again
  const pages: FlowPage<F>[] = [];
  const ending = new AbortController();
  const end = () => ending.abort(client.signal?.reason);
  if (client.signal?.aborted) end();
  client.signal?.addEventListener("abort", end, { once: true });
  let news = Promise.withResolvers<void>();
  let over: { readonly error?: unknown } | undefined;

  const onPage = ({ items }: ObjectList<RequestState>) => {
    const fresh = wholeOf(items, client.log).filter((item) => isSelected(item) && !shown.has(item.metadata.uid!));
    for (const { metadata } of fresh) shown.add(metadata.uid!);
    const runs = fresh.map((item) => createRun<F>(item, known, { ...options, namespace: item.metadata.namespace }));
    pages.push({ runs, isLast: items.length < limit });
    news.resolve();
  };
  const list = () => client.cluster.list<RequestState>(REQUEST_STATES, { ...query, limit, signal: ending.signal, onPage });
  ask({ ...client, signal: ending.signal }, list).then(
    () => over = {},
    (error: unknown) => over = { error: isNotFound(error) ? notServed(client.cluster, error) : error },
  ).finally(() => news.resolve());
  try {
    for (;;) {
      await news.promise;
      news = Promise.withResolvers();
      for (let page = pages.shift(); page; page = pages.shift()) yield page;
      if (!over) continue;
      if ("error" in over) throw over.error;
      return;
    }
  } finally {
    ending.abort();
    client.signal?.removeEventListener("abort", end);
  }
}
