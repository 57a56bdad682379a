import { readFileSync } from "node:fs";

/** What logs say. */
export interface Sentences {
  /** How often each was said, names and numbers left out; the most frequent first. */
  readonly counts: ReadonlyMap<string, number>;
  /** What no log of a program should hold: stacks, and what runtimes say of errors that nobody caught. With where it stands. */
  readonly crashes: readonly string[];
}

const CRASH = /^\s+at .+[:)]\d*|Uncaught|Unhandled|UnhandledPromise|FATAL|ERR_[A-Z]|panicked/;

/** What differs from one time to the next: moments, identities, digits. */
const plain = (line: string): string =>
  line
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "UID")
    .replace(/\b(worker|director|chaos|sample|order|long|poll|parcel)-[\w-]+/g, "$1-…")
    .replace(/\d+(\.\d+)?/g, "0");

/** Reads logs of programs. */
export function readSentences(paths: readonly string[]): Sentences {
  const counts = new Map<string, number>();
  const crashes: string[] = [];
  for (const path of paths) {
    readFileSync(path, "utf8").split("\n").forEach((line, index) => {
      if (line === "" || line.includes(" --- process ")) return;
      if (CRASH.test(line)) crashes.push(`${path}:${index + 1}: ${line.trim()}`);
      const sentence = plain(line);
      counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
    });
  }
  return { counts: new Map([...counts].sort(([, a], [, b]) => b - a)), crashes };
}
