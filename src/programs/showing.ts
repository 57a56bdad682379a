import { guarded, type RunOptions } from "./running.ts";
import type { Log } from "../ports.ts";
import type { RequestState } from "../request-state.ts";
import { createLru } from "../runtime/store/lru.ts";
import { compareVersions } from "../runtime/store/version.ts";

/** Of how many requests it is remembered what was shown. */
const REMEMBERED = 10_000;

/**
 * Makes what shows each newer version of a request once, in order: the watch and the answers to writes overtake each other.
 * What was shown is remembered beyond the end of a request, for the answer to an earlier write may come after it.
 *
 * @returns Shows a version, and says whether it was newer. `isAnew`: it was not there, or has gone back to an older version.
 */
export function createShowing(
  onChange: RunOptions["onChange"],
  log: Log,
): (request: RequestState, isAnew?: boolean) => boolean {
  const show = guarded(onChange, log);
  const newest = createLru<string>(REMEMBERED); // by uid
  return (request, isAnew = false) => {
    const { uid, resourceVersion } = request.metadata;
    if (!isAnew && compareVersions(resourceVersion!, newest.get(uid!) ?? "") <= 0) return false;
    newest.set(uid!, resourceVersion!);
    show(request);
    return true;
  };
}
