/**
 * The lines of a stream, as they arrive.
 *
 * @module
 */

/** What came so far and has not been taken. */
export class Lines {
  readonly #waiting: string[] = [];
  #ended = false;
  #tell: () => void = () => {};

  constructor(body: AsyncIterable<Uint8Array>) {
    void this.#read(body);
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of body) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = parts.pop()!;
        this.#waiting.push(...parts);
        this.#tell();
      }
    } catch {
      // Whoever closes a watch cuts it off.
    }
    if (rest !== "") this.#waiting.push(rest);
    this.#ended = true;
    this.#tell();
  }

  /** Whether the server has ended it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when the stream has so many lines that count, or has ended. */
  until(enough: (lines: readonly string[]) => boolean): Promise<true> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#ended && !enough(this.#waiting)) return;
        this.#tell = () => {};
        resolve(true);
      };
      this.#tell = look;
      look();
    });
  }

  /** Takes all lines up to the one with which there are enough. */
  take(enough: (lines: readonly string[]) => boolean): string[] {
    let count = 0;
    while (count < this.#waiting.length && !enough(this.#waiting.slice(0, count))) count++;
    return this.#waiting.splice(0, count);
  }
}
