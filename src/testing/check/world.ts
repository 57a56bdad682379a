import type { Clock } from "../../ports.ts";

/** An effect outside of the cluster, as a mock has told of it: see {@linkcode CheckWorld.effect}. */
export interface WorldEffect {
  /** As the mock calls it. */
  readonly name: string;
  /** By what whoever is called knows it again. */
  readonly key?: string;
  /** The job whose handler has had it; undefined where no handler was running. */
  readonly job?: string;
  /** The attempt of that job; counts from 1. */
  readonly attempt?: number;
  /** When, in milliseconds of the world's time since its flow was started. */
  readonly at: number;
}

/**
 * The world outside of the cluster, as the mocks of one try make it: each seed begins with a new one.
 *
 * It is here that workers die, calls fail and answers are lost: in what a handler awaits of it. A handler whose worker has died never
 * goes on from there, as if its process were gone; one whose process stands still goes on when that does.
 */
export interface CheckWorld {
  /** Of which chances the world is made. */
  readonly seed: number;
  /**
   * The time that the programs have, too: it passes as soon as nothing else is to be done. What a handler sets on it fires only while the
   * process of its worker runs.
   */
  readonly clock: Clock;
  /**
   * Tells of an effect outside of the cluster: a charge, a mail, a row. To be called, and awaited, by a mock where the genuine service
   * would be called.
   *
   * It may take some seconds of the world's time, or fail: with nothing done, or with everything done and the answer lost.
   *
   * @param name What it is, as in `charge`.
   * @param key By what whoever is called knows it again, such as the job's `idempotencyKey`: a second one of this name and key does
   * nothing. @default {Each is another one}
   * @param deed Does it in the mock's own state, at the moment at which it is done, whether its caller lives to see that or not.
   * @default {Nothing more is done}
   * @returns Whether it was done now; false: it was done already under this key.
   * @throws {Error} When the call fails, as the seed wants it.
   */
  effect(name: string, key?: string, deed?: () => void): Promise<boolean>;
  /**
   * Waits in the world's time.
   *
   * @param ms Milliseconds.
   * @param signal Ends it, with its reason: the `signal` of a job. @default {Nothing does}
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** One of these, by chance: what a mock answers. The same in each replay. @throws {RangeError} When there are none. */
  pick<const T>(of: readonly T[]): T;
  /** The effects that were done, the oldest first. */
  readonly effects: readonly WorldEffect[];
}
