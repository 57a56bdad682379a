/**
 * GET of a collection: pages, versions, selections.
 *
 * @module
 */
import { decodeContinue, encodeContinue } from "./continue.ts";
import { type JsonObject, storedItems } from "../types/json.ts";
import { type ListOptions, listOptions, type Selection } from "./list-options.ts";
import { outOfTime, timeoutOf } from "../http/deadline.ts";
import { isVersion, versionError } from "../http/options.ts";
import { ConversionError, groupVersion, type ResourceType } from "../types/resource.ts";
import { badRequest, expired, notRemembered, type Refusal, tooLargeVersion } from "../types/status.ts";
import type { Call, Reply } from "../store/world.ts";

/** @throws {Refusal} 400 */
function checkVersion({ version }: ListOptions): void {
  if (version !== "" && !isVersion(version)) throw badRequest(`invalid resource version: ${versionError(version)}`);
}

/** How long the server waits for a version from the future. Milliseconds. */
export const patience = 3_000;

/** Waits for a version from the future. @throws {Refusal} 504 when it is not reached in three seconds, or in the time that was asked for. */
export async function reachVersion({ world: { store, clock }, query, signal: gone }: Call, asked: string): Promise<void> {
  const version = Number(asked);
  if (version <= store.revision) return;
  const signal = gone?.();
  const timeout = timeoutOf(query) ?? patience;
  await new Promise<void>((resolve) => {
    const endings = [clock.setTimer(Math.min(timeout, patience), done), store.whenReached(version, done)];
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      for (const end of endings) end();
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
  if (version <= store.revision) return;
  throw timeout < patience ? outOfTime() : tooLargeVersion(BigInt(asked).toString(), String(store.revision));
}

/** A list as it is printed. Custom resources have their members in alphabetic order and always a continue. */
export function listAnswer(type: ResourceType, page: Page): JsonObject {
  const { items, token, remaining } = page;
  const version = String(page.revision);
  if (type.custom) {
    const metadata: JsonObject = { continue: token };
    if (remaining !== undefined) metadata.remainingItemCount = remaining;
    metadata.resourceVersion = version;
    return { apiVersion: groupVersion(type), items: storedItems([...items]), kind: type.listKind, metadata };
  }
  const metadata: JsonObject = { resourceVersion: version };
  if (token !== "") metadata.continue = token;
  if (remaining !== undefined) metadata.remainingItemCount = remaining;
  const bare = items.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest as JsonObject);
  return { kind: type.listKind, apiVersion: groupVersion(type), metadata, items: bare };
}

const listExpired = "The resourceVersion for the provided list is too old.";
const continueExpired =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** 410: the version of a list is forgotten. */
export const listTooOld = (): Refusal => expired(listExpired);

/** 410: the version of a continue token is forgotten. Carries a token for the rest as it is now. */
export const continueTooOld = (token: string): Refusal =>
  expired(continueExpired, { continue: encodeContinue({ revision: -1, start: decodeContinue(token).start }) });

/** One page of a list. */
export interface Page {
  readonly items: readonly JsonObject[];
  readonly revision: number;
  readonly token: string;
  readonly remaining: number | undefined;
}

/** The page that a call asks for. @throws {Refusal} 400 when its version is none, 410 when it is forgotten. */
export function pageOf(call: Call, options: ListOptions): Page {
  if (options.token === "") checkVersion(options);
  const { world, type, namespace } = call;
  const { selection } = options;
  const { store } = world;
  const collection = store.collection(type.storage);
  const prefix = namespace === undefined || !type.namespaced ? "" : `${namespace}/`;
  let { limit } = options;
  let start = "";
  let revision = store.revision;
  const exact = options.match === "Exact" || (options.match === "" && limit > 0 && options.token === "");
  if (options.token !== "") {
    const position = decodeContinue(options.token);
    if (options.version !== "" && options.version !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    start = `${prefix}${position.start.slice(1)}`;
    if (position.revision > 0) revision = position.revision;
    if (collection.at(revision) === undefined) throw continueTooOld(options.token);
  }
  // What may be as old as it likes comes whole.
  if (options.version === "0") limit = 0;
  else if (options.token === "" && options.version !== "" && exact) revision = Number(options.version) || revision;
  const then = revision === store.revision ? collection.all() : collection.at(revision);
  if (!then) throw listTooOld();
  const candidates = then.filter(([key]) => key.startsWith(prefix) && key >= start);
  type.ahead?.(candidates.map(([, object]) => object));
  const shown = candidates.map(([key, object]) => [key, type.fromStorage(object)] as const);
  // What the path asks for is in the keys already.
  const asksMore = selection.selects || call.name !== undefined || (namespace !== undefined && !type.namespaced);
  const matching = asksMore ? shown.filter(([, object]) => selection.matches(object)) : shown;
  const chosen = limit > 0 ? matching.slice(0, limit) : matching;
  // Whether there is more is known of keys, not of what a selector would take of them.
  const last = chosen.at(-1)?.[0];
  // One name is asked for by its key: there is no more of it.
  const more = limit > 0 && !selection.named && chosen.length === limit && candidates.some(([key]) => key > last!);
  const token = more ? encodeContinue({ revision, start: `/${last!.slice(prefix.length)}\u0000` }) : "";
  return {
    items: chosen.map(([, object]) => object),
    revision,
    token,
    remaining: more && !selection.selects ? matching.length - chosen.length : undefined,
  };
}

/** Waits for the version of a list, where it is still to come. @throws {Refusal} 400, 504 */
export async function checkReached(call: Call, options: ListOptions): Promise<void> {
  if (options.token !== "") {
    const { revision } = decodeContinue(options.token);
    if (options.version === "" || options.version === "0") await reachVersion(call, String(revision));
    return;
  }
  checkVersion(options);
  if (options.version !== "") await reachVersion(call, options.version);
}

/**
 * Looks whether the server could remember a whole collection: not while one of its objects is stored in a version that is gone.
 *
 * @throws {Refusal} 429
 */
export function checkRemembered({ type, world: { store } }: Pick<Call, "type" | "world">): void {
  if (!type.checkStored) return;
  try {
    for (const [, object] of store.collection(type.storage).all()) type.checkStored(object);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw notRemembered(`failed to list ${groupVersion(type)}, Kind=${type.kind}: ${error.message}`);
  }
}

/** Handles a list. */
export async function listObjects(call: Call): Promise<Reply> {
  const options = listOptions(call);
  // Pages are read where the objects are stored.
  if (options.version === "0" || (options.limit === 0 && options.token === "")) checkRemembered(call);
  await checkReached(call, options);
  return { code: 200, object: listAnswer(call.type, pageOf(call, options)) };
}

/** The objects of a selection among those that are stored. */
export function selectedObjects({ type }: Call, { matches }: Selection, stored: readonly JsonObject[]): readonly JsonObject[] {
  type.ahead?.(stored);
  return stored.map((object) => type.fromStorage(object)).filter(matches);
}
