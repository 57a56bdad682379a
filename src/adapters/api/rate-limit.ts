import { membersFault, refuse } from "../../options.ts";
import type { Clock, Log, Metrics } from "../../ports.ts";
import type { Lifetime, Transport, TransportRequest } from "../transport/transport.ts";

/** How many requests are sent to the API server. */
export interface RateLimit {
  /** Requests a second, on average. */
  readonly qps: number;
  /** Requests that may be sent at once after a quiet time. @default {10} */
  readonly burst?: number;
}

/** What the limiter tells. */
export interface RateLimitOptions {
  readonly clock: Clock;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** A wait that an operator should hear of, in milliseconds, as in client-go. */
const LONG = 1_000;
/** How often it is told, in milliseconds. */
const TOLD_EACH = 10_000;
/** client-go's, in seconds. */
const BUCKETS: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/**
 * Lets a transport send so many requests and no more, by a token bucket as client-go does (`--kube-api-qps`,
 * `--kube-api-burst`): who comes first is sent first, and the time limit of a call counts while it waits. Watches are not
 * limited. An API server of today limits its clients fairly by itself; this is for clusters whose operators want it.
 *
 * @throws {RangeError} when `qps` is not a positive number or `burst` not a whole number from 1.
 */
export function limitRate(transport: Transport, limit: RateLimit, options: RateLimitOptions): Transport {
  refuse("Cannot connect", membersFault(limit, ["qps", "burst"], "rateLimit"));
  const { qps, burst = 10 } = limit;
  const { clock, log, metrics } = options;
  if (!(qps > 0 && Number.isFinite(qps))) throw new RangeError(`qps is ${qps}, expected a positive number of requests a second`);
  if (!(Number.isInteger(burst) && burst >= 1)) throw new RangeError(`burst is ${burst}, expected a whole number from 1`);
  const waited = metrics?.histogram({
    name: "rest_client_rate_limiter_duration_seconds",
    help: "Client side rate limiter latency in seconds. Broken down by verb, and host.",
    labels: ["verb", "host"],
    buckets: BUCKETS,
  });
  const { host } = new URL(transport.server);
  let tokens = burst; // below 0: those who wait have taken them in advance
  let filled = clock.monotonic();
  let told = -Infinity;

  /** Takes a token. @returns When it will be there, in milliseconds from now. */
  function take(): number {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + (now - filled) / 1_000 * qps) - 1;
    filled = now;
    return Math.max(0, -tokens / qps * 1_000);
  }

  function tell(ms: number, { method, path }: TransportRequest): void {
    if (ms < LONG || clock.monotonic() - told < TOLD_EACH) return;
    told = clock.monotonic();
    const seconds = (ms / 1_000).toFixed(1);
    log?.info(
      `Waited ${seconds} s before ${method} ${path.replace(/\?.*$/s, "")}: no more than ${qps} requests are sent a second`,
    );
  }

  async function pass(request: TransportRequest, life: Lifetime): Promise<void> {
    const ms = take();
    if (ms > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(ms, resolve);
        life.whenOver(() => {
          cancel();
          tokens++;
          resolve();
        });
      });
    }
    waited?.(ms / 1_000, { verb: request.method, host });
    tell(ms, request);
  }

  return {
    server: transport.server,
    stream: (request, life) => transport.stream(request, life),
    close: () => transport.close(),
    async text(request, life) {
      await pass(request, life);
      // Nobody waits for what was given up meanwhile.
      if (life.over) throw new Error("given up before it was sent");
      return await transport.text(request, life);
    },
  };
}
