import { checkCluster } from "../../options.ts";
import { isUncertain, retryAfter } from "../commit.ts";
import type { Flow } from "../../flow/plan.ts";
import type { Clock, Cluster, Log } from "../../ports.ts";
import { createBackoff } from "../../runtime/time/backoff.ts";
import { sleep, systemClock } from "../../runtime/time/clock.ts";
import { checkShared, CLIENT } from "../given-options.ts";
import { silentLog } from "../../runtime/log/log.ts";
import { thrownText } from "../../errors.ts";
import { ageText } from "../../text.ts";

/** Where flows are, and how they are asked after. */
export interface ClientOptions {
  /** The cluster that the flows run on. */
  readonly cluster: Cluster;
  /** The namespace of the requests. @default {"default"} */
  readonly namespace?: string;
  /** The identity in the history. @default {`client-` and 8 random digits} */
  readonly identity?: string;
  /** Ends the call; of one that gives a run, also waiting for the end of that run. */
  readonly signal?: AbortSignal;
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Where it tells what it does. @default {Nothing is logged} */
  readonly log?: Log;
}

/** The same for a flow that was not started here. */
export interface FlowOptions<F extends Flow = Flow> extends ClientOptions {
  /** The definition of the flow: what comes back has its types, and what is given is checked by it. @default {It is not known} */
  readonly flow?: F;
}

/** Options, checked, with their defaults. */
export interface Client extends Required<Omit<ClientOptions, "signal">> {
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills in what was not said.
 *
 * @param action As in `Cannot start flow "order"`.
 * @throws {TypeError} When there is no cluster, or a promise of one, or the namespace is none.
 */
export function clientOf(action: string, options: ClientOptions): Client {
  const { cluster, namespace = "default", signal, clock = systemClock, log = silentLog } = options ?? {};
  const identity = options?.identity ?? `client-${crypto.randomUUID().slice(0, 8)}`;
  checkCluster(action, cluster);
  checkShared(action, options, CLIENT);
  return { cluster, namespace, identity, signal, clock, log };
}

/** How often a call is made without a definite answer, before its caller is told. */
export const TRIES = 5;

/** From which pause on it is told of, in milliseconds: a server may ask for five minutes. */
const WORTH_TELLING = 2_000;

/** Makes a call that may be repeated, until there is a definite answer, but not for ever. */
export async function ask<T>(
  { clock, signal, log }: Pick<Client, "clock" | "signal" | "log">,
  call: () => Promise<T>,
): Promise<T> {
  const backoff = createBackoff();
  for (let tries = 1;; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries >= TRIES || !isUncertain(error)) throw error;
      const wait = retryAfter(error) ?? backoff.next();
      if (wait >= WORTH_TELLING) log.warn(`Asking again in ${ageText(wait)}: ${thrownText(error)}`);
      await sleep(clock, wait, signal);
    }
  }
}
