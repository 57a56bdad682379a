/**
 * What a scenario is played on: an API server, genuine or fake, and its time.
 *
 * @module
 */

/** The bearer tokens of the users. */
export const tokens = { admin: "admin-token", alice: "alice-token", stranger: "unknown-token" } as const;

/** A request, ready to be sent. */
export interface Question {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Several of a name as a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

/** An answer whose body may go on. */
export interface Answer {
  readonly status: number;
  /** In lower case; a header that came several times is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Leaves the rest of the body. */
  abort(): void;
}

/** A server that scenarios are played on. */
export interface Target {
  /** As in `v1.35.0`. */
  readonly version: string;
  /** Milliseconds since the epoch when the server was started: what is older than that is no server's time. */
  readonly started: number;
  exchange(question: Question): Promise<Answer>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits for something; time passes meanwhile. @returns Nothing when it did not come in `limit` milliseconds. */
  within<T>(promise: Promise<T>, limit: number): Promise<T | undefined>;
  /** Lets everything that is under way arrive. */
  quiet(): Promise<void>;
  /** Waits until timestamps, which count seconds, show a later one. @returns The beginning of that second. */
  tick(): Promise<number>;
}
