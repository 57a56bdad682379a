import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../../src/fake/http/certificate.ts";

/** What a small server does with a request. The body has been read. */
export type Handler = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

/** An HTTP server on loopback that stands for an API server. */
export interface HttpServer {
  readonly url: string;
  /** How many connections have been opened so far. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** Starts a server on a free port. @param certificate Speaks TLS with it where it is given. */
export async function startHttpServer(handler: Handler, certificate?: Certificate): Promise<HttpServer> {
  let connections = 0;
  const listen = (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => body += text);
    request.on("end", () => handler(Object.assign(request, { body }), response));
  };
  const server = certificate ? createTlsServer({ key: certificate.key, cert: certificate.cert }, listen) : createServer(listen);
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${certificate ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON, its length told. */
export function answer(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  response.writeHead(code, { "content-type": type, "content-length": `${new TextEncoder().encode(text).length}`, ...headers })
    .end(text);
}
