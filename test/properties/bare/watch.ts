import type { Clock } from "../../../src/ports.ts";
import { type BodyStream, createBodyStream } from "../../../src/adapters/transport/body-stream.ts";
import type { ByteStream, Lifetime } from "../../../src/adapters/transport/transport.ts";
import { type StoreEvent, withRevision } from "../../../src/fake/store/store.ts";
import type { JsonObject } from "../../../src/fake/types/json.ts";
import { groupVersion } from "../../../src/fake/types/resource.ts";
import { expired } from "../../../src/fake/types/status.ts";
import type { Objects } from "./objects.ts";
import { type Matches, selectionOf } from "./reads.ts";
import type { Route } from "./route.ts";

/** How often an API server sends a bookmark, in milliseconds; where nothing else is to be told, too. */
const BOOKMARKS = 60_000;

const encoder = new TextEncoder();
const nothing = { pause() {}, resume() {} };

/** What a watch with a selection sees of a change. */
function seen(matches: Matches, { type, object, previous, revision }: StoreEvent): readonly [string, JsonObject] | undefined {
  const was = previous !== undefined && matches(previous);
  if (type !== "DELETED" && matches(object)) return [was ? "MODIFIED" : "ADDED", object];
  return was ? ["DELETED", withRevision(previous, String(revision))] : undefined;
}

/** A watch from the version that is asked for. */
export function watchObjects(objects: Objects, route: Route, clock: Clock, life: Lifetime): ByteStream {
  const { type, query } = route;
  const matches = selectionOf(route);
  const collection = objects.store.collection(type.storage);
  const endings: (() => void)[] = [];
  const end = () => {
    for (const each of endings.splice(0)) each();
  };
  const stream: BodyStream = createBodyStream(200, nothing, end);
  const close = () => {
    end();
    stream.end();
  };
  const from = Number(query.get("resourceVersion"));
  // A version that is still to come, as after a restore: the server is silent until it has been reached.
  const isReached = () => objects.store.revision >= from;
  const tell = (event: StoreEvent | undefined) => {
    const line = event && event.revision > from && seen(matches, event);
    if (line) stream.data(encoder.encode(`{"type":"${line[0]}","object":${objects.textOf(line[1])}}\n`));
    if (!event) close();
  };
  const mark = () => {
    const metadata = { resourceVersion: String(objects.store.revision) };
    const object = { kind: type.kind, apiVersion: groupVersion(type), metadata };
    if (isReached()) stream.data(encoder.encode(`${JSON.stringify({ type: "BOOKMARK", object })}\n`));
    endings.push(clock.setTimer(BOOKMARKS, mark));
  };
  if (from < collection.watched) {
    const { status } = expired(`too old resource version: ${from} (${collection.watched})`);
    stream.data(encoder.encode(`${JSON.stringify({ type: "ERROR", object: status })}\n`));
    stream.end();
    return stream;
  }
  for (const event of collection.since(from)) tell(event);
  endings.push(
    collection.watch(tell, close),
    clock.setTimer(Number(query.get("timeoutSeconds")) * 1_000, close),
    clock.setTimer(BOOKMARKS, mark),
  );
  life.whenOver(stream.cancel);
  return stream;
}
