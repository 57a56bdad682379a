/** What has happened, as a number: two stories with the same one went the same way, times and names aside. */
export interface Trace {
  /** Adds what happens next. */
  add(what: string): void;
  /** 53 bits. */
  readonly sum: number;
}

/** Begins one (two lanes of FNV-1a, each with a prime and a beginning of its own). */
export function createTrace(): Trace {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  return {
    add(what) {
      for (let at = 0; at < what.length; at++) {
        const code = what.charCodeAt(at);
        a = Math.imul(a ^ code, 0x01000193);
        b = Math.imul(b ^ code, 0x5bd1e995) ^ b >>> 15;
      }
      a = Math.imul(a ^ 0xff, 0x01000193);
      b = Math.imul(b ^ 0xff, 0x5bd1e995);
    },
    get sum() {
      return (a >>> 0) * 2 ** 21 + (b >>> 11);
    },
  };
}
