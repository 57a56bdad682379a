import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { printable } from "../src/printable.ts";
import { addressText, type BindAddress } from "./bind-address.ts";
import type { Answer } from "./probes.ts";

/** A server for operators that runs. */
export interface Endpoint {
  /** Where it is reached, without a path. */
  readonly url: string;
  /** Ends it, calls under way included. */
  close(): Promise<void>;
}

/** What an endpoint serves. */
export interface EndpointOptions {
  /** For messages: `metrics`. */
  readonly what: string;
  /** The flag that says where, for messages. */
  readonly flag: string;
  /** What there is, for messages: paths. */
  readonly paths: readonly string[];
  /** Answers GET and HEAD. Undefined: there is nothing at this path. */
  readonly answer: (url: URL) => Promise<Answer | undefined> | Answer | undefined;
}

/**
 * Serves metrics or probes.
 *
 * @throws {Error} with one sentence, when it cannot listen there.
 */
export async function openEndpoint(address: BindAddress, options: EndpointOptions): Promise<Endpoint> {
  const server = createServer(async (request, response) => {
    const { status, contentType = "text/plain; charset=utf-8", body } = await answerTo(request.method, request.url, options);
    response.writeHead(status, {
      "content-type": contentType,
      "content-length": new TextEncoder().encode(body).length,
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache, private",
      // Asked every few seconds at most: a connection that is kept would be closed for idleness just when it is wanted again.
      connection: "close",
      ...status === 405 && { allow: "GET, HEAD" },
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  try {
    await listen(server, address);
  } catch (error) {
    throw new Error(`Cannot serve ${options.what} on ${addressText(address)}: ${whyNot(error)} (--${options.flag})`, {
      cause: error,
    });
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${addressText({ host: address.host ?? "localhost", port })}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerTo(method = "GET", path = "/", { what, paths, answer }: EndpointOptions): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") {
    return { status: 405, body: `${printable(method)} is not for ${what}: GET or HEAD\n` };
  }
  const url = URL.parse(path, "http://localhost");
  try {
    const answered = url ? await answer(url) : undefined;
    if (answered) return answered;
  } catch (error) {
    return { status: 500, body: `${printable(error instanceof Error ? error.message : String(error))}\n` };
  }
  return { status: 404, body: `There is nothing at ${printable(path.slice(0, 200))}: expected ${paths.join(" or ")}\n` };
}

function listen(server: Server, { host, port }: BindAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** What the system's code means, and what to do. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there, choose another port, or 0 for a free one",
  EACCES: "this user may not listen there, choose a port from 1024 on",
  EADDRNOTAVAIL: "this machine does not have that address, choose one of its own, or none before the colon for all of them",
  ENOTFOUND: "nobody knows a host of that name",
  EAI_AGAIN: "the name of the host could not be looked up",
};

/** Why it cannot listen. */
export function whyNot(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ""] ?? message ?? String(error);
}
