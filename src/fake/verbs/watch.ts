/**
 * Watches: a stream of JSON lines.
 *
 * @module
 */
import { type JsonObject, textOfWritten } from "../types/json.ts";
import { checkRemembered, patience, reachVersion, selectedObjects } from "./list.ts";
import { listOptions, type Selection } from "./list-options.ts";
import { isTrue, isVersion, versionError } from "../http/options.ts";
import { present } from "../http/present.ts";
import { metaOf } from "../types/meta.ts";
import { groupVersion } from "../types/resource.ts";
import { expired, plainError, Refusal, tooLargeVersion } from "../types/status.ts";
import { turnsOf } from "./turns.ts";
import { type StoreEvent, withRevision } from "../store/store.ts";
import type { Call, Reply } from "../store/world.ts";

const bookmarkEvery = 60_000;
/** How long before its timeout a watch sends its last bookmark. */
const lastBookmark = 2_000;
/** How long a watch goes on, as before, after its CRD has changed. */
const lastWords = 1_000;
/** Lines that may wait for a reader; the server cuts off who is slower. */
const backlog = 10_000;

interface WatchOptions {
  readonly version: string;
  readonly selection: Selection;
  /** Whether the present state comes first. */
  readonly snapshot: boolean;
  readonly bookmarks: boolean;
  /** Whether a bookmark tells the end of the snapshot. */
  readonly announces: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Refuses to watch from what is no version: that comes before the form of the stream is looked at. @throws {Refusal} 500 */
export function checkWatchVersion(version: string): void {
  if (version !== "" && !isVersion(version)) throw plainError(versionError(version));
}

function watchOptions(call: Call): WatchOptions {
  const { version, timeoutSeconds, initialEvents, bookmarks, selection } = listOptions(call);
  const fromNow = version === "" || Number(version) === 0;
  const snapshot = initialEvents ?? fromNow;
  // The server asks for the present state itself where nothing, or 0, is said: not where it is written otherwise, nor where only
  // the path says that it is a watch.
  const asksForState = initialEvents ?? (isTrue(call.query, "watch") && ["", "0"].includes(version));
  const timeout = timeoutSeconds === 0
    ? 1_800_000 + call.world.random.fraction() * 1_800_000
    : Math.max(0, timeoutSeconds) * 1000;
  return { version, selection, snapshot, bookmarks, announces: bookmarks && asksForState, timeout };
}

interface Line {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: JsonObject;
}

/** What a watch with a selection sees of a change. Pure. */
function seen(call: Call, matches: (object: JsonObject) => boolean, event: StoreEvent): Line | undefined {
  const { type } = call;
  const object = event.type === "DELETED" ? undefined : type.fromStorage(event.object);
  const before = event.previous && type.fromStorage(event.previous);
  const was = before !== undefined && matches(before);
  if (object && matches(object)) return { type: was ? "MODIFIED" : "ADDED", object };
  // What stops matching leaves as it last was, with the revision of the change.
  return was ? { type: "DELETED", object: withRevision(before, String(event.revision)) } : undefined;
}

function bookmark(call: Call, end: boolean): JsonObject {
  const { type, world } = call;
  const resourceVersion = String(world.store.revision);
  const annotations = end ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
  if (type.custom) return { apiVersion: groupVersion(type), kind: type.kind, metadata: { ...annotations, resourceVersion } };
  return type.arrange({ metadata: { resourceVersion, ...annotations } });
}

/** Why a present state that is at least so new cannot be shown: it is waited for first, and the headers with it. */
async function refusalOf(call: Call, version: string): Promise<Refusal | undefined> {
  try {
    await reachVersion(call, version);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const revisionOf = (object: JsonObject) => Number(metaOf(object).resourceVersion);

const encoder = new TextEncoder();
/** The line that was told last: many watches are told the same. */
let told: { readonly type: Line["type"]; readonly object: JsonObject; readonly bytes: Uint8Array } | undefined;

/** An event as it is sent. */
function bytesOf(type: Line["type"], object: JsonObject): Uint8Array {
  if (told?.object === object && told.type === type) return told.bytes;
  told = { type, object, bytes: encoder.encode(`{"type":"${type}","object":${textOfWritten(object)}}\n`) };
  return told.bytes;
}

/** Handles a watch. */
export async function watchObjects(call: Call): Promise<Reply> {
  const options = watchOptions(call);
  checkRemembered(call);
  const refused = options.snapshot && options.version !== "" ? await refusalOf(call, options.version) : undefined;
  const { type, world } = call;
  const { clock, store } = world;
  const { selection } = options;
  const collection = store.collection(type.storage);
  const endings: (() => void)[] = [];
  let first = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  const close = () => {
    if (!controller) return;
    const closing = controller;
    controller = undefined;
    for (const end of endings.splice(0)) end();
    closing.close();
  };
  const send = (line: Line) => {
    if (!controller) return;
    // An event is no list: the server finds that out when there is one, and ends.
    if (line.type !== "ERROR" && call.output.as === "PartialObjectMetadataList") return close();
    const object = line.type === "ERROR" ? line.object : present(call, line.object, { first });
    if (line.type !== "ERROR") first = false;
    controller.enqueue(bytesOf(line.type, object));
    if ((controller.desiredSize ?? 0) < -backlog) close();
  };
  // A version that is still to come, as after a restore: the server is silent until it has been reached.
  const reached = () => options.snapshot || store.revision >= Number(options.version);
  const tell = (event: StoreEvent | undefined) => {
    if (!event) return close();
    if (!options.snapshot && event.revision <= Number(options.version)) return;
    turns.take(() => seen(call, selection.matches, event), (line) => line && send(line));
  };
  const refuse = ({ status }: Refusal) => {
    send({ type: "ERROR", object: status });
    close();
  };
  const turns = turnsOf(call, refuse);
  const announce = (object: JsonObject) => turns.take(() => object, () => send({ type: "BOOKMARK", object }));
  /** The objects of now; where they cannot be converted, the server's own memory is not as far as that. */
  const show = () => {
    const stored = collection.all().map(([, object]) => object);
    const now = String(store.revision);
    turns.take(() => selectedObjects(call, selection, stored), (objects) => {
      for (const object of objects) send({ type: "ADDED", object });
    }, {
      patience,
      tell: () => refuse(tooLargeVersion(now, String(Math.max(0, ...stored.map(revisionOf)) - 1))),
    });
  };
  const timer = (ms: number, callback: () => void) => {
    let cancel = clock.setTimer(ms, callback);
    endings.push(() => cancel());
    return (next: number) => void (cancel = clock.setTimer(next, callback));
  };

  const begin = () => {
    const version = Number(options.version);
    if (refused) return refuse(refused);
    if (!options.snapshot && options.version !== "" && version > 0 && version < collection.watched) {
      return refuse(expired(`too old resource version: ${version} (${collection.watched})`));
    }
    if (options.snapshot) show();
    else if (version > 0) { for (const event of collection.since(version)) tell(event); }
    if (options.announces) announce(bookmark(call, true));
    if (!controller) return;
    endings.push(collection.watch(tell, () => timer(lastWords, close)), turns.end);
    // Its time begins once the present state could be shown.
    turns.take(() => {}, runDown);
  };
  const runDown = () => {
    timer(options.timeout, close);
    if (!options.bookmarks) return;
    const mark = () => {
      if (reached()) announce(bookmark(call, false));
    };
    const again = timer(bookmarkEvery, () => {
      mark();
      again(bookmarkEvery);
    });
    if (options.timeout > lastBookmark) timer(options.timeout - lastBookmark, mark);
  };

  const stream = new ReadableStream<Uint8Array>({
    start(own) {
      controller = own;
      begin();
    },
    cancel() {
      controller = undefined;
      for (const end of endings.splice(0)) end();
    },
  });
  const signal = call.signal?.();
  if (signal) {
    if (signal.aborted) close();
    else {
      signal.addEventListener("abort", close, { once: true });
      endings.push(() => signal.removeEventListener("abort", close));
    }
  }
  return { code: 200, stream, contentType: "application/json" };
}
