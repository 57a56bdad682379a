/**
 * HTTP/1.1 over connections of our own. Node's `https` and undici cost one and a half to twice as much for a request: see
 * docs/decisions. Works in Node and in Deno.
 *
 * @module
 */
import { causeText, SetupError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import type { Exchange } from "./channel.ts";
import { createDialer, type Dialer } from "./dial.ts";
import { type Question, streamExchange, textExchange } from "./exchange.ts";
import { permissionError } from "../transport/failures.ts";
import type { Authorization, Connection, Identity } from "../credentials/identity.ts";
import { createPool, type Pool } from "./pool.ts";
import { createRequestWriter, type RequestWriter } from "./request.ts";
import {
  type Answer,
  type ByteStream,
  HttpFailure,
  type Lifetime,
  type Transport,
  type TransportRequest,
} from "../transport/transport.ts";

/** Each call under way has a connection of its own: a thousand at once would spend their time on TLS handshakes. */
const WIDTH = 32;

/** How an answer is read, and on which connection it comes. */
interface Way<T> {
  readonly make: (question: Question, resolve: (value: T | Promise<T>) => void, reject: (error: unknown) => void) => Exchange;
  readonly run: "run" | "runAlone";
}
const whole: Way<Answer> = { make: textExchange, run: "run" };
const streamed: Way<ByteStream> = { make: streamExchange, run: "runAlone" };

/** A transport of our own. */
export interface Wire extends Transport {
  /** Gets the credentials ready. @throws {SetupError} when they cannot be used. */
  prepare(): Promise<void>;
}

/**
 * Makes a transport of an identity. Does no IO.
 *
 * Calls share at most 32 connections, each watch has one of its own, so that neither waits for the other. A connection that
 * the server has closed while it was idle is no failure: a read is sent again on another one. A write is not, since it may
 * have landed; whoever wrote finds out.
 */
export function createWire(identity: Identity, clock: Clock): Wire {
  const pools = new Set<Pool>();
  let current: { readonly connection: Connection; readonly pool: Pool } | undefined;
  let spoken: { readonly authorization: Authorization; readonly writer: RequestWriter } | undefined;

  function poolOf(connection: Connection): Pool {
    if (current?.connection === connection) return current.pool;
    const pool = createPool(dialerOf(connection, identity.source), { clock, width: WIDTH });
    // Other certificates: what is under way comes to its end on the connections that it has.
    current?.pool.retire();
    for (const old of pools) if (old.empty) pools.delete(old);
    pools.add(pool);
    current = { connection, pool };
    return pool;
  }

  function writerOf(authorization: Authorization): RequestWriter {
    if (spoken?.authorization !== authorization) {
      spoken = { authorization, writer: createRequestWriter(authorization, identity.source) };
    }
    return spoken.writer;
  }

  function sendAs<T>(authorization: Authorization, request: TransportRequest, life: Lifetime, { make, run }: Way<T>): Promise<T> {
    const pool = poolOf(authorization.connection);
    const bytes = writerOf(authorization).write(request);
    return new Promise<T>((resolve, reject) => {
      const refuse = (error: unknown) => reject(later(withRenewal(error, () => identity.refused(authorization))));
      pool[run](make({ bytes, repeatable: request.method === "GET", life }, resolve, refuse));
    });
  }

  /** No promise more than it takes: most of the time nothing has to be looked at again. */
  function send<T>(request: TransportRequest, life: Lifetime, way: Way<T>): Promise<T> {
    try {
      const asked = identity.authorize();
      if (!(asked instanceof Promise)) return sendAs(asked, request, life, way);
      return asked.then((authorization) => sendAs(authorization, request, life, way)).catch((error) => {
        throw later(error);
      });
    } catch (error) {
      return Promise.reject(later(error));
    }
  }

  return {
    server: identity.server,
    source: identity.source,
    async prepare() {
      const authorization = await identity.authorize();
      writerOf(authorization);
      poolOf(authorization.connection);
    },
    text: (request, life) => send(request, life, whole),
    stream: (request, life) => send(request, life, streamed),
    async close() {
      await Promise.all([...pools].map((pool) => pool.close()));
    },
  };
}

function dialerOf(connection: Connection, source: string): Dialer {
  try {
    return createDialer(connection);
  } catch (error) {
    throw new SetupError(`The certificates of ${source} cannot be used: ${causeText(error)}`, { cause: error });
  }
}

function withRenewal(error: unknown, renew: () => boolean): unknown {
  if (!(error instanceof HttpFailure) || error.code !== 401) return error;
  return new HttpFailure(401, error.body, { ...error.details, renew });
}

/** Credentials that worked once and fail later are worth another try. */
function later(error: unknown): unknown {
  return error instanceof SetupError && !permissionError("", error) ? new Error(error.message) : error;
}
