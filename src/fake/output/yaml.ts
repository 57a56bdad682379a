/**
 * YAML, loaded by the first request that speaks it: most speak JSON, and loading takes longer than a small test.
 *
 * @module
 */

import type { HeaderFields } from "../types/incoming.ts";

type Library = typeof import("yaml");

/** What a text in YAML must not hold; the server's library reads no JSON that does either. */
export const forbiddenCharacter: RegExp = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\ufeff\u{10000}-\u{10ffff}]/u;

/** What the server says of it. */
export const forbiddenText = "yaml: control characters are not allowed";

let loaded: Library | undefined;

/** Whether the body of a request, or its answer, may be YAML or have some in it, and nobody has loaded it yet. */
export const needsYaml = (headers: HeaderFields): boolean =>
  !loaded && ["content-type", "accept"].some((name) => /yaml|proto-openapi/.test(headers.get(name) ?? ""));

/** Loads it. */
export async function loadYaml(): Promise<void> {
  loaded = await import("yaml");
}

/** The library, once it is loaded. */
export function yaml(): Library {
  if (!loaded) throw new Error("YAML is read or written for a request whose headers do not name it");
  return loaded;
}
