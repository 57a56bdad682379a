/** Something that is closed when it is done with, as a client of one connection. */
interface Closable {
  close?(): void;
}

/**
 * Spreads streams over clients, so many to each. An API server lets one HTTP/2 connection carry 100 streams or so, and
 * what comes after them waits; a client of Deno has one connection.
 */
export interface Spread<C extends Closable> {
  /** Opens a stream on a client that has room, a new one where none has. */
  open(use: (client: C) => Promise<ReadableStream<Uint8Array>>): Promise<ReadableStream<Uint8Array>>;
  /** From now on streams are opened on new clients; the old ones go when their streams have ended. */
  renew(): void;
  /** Closes all clients. */
  close(): void;
}

/**
 * @param make Makes a client.
 * @param width How many streams a client may carry.
 */
export function createSpread<C extends Closable>(make: () => Promise<C>, width: number): Spread<C> {
  interface Slot {
    readonly client: Promise<C>;
    streams: number;
    retired: boolean;
  }
  const slots = new Set<Slot>();
  const shut = (slot: Slot) => {
    slots.delete(slot);
    slot.client.then((client) => client.close?.(), () => {});
  };

  return {
    async open(use) {
      let slot = [...slots].find(({ streams, retired }) => !retired && streams < width);
      if (!slot) slots.add(slot = { client: make(), streams: 0, retired: false });
      const { client } = slot;
      const taken = slot;
      taken.streams++;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        // The last one is kept for the next stream: a new client costs a handshake, and may run a plugin.
        if (--taken.streams === 0 && (taken.retired || slots.size > 1)) shut(taken);
      };
      try {
        return withEnd(await use(await client), release);
      } catch (error) {
        release();
        throw error;
      }
    },
    renew() {
      for (const slot of slots) slot.retired = true;
    },
    close() {
      for (const slot of slots) shut(slot);
    },
  };
}

/** The same stream, with a call when it has ended in whatever way. */
function withEnd(stream: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      ended();
    },
    async cancel(reason) {
      await reader.cancel(reason).catch(() => {});
      ended();
    },
  }, { highWaterMark: 0 });
}
