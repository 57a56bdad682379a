/**
 * GET of one object.
 *
 * @module
 */
import { reachVersion } from "./list.ts";
import { isTrue, isVersion, versionError } from "../http/options.ts";
import { badRequest, plainError } from "../types/status.ts";
import { checkName, existing } from "./update.ts";
import type { Call, Reply } from "../store/world.ts";

/** @throws {Refusal} 400 where an object is asked for as it was before it was stored, which is no longer done. */
export function checkExport(query: URLSearchParams): void {
  if (!isTrue(query, "export")) return;
  throw badRequest("the export parameter, deprecated since v1.14, is no longer supported");
}

/** Handles a GET. A resourceVersion means: at least that. */
export async function getObject(call: Call): Promise<Reply> {
  checkExport(call.query);
  checkName(call.name!);
  const version = call.query.get("resourceVersion") ?? "";
  if (version !== "") {
    if (!isVersion(version)) throw plainError(versionError(version));
    await reachVersion(call, version);
  }
  return { code: 200, object: existing(call), isStored: true };
}
