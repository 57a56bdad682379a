import { SetupError } from "../../errors.ts";
import type { Clock, Log } from "../../ports.ts";
import { permissionError, readFile } from "../transport/failures.ts";
import { tokenFault, tokenIn } from "./token.ts";

/** A token in a file that somebody else renews. */
export interface TokenFile {
  /** The token in force. @throws {SetupError} where there never was one. */
  token(): string;
  /** The server has refused the token: the file is read again. @returns Whether it holds another one now. */
  refused(): boolean;
}

/** How long what was read serves, in milliseconds: client-go's minute, less its leeway (`transport/token_source.go`). */
const PERIOD = 50_000;

/** How a token file is read. */
export interface TokenFileOptions {
  /** Whose token it is, for messages. */
  readonly userText: string;
  /** What is used where the file cannot be read or is empty. @default {Nothing} */
  readonly fallback?: string;
  /** Told once of a file that cannot be used any more. @default {Nothing is logged} */
  readonly log?: Log;
  readonly clock: Clock;
}

/**
 * Makes a token of a file. Does no IO.
 *
 * **Guarantees**: the file goes before the fallback; once there was a token there always is one: the last that was read. A
 * token is not in any message.
 */
export function createTokenFile(path: string, { userText, fallback, log, clock }: TokenFileOptions): TokenFile {
  const what = `token file of the ${userText}`;
  let good: string | undefined;
  let readAt = -Infinity;
  let told = "";

  const look = (): string => {
    readAt = clock.monotonic();
    const { token, error, useless } = read(path, what);
    if (token !== undefined) {
      told = "";
      return good = token;
    }
    // It may be there again the next time.
    readAt = -Infinity;
    const last = good ?? (useless ? undefined : fallback);
    if (last === undefined || permissionError("", error)) throw error;
    if (error.message !== told) {
      log?.warn(`${error.message}; going on with ${good === undefined ? "the token beside it" : "the last token that it held"}`);
    }
    told = error.message;
    return last;
  };
  return {
    token: () => good !== undefined && clock.monotonic() - readAt < PERIOD ? good : look(),
    refused() {
      const before = good ?? fallback;
      return look() !== before;
    },
  };
}

type Reading =
  | { readonly token: string; readonly error?: never; readonly useless?: never }
  | {
    readonly token?: never;
    readonly error: SetupError; /** Whether client-go would send it all the same. */
    readonly useless?: true;
  };

function read(path: string, what: string): Reading {
  try {
    const token = tokenIn(readFile(path, what).toString());
    const fault = tokenFault(token);
    if (fault === undefined) return { token };
    return { error: new SetupError(`The ${what} ${fault}: ${path}`), ...token !== "" && { useless: true } };
  } catch (error) {
    return { error: error as SetupError };
  }
}
