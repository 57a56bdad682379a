/**
 * A cluster behind a function: no socket, no credentials. How a test puts a program on the fake API server.
 *
 * @module
 */
import type { Cluster } from "../ports.ts";
import { createFetchTransport } from "./transport/fetch-transport.ts";
import { type ClusterOptions, createCluster } from "./api/http.ts";

export type { ClusterOptions } from "./api/http.ts";

/**
 * Makes a `Cluster` of a fetch-shaped function.
 *
 * @param fetch Answers a request as an API server does; the `fetch` of a fake cluster, for instance.
 * @param options Clock and time limit.
 *
 * @example A program on the fake cluster
 * ```ts
 * import { createFetchCluster } from "crd-watcher/fetch";
 * import { createFakeCluster } from "crd-watcher/fake";
 *
 * const cluster = createFetchCluster(createFakeCluster().fetch);
 * ```
 */
export const createFetchCluster = (fetch: (request: Request) => Promise<Response>, options: ClusterOptions = {}): Cluster =>
  createCluster(createFetchTransport(fetch), options);
