import { causeText, isDenied, isStatus } from "../../errors.ts";
import type { Log } from "../../ports.ts";
import { GRANT } from "../../text.ts";

/** What stands in the way of something that is tried again until it works: each said once, and once that it is over. */
export interface Trouble {
  /** An attempt has failed. @returns How long the server asks to wait, in milliseconds; 0 where it does not. */
  met(error: unknown): number;
  /** An attempt has succeeded. */
  over(): void;
}

/** Obstacles that are told of until the next success. */
const LIMIT = 5;

/**
 * Makes one that has met nothing yet.
 *
 * @param what Is being tried, as in `keep leases "shop/a"`.
 * @param rights What to grant to whom the server denies it, as in `get and update of leases in "shop"`.
 */
export function createTrouble(log: Log, { what, rights }: { readonly what: string; readonly rights: string }): Trouble {
  const told = new Set<string>(); // an outage answers now this, now that
  return {
    met(error) {
      const denied = isDenied(error);
      // All that has to be granted is named below.
      const text = causeText(error).replace(`: ${GRANT}`, "");
      // A right that is missing for one object is missing for all of them, whatever they are called.
      const kind = denied ? /\bcannot \w+ resource "[^"]*"/.exec(text)?.[0] ?? text : text;
      // Texts that differ each time are as good as one.
      if (!told.has(kind) && told.size < LIMIT) {
        told.add(kind);
        log[denied ? "error" : "warn"](`Cannot ${what}, trying on: ${text}${denied ? `: grant ${rights}` : ""}`);
      }
      return isStatus(error) ? error.status.retryAfter ?? 0 : 0;
    },
    over() {
      if (told.size > 0) log.info(`Can ${what} again`);
      told.clear();
    },
  };
}
