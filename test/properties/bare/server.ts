/**
 * An API server that does what the programs of this project need and nothing else, for stories that are told by the million: no HTTP,
 * no rules for those that are trusted to keep them, no owners of fields. It stands on the store, the patches, the selectors and the
 * faults of the fake cluster; `bare.test.ts` holds the two beside each other.
 *
 * @module
 */
import { answerOf, good, streamOf } from "../../../src/adapters/transport/fetch-transport.ts";
import {
  type Answer,
  type ByteStream,
  HttpFailure,
  type Lifetime,
  signalOf,
  type Transport,
  type TransportRequest,
} from "../../../src/adapters/transport/transport.ts";
import type { Faults } from "../../../src/fake/mod.ts";
import type { FaultRequest } from "../../../src/fake/instruments/faults.ts";
import { applyFault, type CarryOptions } from "../../../src/fake/instruments/faults-effect.ts";
import { createFaults } from "../../../src/fake/instruments/faults-rules.ts";
import type { ObjectChange } from "../../../src/fake/instruments/follow.ts";
import type { JsonObject } from "../../../src/fake/types/json.ts";
import { metaOf } from "../../../src/fake/types/meta.ts";
import { Refusal } from "../../../src/fake/types/status.ts";
import type { Clock } from "../../../src/ports.ts";
import type { Dice } from "../../../src/testing/dice.ts";
import { Objects, type Written } from "./objects.ts";
import { listText, reach } from "./reads.ts";
import { type Route, routeOf } from "./route.ts";
import { watchObjects } from "./watch.ts";

/** A server. */
export interface BareServer {
  /** A connection of its own. @param sender Who is at its other end, as a header says it; somebody who is trusted to keep the rules. */
  connect(sender?: readonly [header: string, value: string]): Transport;
  readonly faults: Faults;
  /** As that of a fake cluster. */
  follow(resource: string, tell: (change: ObjectChange) => void): () => void;
  /** Keeps what is stored now. @returns Puts it back: all watches end, and versions go on from that of then and so many more. */
  backUp(): (bumpRevision: number) => void;
  /** Ends all watches, and takes back what faults have put off. */
  close(): void;
}

/** How a request is carried out. */
interface Carrying {
  readonly route: Route;
  readonly request: TransportRequest;
  readonly life: Lifetime;
  readonly isTrusted: boolean;
  readonly behind: CarryOptions["behind"];
}

const METADATA = "as=PartialObjectMetadata";

/** So many turns of the queue of promises may lie between a request and its effect, and between that and its answer. */
const TURNS = 6;

/** Sets a server up. @param dice Say in which order it takes what comes at one moment. */
export function createBareServer(clock: Clock, dice: Dice): BareServer {
  const objects = new Objects(clock);
  const { faults, next } = createFaults();
  const open = new Set<() => void>();

  const turns = async () => {
    for (let left = dice.roll(TURNS); left > 0; left--) await undefined;
  };

  async function carry({ route, request, life, isTrusted, behind }: Carrying): Promise<Answer | ByteStream> {
    const { type, verb, query } = route;
    const { body = "", accept } = request;
    const written: Written = { route, body, isTrusted };
    const store = behind === undefined ? objects.store : behind(objects.store, type.storage);
    try {
      switch (verb) {
        case "get":
          return { code: 200, text: objects.textOf(objects.get(route, store)) };
        case "list":
          await reach(query.get("resourceVersion") ?? "0", store, clock);
          return { code: 200, text: listText(objects, store, route, accept, clock) };
        case "watch":
          return watchObjects(objects, route, clock, life);
        case "create":
          return { code: 201, text: objects.textOf(objects.create(written)) };
        case "update":
          return { code: 200, text: objects.textOf(objects.replace(written)) };
        case "patch": {
          const object = objects.patch(written, request.contentType);
          const short = accept?.includes(METADATA);
          return { code: 200, text: short ? `{"metadata":${JSON.stringify(metaOf(object))}}` : objects.textOf(object) };
        }
        default:
          return { code: 200, text: objects.textOf(objects.delete(route, request.body)) };
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new HttpFailure(error.code, error.text ?? JSON.stringify(error.status));
    }
  }

  const connect: BareServer["connect"] = (sender) => {
    const headers = new Headers(sender && [[sender[0], sender[1]]]);
    const isTrusted = sender !== undefined;

    async function send(request: TransportRequest, life: Lifetime): Promise<Answer | ByteStream | Response> {
      const route = routeOf(request);
      await turns();
      const carrying = { route, request, life, isTrusted, behind: undefined };
      const known = faults.active === 0 ? undefined : describe(route, request, headers);
      const fault = known && next(known);
      if (!fault) return await carry(carrying);
      return await good(
        await applyFault(fault, {
          request: known,
          clock,
          signal: signalOf(life),
          open,
          carry: (options) => responseOf(carry({ ...carrying, behind: options?.behind })),
          landed() {},
        }),
      );
    }
    return {
      server: "http://bare.invalid",
      async text(request, life) {
        const answer = await send(request, life);
        await turns();
        return answer instanceof Response ? await answerOf(answer) : answer as Answer;
      },
      async stream(request, life) {
        const answer = await send(request, life);
        return answer instanceof Response ? streamOf(answer) : answer as ByteStream;
      },
      close: () => Promise.resolve(),
    };
  };

  return {
    connect,
    faults,
    follow(resource, tell) {
      const ending = `/${resource.split(".", 1)[0]}`;
      const shown = new Map<string, JsonObject>(); // by uid
      const show = (type: ObjectChange["type"], object: JsonObject) => {
        if (type === "DELETED") shown.delete(metaOf(object).uid!);
        else shown.set(metaOf(object).uid!, object);
        tell({ type, object });
      };
      return objects.store.observe((collection, event) => {
        if (event) return collection!.endsWith(ending) ? show(event.type, event.object) : undefined;
        const there = objects.all().filter(([name]) => name.endsWith(ending)).flatMap(([, objects]) => objects);
        const uids = new Set(there.map((object) => metaOf(object).uid));
        for (const [uid, object] of [...shown]) if (!uids.has(uid)) show("DELETED", object);
        for (const object of there) show("ADDED", object);
      });
    },
    backUp() {
      const { revision } = objects.store;
      const collections = Object.fromEntries(objects.all());
      return (bumpRevision) => objects.store.load(revision + bumpRevision, collections, () => {});
    },
    close() {
      for (const each of [...open]) each();
      open.clear();
      objects.store.close();
    },
  };
}

/** What faults look at. */
function describe(
  { type, verb, namespace, name, query }: Route,
  { method, path, body }: TransportRequest,
  headers: Headers,
): FaultRequest {
  return {
    method,
    path,
    query: Object.fromEntries(query),
    verb,
    resource: type.group === "" ? type.plural : `${type.plural}.${type.group}`,
    ...namespace !== undefined && { namespace },
    ...name !== undefined && { name },
    ...body !== undefined && { body: JSON.parse(body) as unknown },
    headers,
  };
}

/** An answer as faults take it. */
async function responseOf(carried: Promise<Answer | ByteStream>): Promise<Response> {
  try {
    const answer = await carried;
    if ("text" in answer) return new Response(answer.text, { status: answer.code });
    return new Response(
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          const bytes = await answer.read();
          if (bytes === undefined) controller.close();
          else controller.enqueue(bytes);
        },
        cancel: () => answer.cancel(),
      }, { highWaterMark: 0 }),
    );
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return new Response(error.body, { status: error.code });
  }
}
