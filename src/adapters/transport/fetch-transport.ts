import { byteStreamOf } from "./byte-stream.ts";
import { decodeGzip, decodeGzipStream } from "./coding.ts";
import {
  type Answer,
  type ByteStream,
  HttpFailure,
  type Lifetime,
  signalOf,
  type Transport,
  type TransportRequest,
} from "./transport.ts";
import { USER_AGENT } from "./user-agent.ts";

/** Makes a transport of a fetch-shaped function. */
export function createFetchTransport(fetch: (request: Request) => Promise<Response>): Transport {
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
    return await good(await fetch(new Request(server + path, { method, body, headers, signal: signalOf(life) })));
  };
  return {
    server,
    text: async (request, life) => await answerOf(await send(request, life)),
    stream: async (request, life) => streamOf(await send(request, life)),
    close: () => Promise.resolve(),
  };
}

/** @throws {HttpFailure} when it is an HTTP error. */
export async function good(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { headers } = response;
  throw new HttpFailure(response.status, await textOf(response), {
    retryAfter: headers.get("retry-after") ?? undefined,
    location: headers.get("location") ?? undefined,
  });
}

/** A response as an answer that is read whole. */
export async function answerOf(response: Response): Promise<Answer> {
  return { code: response.status, text: await textOf(response) };
}

/** A response as a stream. */
export function streamOf(response: Response): ByteStream {
  const stream = byteStreamOf(response.body ?? new ReadableStream(), response.status);
  return response.headers.has("content-encoding") ? decodeGzipStream(stream) : stream;
}

async function textOf(response: Response): Promise<string> {
  if (!response.headers.has("content-encoding")) return await response.text();
  return new TextDecoder().decode(await decodeGzip(new Uint8Array(await response.arrayBuffer())));
}
