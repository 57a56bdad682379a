/**
 * GET of one object.
 *
 * @module
 */
import { reachVersion } from "./list.ts";
import { isVersion, versionError } from "../http/options.ts";
import { plainError } from "../types/status.ts";
import { checkName, existing } from "./update.ts";
import type { Call, Reply } from "../store/world.ts";

/** Handles a GET. A resourceVersion means: at least that. */
export async function getObject(call: Call): Promise<Reply> {
  checkName(call.name!);
  const version = call.query.get("resourceVersion") ?? "";
  if (version !== "") {
    if (!isVersion(version)) throw plainError(versionError(version));
    await reachVersion(call, version);
  }
  return { code: 200, object: existing(call), isStored: true };
}
