/**
 * A cluster behind a function: no socket, no credentials. How a test puts a program on the fake API server.
 *
 * @module
 */
import type { Cluster } from "../ports.ts";
import { type ClusterOptions, createCluster } from "./http.ts";
import { HttpFailure, type TransportRequest } from "./transport.ts";

export type { ClusterOptions } from "./http.ts";

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
export function createFetchCluster(fetch: (request: Request) => Promise<Response>, options: ClusterOptions = {}): Cluster {
  const server = "http://cluster.invalid";
  const send = async (
    { method, path, body, contentType, accept = "application/json", signal }: TransportRequest,
  ): Promise<Response> => {
    const headers = {
      accept,
      "user-agent": "crd-watcher",
      ...(contentType && { "content-type": contentType }),
    };
    const response = await fetch(new Request(server + path, { method, body, headers, signal }));
    if (response.ok) return response;
    throw new HttpFailure(response.status, await response.text(), response.headers.get("retry-after") ?? undefined);
  };
  return createCluster({
    server,
    text: async (request) => await (await send(request)).text(),
    stream: async (request) => (await send(request)).body ?? new ReadableStream(),
    close: () => Promise.resolve(),
  }, options);
}
