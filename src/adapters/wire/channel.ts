import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { type AnswerHead, type AnswerTaker, createAnswerParser } from "./answer-parser.ts";
import { readSocket } from "./reading.ts";
import type { Lifetime } from "../transport/transport.ts";

/** A request, and who takes its answer. */
export interface Exchange extends AnswerTaker {
  /** The request as it goes out. */
  readonly bytes: string;
  /** Whether the request may be sent again: it changes nothing. */
  repeatable: boolean;
  readonly life: Lifetime;
  /** The request goes out on this channel. */
  begin(channel: Channel): void;
  /** No whole answer came. */
  fail(error: Error): void;
}

/** One open connection. It carries one exchange at a time. */
export interface Channel {
  /** Whether a request may be sent on it now. */
  readonly idle: boolean;
  /** When it last became idle, in milliseconds of the monotonic clock. */
  idleSince: number;
  /** How long the server says that it leaves the connection open while it is idle, in milliseconds. */
  readonly idleLimit: number | undefined;
  /** Sends a request. */
  start(exchange: Exchange): void;
  /** Stops to read, so that nothing piles up here while nobody takes it. */
  pause(): void;
  /** Goes on to read. */
  resume(): void;
  /** Closes it at once where it still carries this exchange, which hears nothing more. */
  cancel(exchange: Exchange): void;
  /** Closes it at once. */
  destroy(): void;
  /** Resolves when it is closed. */
  readonly closed: Promise<void>;
}

/** Told by a channel about itself. */
export interface ChannelEvents {
  /** Another request may be sent. */
  free(channel: Channel): void;
  /** It is closed. */
  gone(channel: Channel): void;
  /** No whole answer came. @param untouched Whether not one byte of it did, on a connection that had served before. */
  failed(exchange: Exchange, error: Error, untouched: boolean): void;
}

/** Makes a channel of a connection that is open. It does not hold the process while it is idle. */
export function createChannel(socket: Socket, events: ChannelEvents): Channel {
  const closing = Promise.withResolvers<void>();
  let exchange: Exchange | undefined;
  let served = 0;
  let bytesSeen = false;
  let broken: Error | undefined;
  let idleLimit: number | undefined;

  const taker: AnswerTaker = { head, data: (bytes) => exchange?.data(bytes), end };
  const parser = createAnswerParser(() => exchange && taker);

  function head(begun: AnswerHead): void {
    const hint = begun.headers.get("keep-alive"); // a kube-apiserver gives none
    const seconds = hint === undefined ? undefined : /\btimeout=(\d+)/i.exec(hint)?.[1];
    if (seconds !== undefined) idleLimit = Number(seconds) * 1_000;
    exchange!.head(begun);
  }

  function end(reusable: boolean): void {
    const done = exchange;
    exchange = undefined;
    served++;
    if (!reusable) socket.destroy();
    else {
      socket.resume();
      socket.unref();
    }
    done?.end(reusable);
    if (reusable) events.free(channel);
  }

  function fail(error: Error): void {
    const failed = exchange;
    exchange = undefined;
    socket.destroy();
    if (failed) events.failed(failed, error, served > 0 && !bytesSeen);
  }

  // It may have been opened for a request that another connection has taken meanwhile.
  socket.unref();
  readSocket(socket, (bytes: Buffer) => {
    bytesSeen = true;
    try {
      parser.push(bytes);
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on("end", () => {
    if (!parser.finish()) socket.destroy();
  });
  socket.on("error", (error) => broken = error);
  socket.on("close", () => {
    events.gone(channel);
    fail(
      broken ?? new Error(`the server closed the connection ${bytesSeen ? "in the middle of its answer" : "without an answer"}`),
    );
    closing.resolve();
  });

  const channel: Channel = {
    get idle() {
      return exchange === undefined && !socket.destroyed && socket.writable;
    },
    idleSince: 0,
    get idleLimit() {
      return idleLimit;
    },
    start(started) {
      exchange = started;
      bytesSeen = false;
      socket.ref();
      started.begin(channel);
      socket.write(started.bytes);
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    cancel(cancelled) {
      if (exchange === cancelled) channel.destroy();
    },
    destroy() {
      exchange = undefined;
      socket.destroy();
    },
    closed: closing.promise,
  };
  return channel;
}
