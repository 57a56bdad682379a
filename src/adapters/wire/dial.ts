/**
 * Opens connections to a server: TCP, TLS, and through a proxy.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { connect as connectTcp, isIP, type Socket, type SocketConstructorOpts } from "node:net";
import type { Duplex } from "node:stream";
import {
  checkServerIdentity,
  connect as connectTls,
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { holdTls } from "./held-tls.ts";
import type { Connection } from "../credentials/identity.ts";
import { createReading } from "./reading.ts";

/** Opens connections that are made of the same things. */
export interface Dialer {
  /** Begins to open a connection. */
  dial(purpose?: Purpose): Dial;
}

/** What a connection is for. */
export interface Purpose {
  /** Whether its reader may be slower than the server. @default {false} */
  readonly stream?: boolean;
}

/** A connection that is being opened. */
export interface Dial {
  readonly socket: Promise<Socket>;
  /** Gives up; the promise then rejects. */
  cancel(): void;
}

/** How long a connection is idle before the system asks whether the other side is still there, in milliseconds. */
const PROBE_AFTER = 30_000;
/** How long one address of several may take, in milliseconds; Node's own 250 ms are too short for a slow line. */
const ATTEMPT_TIMEOUT = 2_000;

/** @throws {Error} when a certificate or a key is not one. */
export function createDialer(connection: Connection): Dialer {
  const { protocol, hostname, port } = new URL(connection.server);
  const host = hostname.replace(/^\[|\]$/g, "");
  const target = { host, port: Number(port || (protocol === "https:" ? 443 : 80)) };
  const secure = protocol === "https:" ? createSecurer(connection, host) : undefined;

  return {
    dial(purpose = {}) {
      const opened: Socket[] = [];
      let cancelled = false;
      const hold: Hold = (socket) => {
        opened.push(socket);
        if (cancelled) socket.destroy();
        return socket;
      };
      const open = async (): Promise<Socket> => {
        const { proxy } = connection;
        if (proxy === undefined) {
          return await ready(hold(secure ? secure(target, purpose) : openPlain(target)), secure !== undefined);
        }
        const { openThrough } = await import("./proxy.ts");
        const through = await openThrough(proxy, target, { tunnel: secure !== undefined, ca: connection.ca, hold });
        return secure ? await ready(hold(secure({ socket: through }, purpose)), true) : through;
      };
      return {
        socket: open(),
        cancel() {
          cancelled = true;
          for (const socket of opened) socket.destroy();
        },
      };
    },
  };
}

/** Takes a socket that is being opened, so that a dial that is given up ends it. */
export type Hold = <T extends Socket>(socket: T) => T;

/** Where a connection leads. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Begins a TCP connection. */
export const openTcp = ({ host, port }: Target, options: Partial<SocketConstructorOpts> = {}): Socket =>
  connectTcp({
    ...options,
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
  });

/** The same, to be read by a channel. */
function openPlain(target: Target): Socket {
  const reading = createReading();
  return reading.of(openTcp(target, reading.options));
}

/** Begins TLS, over a connection that is there or over one of its own. */
type Securer = (over: Target | { readonly socket: Socket }, purpose: Purpose) => TLSSocket;

function createSecurer({ ca, cert, key, serverName, insecure }: Connection, host: string): Securer {
  // A dot at its end says that a name is whole; it is no part of it (RFC 6066, 3).
  const name = (serverName ?? host).replace(/\.$/, "");
  // Parsed once for all connections; beside it the texts, for runtimes that look at them only.
  const secureContext: SecureContext = createSecureContext({ ca, cert, key });
  let session: Buffer | undefined;
  const options: ConnectionOptions = {
    ca,
    cert,
    key,
    secureContext,
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: insecure !== true,
    // An address is no name to ask for (RFC 6066, 3), but what the certificate must hold all the same.
    servername: isIP(name) ? "" : name,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
  const begin = (over: Target | { readonly socket: Duplex }) => {
    if ("socket" in over) return connectTls({ ...options, ...over, session });
    const reading = createReading();
    const own = { ...over, ...reading.options, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT };
    return reading.of(connectTls({ ...options, ...own, session }));
  };
  return (over, { stream }) => {
    const socket = stream && "Deno" in globalThis
      ? holdTls("socket" in over ? over.socket : openTcp(over), (passage) => begin({ socket: passage }))
      : begin(over);
    // A later connection needs no whole handshake then.
    socket.on("session", (ticket) => session = ticket);
    return socket;
  };
}

/** Waits until a connection is open. @param secure Whether it speaks TLS. */
export function ready<T extends Socket>(socket: T, secure: boolean): Promise<T> {
  const opened = secure ? "secureConnect" : "connect";
  return new Promise((resolve, reject) => {
    const leave = () => {
      socket.off(opened, open);
      socket.off("error", fail);
      socket.off("close", close);
    };
    const open = () => {
      leave();
      socket.setNoDelay(true);
      socket.setKeepAlive(true, PROBE_AFTER);
      resolve(socket);
    };
    const fail = (error: Error) => {
      leave();
      socket.destroy();
      reject(error);
    };
    const close = () => fail(new Error("the connection was closed before it was open"));
    socket.on(opened, open);
    socket.on("error", fail);
    socket.on("close", close);
    // What it complains about later is told to whoever uses it, or to nobody.
    socket.on("error", () => {});
  });
}
