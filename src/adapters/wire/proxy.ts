/**
 * Connections through a proxy: CONNECT over HTTP or HTTPS, or SOCKS 5. Loaded only where there is one.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { causeText } from "../../errors.ts";
import { type AnswerHead, createAnswerParser } from "./answer-parser.ts";
import { permissionError } from "../transport/failures.ts";
import { type Hold, openTcp, ready, type Target } from "./dial.ts";
import { proxyAuthorization } from "./request.ts";

/** What matters beside the proxy and the target. */
export interface ThroughOptions {
  /** Whether the proxy only passes bytes on; else the requests go to the proxy itself, which knows HTTP. */
  readonly tunnel: boolean;
  /** Authorities in PEM that are trusted beside the system's, as client-go does with those of the cluster. */
  readonly ca?: string;
  readonly hold: Hold;
}

/** Opens a connection to a target through a proxy. @throws {Error} that names the proxy. */
export async function openThrough(proxy: string, target: Target, { tunnel, ca, hold }: ThroughOptions): Promise<Socket> {
  const url = new URL(proxy);
  try {
    if (url.protocol.startsWith("socks5")) return await openSocks(url, target, hold);
    const socket = await openProxy(url, ca, hold);
    return tunnel ? await openTunnel(url, target, socket) : socket;
  } catch (error) {
    if (permissionError("", error)) throw error;
    // Without its cause, which would be taken for the server's fault: a certificate that is not trusted, for instance.
    throw new Error(`the proxy ${url.protocol}//${url.host}: ${causeText(error)}`);
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "socks5:": 1080, "socks5h:": 1080 };

const addressOf = ({ hostname, port, protocol }: URL): Target => ({
  host: hostname.replace(/^\[|\]$/g, ""),
  port: Number(port || DEFAULT_PORTS[protocol]),
});

async function openProxy(url: URL, ca: string | undefined, hold: Hold): Promise<Socket> {
  const address = addressOf(url);
  const socket = await ready(hold(openTcp(address)), false);
  if (url.protocol !== "https:") return socket;
  const servername = isIP(address.host) ? "" : address.host;
  const trusted = ca === undefined ? undefined : [...rootCertificates, ca];
  return await ready(
    hold(connectTls({ socket, servername, host: address.host, ca: trusted, ALPNProtocols: ["http/1.1"] })),
    true,
  );
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-connect */
async function openTunnel(url: URL, { host, port }: Target, socket: Socket): Promise<Socket> {
  const name = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(url.href);
  const lines = [`CONNECT ${name} HTTP/1.1`, `host: ${name}`];
  if (authorization !== undefined) lines.push(`proxy-authorization: ${authorization}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const { code, reason } = await headOf(socket);
  if (code >= 200 && code < 300) return socket;
  socket.destroy();
  throw new Error(`HTTP ${code} ${reason}`.trim());
}

function headOf(socket: Socket): Promise<AnswerHead> {
  return new Promise((resolve, reject) => {
    // The bytes after the head of a success belong to the target, which says nothing before it is spoken to.
    const parser = createAnswerParser(() => ({ head: (head) => settle(() => resolve(head)), data() {}, end() {} }));
    const settle = (then: () => void) => {
      socket.off("data", push).off("error", fail).off("close", close).pause();
      then();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const close = () => fail(new Error("it closed the connection without an answer"));
    const push = (bytes: Buffer) => {
      try {
        parser.push(bytes);
      } catch (error) {
        socket.destroy();
        fail(error);
      }
    };
    socket.on("data", push).on("error", fail).on("close", close);
  });
}

async function openSocks(url: URL, destination: Target, hold: Hold): Promise<Socket> {
  const { SocksClient } = await import("socks");
  const address = addressOf(url);
  const { socket } = await SocksClient.createConnection({
    command: "connect",
    // A name is resolved by the proxy: it may be known there only.
    destination,
    existing_socket: await ready(hold(openTcp(address)), false),
    proxy: {
      ...address,
      type: 5,
      ...url.username !== "" && { userId: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    },
  });
  return socket;
}
