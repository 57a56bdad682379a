import { readFileSync } from "node:fs";
import { causeText, SetupError } from "../errors.ts";
import type { Log } from "../ports.ts";
import { fileError, permissionError } from "./failures.ts";

/** A token in a file that somebody else renews. */
export interface TokenFile {
  /** The token in force; the file is read again about once a minute. @throws {SetupError} where there never was one. */
  token(): string;
  /** The file is read again for the next call: the server has refused its token. */
  expire(): void;
}

/** How long a token that was read is taken for the newest, in milliseconds: as client-go does (`transport/token_source.go`). */
const PERIOD = 60_000;

/** How a token file is read. */
export interface TokenFileOptions {
  /** Where it is named, for messages. */
  readonly source: string;
  /** What is used where the file cannot be read. */
  readonly fallback?: string;
  readonly log?: Log;
  /** Milliseconds since an arbitrary start. */
  readonly now: () => number;
}

/** Makes a token of a file. Does no IO. */
export function createTokenFile(path: string, { source, fallback, log, now }: TokenFileOptions): TokenFile {
  let good: string | undefined;
  let readAt = -Infinity;
  let told = "";
  return {
    token() {
      if (now() - readAt < PERIOD) return good!;
      try {
        good = readToken(path, source);
        told = "";
      } catch (error) {
        if (permissionError("", error)) throw error;
        good ??= fallback;
        if (good === undefined) throw error;
        const text = error instanceof SetupError ? error.message : causeText(error);
        if (text !== told) {
          log?.warn(`${text}; going on with ${good === fallback ? "the token beside it" : "the last token that was in it"}`);
        }
        told = text;
      }
      readAt = now();
      return good;
    },
    expire: () => void (readAt = -Infinity),
  };
}

function readToken(path: string, source: string): string {
  const what = `token file named in ${source}`;
  const wrong = (problem: string) => new SetupError(`The ${what} ${problem}: ${path}`);
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw fileError(path, what, error);
  }
  if (text === "") throw wrong("is empty");
  // RFC 6750, 2.1; what it holds is not shown, it may be a token and more.
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw wrong(/\n/.test(text) ? "holds more than one line" : "holds characters that no token has");
  }
  return text;
}
