import { Buffer } from "node:buffer";
import type { OnReadOpts, Socket } from "node:net";

/** What connections are opened with so that they can be read by `readSocket` at less cost. */
export interface Reading {
  /** For `connect`; nothing where the runtime does not know it. */
  readonly options: { readonly onread?: OnReadOpts };
  /** The socket that was opened with them. @returns The same. */
  of<T extends Socket>(socket: T): T;
}

/** All that is read comes through here, and is taken out before anything else is read: at most so many bytes at a time. */
const passage = new Uint8Array(2 ** 16);

type Taker = (bytes: Buffer) => void;
const takers = new WeakMap<Socket, (take: Taker) => void>();

/**
 * Makes what one connection is opened with. Node then gives its bytes to a function of ours, past its streams, which for each
 * piece of an answer or of a watch cost as much as all that this project does with it: a Buffer of 64 KiB that is cut to its
 * size, a Readable that looks whether it should read more, ticks.
 */
export function createReading(): Reading {
  if ("Deno" in globalThis) return { options: {}, of: (socket) => socket };
  const early: Buffer[] = [];
  let taker: Taker = (bytes) => early.push(bytes);
  const callback = (length: number) => {
    taker(Buffer.from(passage.subarray(0, length))); // a copy, of a slab: the next read writes over what is there
    return true;
  };
  return {
    options: { onread: { buffer: passage, callback } },
    of(socket) {
      // A socket that somebody has put in the place of Node's, as MSW does, knows streams only; Node's own gives nothing to them then.
      socket.on("data", (bytes: Buffer) => taker(bytes));
      takers.set(socket, (take) => {
        taker = take;
        for (const bytes of early.splice(0)) take(bytes);
      });
      return socket;
    },
  };
}

/** Has what a socket reads taken, from its first byte on. `pause` and `resume` of the socket hold it back. */
export function readSocket(socket: Socket, take: Taker): void {
  const begin = takers.get(socket);
  if (begin) begin(take);
  else socket.on("data", take);
}
