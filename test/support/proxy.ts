import { Buffer } from "node:buffer";
import { createServer as createHttp, request as httpRequest, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, connect, createServer as createTcp, type Server as TcpServer, type Socket } from "node:net";
import type { Certificate } from "../../src/fake/http/certificate.ts";

/** A proxy on loopback. Whatever name it is asked for, it connects to loopback. */
export interface Proxy {
  readonly url: string;
  /** What it was asked for, as in `CONNECT kube.invalid:6443`. */
  readonly asked: string[];
  /** The credentials that came with each. */
  readonly authorizations: (string | undefined)[];
  stop(): Promise<void>;
}

/** How a proxy behaves. */
export interface ProxyOptions {
  /** Speaks TLS with its clients. */
  readonly certificate?: Certificate;
  /** Refuses with this HTTP status code. */
  readonly refuses?: number;
}

async function listening(
  server: Server | TcpServer,
  scheme: string,
  rest: Pick<Proxy, "asked" | "authorizations">,
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...rest,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  one.on("error", () => other.destroy()).on("close", () => other.destroy());
  other.on("error", () => one.destroy()).on("close", () => one.destroy());
}

/** Starts a proxy of HTTP: CONNECT, and requests with whole addresses. */
export async function startHttpProxy({ certificate, refuses }: ProxyOptions = {}): Promise<Proxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = certificate ? createHttps({ key: certificate.key, cert: certificate.cert }) : createHttp();
  server.on("connect", (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    authorizations.push(request.headers["proxy-authorization"]);
    if (refuses) return void socket.end(`HTTP/1.1 ${refuses} Not Today\r\ncontent-length: 0\r\n\r\n`);
    const upstream = connect(Number(/\d+$/.exec(request.url!)![0]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      join(socket, upstream);
    });
    upstream.on("error", () => socket.destroy());
  });
  server.on("request", (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers["proxy-authorization"]);
    const url = new URL(request.url!);
    const upstream = httpRequest({
      host: "127.0.0.1",
      port: url.port,
      method: request.method,
      path: url.pathname + url.search,
      headers: request.headers,
    });
    upstream.on("response", (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    response.on("close", () => upstream.destroy());
    request.pipe(upstream);
  });
  return await listening(server, certificate ? "https" : "http", { asked, authorizations });
}

/** Starts a proxy of SOCKS 5 (RFC 1928, 1929). It asks for a password when the client offers one. */
export async function startSocksProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createTcp((socket) => {
    let step: "greeting" | "password" | "request" = "greeting";
    const take = (bytes: Buffer) => {
      if (step === "greeting") {
        const password = bytes.subarray(2, 2 + bytes[1]!).includes(2);
        step = password ? "password" : "request";
        if (!password) authorizations.push(undefined);
        return void socket.write(Buffer.of(5, password ? 2 : 0));
      }
      if (step === "password") {
        const user = bytes.subarray(2, 2 + bytes[1]!).toString();
        authorizations.push(`${user}:${bytes.subarray(3 + user.length).toString()}`);
        step = "request";
        return void socket.write(Buffer.of(1, 0));
      }
      socket.off("data", take);
      const named = bytes[3] === 3;
      const host = named ? bytes.subarray(5, 5 + bytes[4]!).toString() : bytes.subarray(4, 8).join(".");
      const port = bytes.readUInt16BE(bytes.length - 2);
      asked.push(`SOCKS ${host}:${port}`);
      const upstream = connect(port, "127.0.0.1", () => {
        socket.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
        join(socket, upstream);
      });
      upstream.on("error", () => socket.destroy());
    };
    socket.on("data", take);
  });
  return await listening(server, "socks5", { asked, authorizations });
}
