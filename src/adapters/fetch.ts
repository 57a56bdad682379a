/**
 * A cluster behind a function: no socket, no credentials. How a test puts a program on the fake API server.
 *
 * @module
 */
import type { Cluster } from "../ports.ts";
import { type ClusterOptions, createCluster } from "./http.ts";
import { byteStreamOf } from "./byte-stream.ts";
import { decodeGzip, decodeGzipStream } from "./coding.ts";
import { HttpFailure, type Lifetime, signalOf, type TransportRequest } from "./transport.ts";
import { USER_AGENT } from "./user-agent.ts";

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
    { method, path, body, contentType, accept = "application/json" }: TransportRequest,
    life: Lifetime,
  ): Promise<Response> => {
    const headers = {
      accept,
      // Deno's fetch would ask for compression, and end a stream whose parts are compressed by themselves after the first.
      "accept-encoding": "identity",
      "user-agent": USER_AGENT,
      ...(contentType && { "content-type": contentType }),
    };
    const response = await fetch(new Request(server + path, { method, body, headers, signal: signalOf(life) }));
    if (response.ok) return response;
    const { headers: answered } = response;
    throw new HttpFailure(response.status, await textOf(response), {
      retryAfter: answered.get("retry-after") ?? undefined,
      location: answered.get("location") ?? undefined,
    });
  };
  return createCluster({
    server,
    async text(request, life) {
      const response = await send(request, life);
      return { code: response.status, text: await textOf(response) };
    },
    async stream(request, life) {
      const response = await send(request, life);
      const stream = byteStreamOf(response.body ?? new ReadableStream(), response.status);
      return response.headers.has("content-encoding") ? decodeGzipStream(stream) : stream;
    },
    close: () => Promise.resolve(),
  }, options);
}

async function textOf(response: Response): Promise<string> {
  if (!response.headers.has("content-encoding")) return await response.text();
  return new TextDecoder().decode(await decodeGzip(new Uint8Array(await response.arrayBuffer())));
}
