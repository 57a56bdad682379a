import { Buffer } from "node:buffer";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "../../src/fake/http/certificate.ts";

/** One request as it came over a connection. */
export interface RawRequest {
  /** As in `GET /api HTTP/1.1`. */
  readonly line: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Which request on its connection, the first is 1. */
  readonly nth: number;
  readonly socket: Socket;
}

/** A server that does with a connection whatever a test wants, byte by byte. */
export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** What has been asked so far, as in `GET /api`. */
  readonly asked: string[];
  /** How many connections have been opened so far. */
  readonly connections: number;
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  stop(): Promise<void>;
}

/** Starts a server on a free port of loopback. @param certificate Speaks TLS with it where it is given. */
export async function startRawServer(handler: (request: RawRequest) => void, certificate?: Certificate): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  let connections = 0;
  const serve = (socket: Socket) => {
    connections++;
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    let nth = 0;
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      for (let found = takeRequest(pending); found; found = takeRequest(pending)) {
        pending = pending.subarray(found.length);
        asked.push(found.line.replace(/ HTTP\/1\.1$/, ""));
        handler({ ...found, nth: ++nth, socket });
      }
    });
  };
  const server: Server = certificate
    ? createTlsServer({ key: certificate.key, cert: certificate.cert }, serve)
    : createServer(serve);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${certificate ? "https" : "http"}://127.0.0.1:${port}`,
    asked,
    get connections() {
      return connections;
    },
    sockets,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function takeRequest(bytes: Buffer): Pick<RawRequest, "line" | "headers" | "body"> & { readonly length: number } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [line, ...rest] = bytes.toString("utf8", 0, end).split("\r\n");
  const headers = Object.fromEntries(rest.map((header) => {
    const colon = header.indexOf(":");
    return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()];
  }));
  const length = end + 4 + Number(headers["content-length"] ?? 0);
  if (bytes.length < length) return undefined;
  return { line: line!, headers, body: bytes.toString("utf8", end + 4, length), length };
}

/** An answer as its bytes. */
export function rawAnswer(code: number, body: unknown, headers: Record<string, string> = {}): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const lines = Object.entries({ "content-length": `${bytes.length}`, ...headers }).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${code} Some Reason\r\n${lines.join("")}\r\n`), bytes]);
}

/** The head of an answer in chunks, and a chunk. */
export const CHUNKED_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
/** A chunk as its bytes. */
export function chunk(body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}
