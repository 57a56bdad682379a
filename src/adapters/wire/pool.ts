import type { Clock } from "../../ports.ts";
import { type Channel, type ChannelEvents, createChannel, type Exchange } from "./channel.ts";
import type { Dial, Dialer } from "./dial.ts";

/** The connections to one server that are made of the same things. */
export interface Pool {
  /** Sends a request as soon as one of the bounded number of connections is free; first come, first served. */
  run(exchange: Exchange): void;
  /** Sends a request on a connection of its own, which is closed afterwards. */
  runAlone(exchange: Exchange): void;
  /** What waits and what is under way comes to its end; then no connection is left. */
  retire(): void;
  /** Whether it holds no connection and nothing waits. */
  readonly empty: boolean;
  /** Closes all connections, and resolves when they are closed. */
  close(): Promise<void>;
}

/**
 * How long a connection may have been idle to be used again, in milliseconds. Less than the 90 s after which a
 * kube-apiserver closes it, and the 60 s of common load balancers: a request that crosses with the close is lost, and
 * nobody can tell whether it has landed.
 */
const IDLE_LIMIT = 50_000;
/** The same, where the server says how long it waits (RFC 9112, appendix C.2.2): as much earlier, in milliseconds. */
const HINT_MARGIN = 1_000;

/** @param width How many requests may be under way at once, beside those that run alone. */
export function createPool(dialer: Dialer, { clock, width }: { readonly clock: Clock; readonly width: number }): Pool {
  const pooled = new Set<Channel>();
  const idle: Channel[] = []; // the one that was used last is taken first, so that the others come of age
  const waiting = new Set<Exchange>();
  const dials = new Map<Exchange, Dial>(); // for the pool; who waits takes whatever is free first
  const alone = new Set<Channel>();
  const dialsAlone = new Set<Dial>();
  let retired = false;

  const events: ChannelEvents = {
    free(channel) {
      const [next] = waiting;
      if (next && pooled.has(channel)) return send(next, channel);
      if (retired || !pooled.has(channel)) return channel.destroy();
      channel.idleSince = clock.monotonic();
      idle.push(channel);
    },
    gone(channel) {
      alone.delete(channel);
      if (!pooled.delete(channel)) return;
      const at = idle.indexOf(channel);
      if (at >= 0) idle.splice(at, 1);
      fill();
    },
    failed(exchange, error, untouched) {
      // The server had closed the connection before it saw the request. What may change something is not sent again: that
      // it has not been seen is only most likely.
      if (!untouched || !exchange.repeatable) return exchange.fail(error);
      exchange.repeatable = false;
      wait(exchange);
    },
  };

  function send(exchange: Exchange, channel: Channel): void {
    waiting.delete(exchange);
    exchange.life.whenOver(() => channel.cancel(exchange));
    channel.start(exchange);
  }

  function wait(exchange: Exchange): void {
    waiting.add(exchange);
    exchange.life.whenOver(() => {
      waiting.delete(exchange);
      const dial = dials.get(exchange);
      dials.delete(exchange);
      dial?.cancel();
      fill();
    });
    fill();
  }

  /** Opens connections for those who wait, as far as there is room. */
  function fill(): void {
    for (const exchange of waiting) {
      if (dials.size >= waiting.size || pooled.size + dials.size >= width) return;
      if (!dials.has(exchange)) dialFor(exchange);
    }
  }

  function dialFor(exchange: Exchange): void {
    const dial = dialer.dial();
    dials.set(exchange, dial);
    dial.socket.then((socket) => {
      if (dials.get(exchange) !== dial) return socket.destroy();
      dials.delete(exchange);
      const channel = createChannel(socket, events);
      pooled.add(channel);
      events.free(channel);
    }, (error) => {
      if (dials.get(exchange) !== dial) return;
      dials.delete(exchange);
      // It may have been sent on another connection meanwhile.
      if (waiting.delete(exchange)) exchange.fail(error);
      fill();
    });
  }

  function takeIdle(): Channel | undefined {
    const now = clock.monotonic();
    for (let channel = idle.pop(); channel; channel = idle.pop()) {
      const limit = channel.idleLimit === undefined ? IDLE_LIMIT : Math.min(IDLE_LIMIT, channel.idleLimit - HINT_MARGIN);
      if (channel.idle && now - channel.idleSince <= limit) return channel;
      channel.destroy();
    }
    return undefined;
  }

  return {
    run(exchange) {
      if (exchange.life.over) return;
      const channel = takeIdle();
      if (channel) send(exchange, channel);
      else wait(exchange);
    },
    runAlone(exchange) {
      if (exchange.life.over) return;
      const dial = dialer.dial({ stream: true });
      dialsAlone.add(dial);
      exchange.life.whenOver(dial.cancel);
      dial.socket.then((socket) => {
        if (!dialsAlone.delete(dial) || exchange.life.over) return socket.destroy();
        const channel = createChannel(socket, events);
        alone.add(channel);
        send(exchange, channel);
      }, (error) => {
        dialsAlone.delete(dial);
        exchange.fail(error);
      });
    },
    retire() {
      retired = true;
      for (const channel of idle.splice(0)) channel.destroy();
    },
    get empty() {
      return pooled.size + alone.size + dials.size + dialsAlone.size + waiting.size === 0;
    },
    async close() {
      retired = true;
      waiting.clear();
      const dialing = [...dials.values(), ...dialsAlone];
      dials.clear();
      dialsAlone.clear();
      for (const dial of dialing) dial.cancel();
      const open = [...pooled, ...alone];
      for (const channel of open) channel.destroy();
      await Promise.all([...open.map(({ closed }) => closed), ...dialing.map(({ socket }) => socket.catch(() => {}))]);
    },
  };
}
