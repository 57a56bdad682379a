/**
 * As much of a request as is looked at: a `Request`, or what a mount has read itself, which takes a tenth of the time.
 *
 * @module
 */

/** The headers of a request. */
export interface HeaderFields extends Iterable<[string, string]> {
  /** The value of that name, in whatever case; several are joined. */
  get(name: string): string | null;
  has(name: string): boolean;
  /** The names, in lower case and in whatever order. */
  keys(): Iterable<string>;
}

/** A request without its URL and its body. */
export interface Incoming {
  /** In capitals. */
  readonly method: string;
  readonly headers: HeaderFields;
  /** Tells that nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Headers as they were received, as `Headers` shows them. */
export class ReceivedHeaders implements HeaderFields {
  readonly #values = new Map<string, string>();

  /** @param raw Names and values in turns. */
  constructor(raw: readonly string[]) {
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = raw[at]!.toLowerCase();
      const before = this.#values.get(name);
      const joint = name === "cookie" ? "; " : ", ";
      this.#values.set(name, before === undefined ? raw[at + 1]! : `${before}${joint}${raw[at + 1]!}`);
    }
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }

  /** In the order of their names. */
  [Symbol.iterator](): Iterator<[string, string]> {
    return [...this.#values].sort(([a], [b]) => a < b ? -1 : 1)[Symbol.iterator]();
  }
}
