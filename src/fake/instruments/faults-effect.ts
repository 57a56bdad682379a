/**
 * What a fault does to a request.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import { sleep } from "../../runtime/time/clock.ts";
import { type Behind, type Fault, type FaultRequest, planOf, type Refused } from "./faults.ts";
import { faultyStream } from "./faults-stream.ts";
import { encode } from "../types/json.ts";
import { responseOf } from "../output/answer.ts";
import { refusalAnswer, streamAnswer } from "../output/respond.ts";
import { acceptsGzip, sendAs } from "../output/wire.ts";
import { renumbered } from "./numbering.ts";
import { Refusal } from "../types/status.ts";

/** How a request is carried out. */
export interface CarryOptions {
  /** Whether it goes on when its client has gone away. */
  readonly detached?: boolean;
  /** What the server knows that answers. @default {All there is} */
  readonly behind?: Behind;
  /** Makes the server's version of one that the request names. */
  readonly meant?: (version: string) => string;
}

/** The server as a fault sees it. */
export interface Carrier {
  readonly request: FaultRequest;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What ends streams and takes back what is to come, when the cluster is closed. */
  readonly open: Set<() => void>;
  /** Carries the request out; never rejects. */
  carry(options?: CarryOptions): Promise<Response>;
  /** Notes that the request was carried out although its client is not told so. */
  landed(response: Response): void;
}

/** Codes of answers that have no body. */
const bodiless = [204, 205, 304];

/** A connection that broke before an answer came, as fetch says it. */
const broken = () =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });

function respond({ refusal, retryAfter }: Refused): Response {
  const response = responseOf(refusalAnswer(refusal, { format: "json", pretty: false }, []));
  if (refusal.text?.startsWith("<")) response.headers.set("content-type", "text/html");
  if (retryAfter !== undefined) response.headers.set("retry-after", String(retryAfter));
  return response;
}

/** A request may be one that cannot even be refused as it was to be: its continue token is none. */
function refusalOf(refusal: (request: FaultRequest) => Refused, request: FaultRequest): Refused {
  try {
    return refusal(request);
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

/** Carries a request out whose client will not see how. */
async function carryUnseen(server: Carrier): Promise<void> {
  const response = await server.carry({ detached: true });
  server.landed(response);
  await response.body?.cancel();
}

function errorStream(status: unknown): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`${encode({ type: "ERROR", object: status })}\n`));
      controller.close();
    },
  });
}

/**
 * Lets a fault happen.
 *
 * @returns The answer.
 * @throws {TypeError} When the connection breaks instead.
 */
export async function applyFault(given: Fault, server: Carrier): Promise<Response> {
  const fault = planOf(given);
  const { clock, signal, open, request } = server;
  switch (fault.kind) {
    case "refuse":
      if (fault.applied) await carryUnseen(server);
      return respond(refusalOf(fault.refusal, request));
    case "latency": {
      if (!fault.applied) await sleep(clock, fault.ms, signal);
      const response = await server.carry();
      if (fault.applied) await sleep(clock, fault.ms, signal);
      return response;
    }
    case "cut":
      throw broken();
    case "loseAnswer":
      await carryUnseen(server);
      throw broken();
    case "late": {
      const cancel = clock.setTimer(fault.ms, () => {
        open.delete(cancel);
        void carryUnseen(server);
      });
      open.add(cancel);
      throw broken();
    }
    case "stale":
      return await server.carry({ behind: fault.behind });
    case "interfere":
      await fault.action(request);
      return await server.carry();
    case "streamError":
      return responseOf(streamAnswer(errorStream(refusalOf(fault.refusal, request).refusal.status), "application/json", []));
    case "stream": {
      const response = await server.carry();
      if (!response.ok || !response.body) return response;
      const faulty = new Response(faultyStream(response.body, { plan: fault.plan, clock, signal, open }), response);
      if (fault.plan.said?.type !== undefined) faulty.headers.set("content-type", fault.plan.said.type);
      return faulty;
    }
    case "answer": {
      if (fault.applied) await carryUnseen(server);
      const { code: status, headers, body } = fault.answer;
      const sent = typeof body === "string" ? body : new Uint8Array(body);
      return new Response(bodiless.includes(status) ? null : sent, { status, headers });
    }
    case "gzip": {
      const response = await server.carry();
      return fault.always || acceptsGzip(request.headers) ? sendAs(response, fault.form) : response;
    }
    case "renumber":
      return renumbered(await server.carry({ meant: fault.numbering.meant }), fault.numbering.shown);
  }
}
