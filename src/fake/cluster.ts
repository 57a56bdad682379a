/**
 * The fake API server as one function from Request to Response.
 *
 * @module
 */
import type { Clock } from "../ports.ts";
import { systemClock } from "../runtime/clock.ts";
import { authenticate, authorize, type Tokens } from "./access.ts";
import { dispatch, findType } from "./dispatch.ts";
import { createJournal, type Journal } from "./journal.ts";
import { clone, isObject, type JsonObject } from "./json.ts";
import { negotiate, type Output, wantsPretty } from "./negotiate.ts";
import { nonResource } from "./non-resource.ts";
import { present } from "./present.ts";
import { createRandom } from "./random.ts";
import { Registry } from "./registry.ts";
import { objectResponse, refusalResponse, streamResponse } from "./respond.ts";
import { type ResourceRoute, type Route, routeOf } from "./route.ts";
import { seed } from "./seed.ts";
import { internalError, Refusal } from "./status.ts";
import { Store } from "./store.ts";
import type { Call, World } from "./world.ts";

/** How a fake cluster is set up. */
export interface FakeClusterOptions {
  /** CustomResourceDefinitions, parsed. They are established from the start. */
  readonly crds?: readonly unknown[];
  /** Objects that are there from the start. Their namespaces are made when missing. */
  readonly objects?: readonly unknown[];
  /** Where all times come from. @default {systemClock} */
  readonly clock?: Clock;
  /** Makes uids and generated names the same in every run. */
  readonly seed?: number;
  /** Users by bearer token. Without it everything is allowed to everyone. */
  readonly tokens?: Tokens;
  /** Events that each resource remembers for watches and old lists. @default {1000} */
  readonly history?: number;
}

/** An API server inside the process. */
export interface FakeCluster {
  /** The whole API server. Never throws and never rejects. */
  fetch(request: Request): Promise<Response>;
  /** What was asked so far, oldest first. */
  readonly requests: Journal;
  /** The clock that all times come from. */
  readonly clock: Clock;
  /** The tokens of the users, where some were given. */
  readonly tokens: Tokens | undefined;
  /** Ends all watches. */
  close(): void;
}

const plain: Output = { format: "json", pretty: false };

function journalBody(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parsed(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError(`Cannot set up ${JSON.stringify(value)}: expected a parsed object`);
  return clone(value);
}

interface Progress {
  route?: Route;
  resource?: ResourceRoute;
  body: Uint8Array;
  output: Output;
  warnings: string[];
}

/**
 * Makes a fake cluster: namespaces `default`, `kube-system`, `kube-public` and `kube-node-lease`, the CRDs and objects
 * that are given, nothing else. It runs no pods and has no garbage collector.
 *
 * @throws {TypeError} When a CRD or an object is refused; the message says why.
 */
export function createFakeCluster(options: FakeClusterOptions = {}): FakeCluster {
  const { crds = [], objects = [], clock = systemClock, seed: number, tokens, history = 1000 } = options;
  if (!Number.isInteger(history) || history < 1) {
    throw new RangeError(`history is ${history}, expected a whole number of at least 1`);
  }
  const world: World = { store: new Store(history), registry: new Registry(), clock, random: createRandom(number) };
  const { journal, add } = createJournal();
  seed(world, crds.map(parsed), objects.map(parsed));

  async function handle(request: Request, url: URL, progress: Progress): Promise<Response> {
    const { method, headers } = request;
    const route = progress.route = routeOf(method, url);
    if (route.kind === "resource") progress.resource = route.resource;
    if (request.body !== null) progress.body = new Uint8Array(await request.arrayBuffer());
    const userAgent = headers.get("user-agent") ?? "";
    const accept = headers.get("accept");
    progress.output = { ...plain, pretty: wantsPretty(url.searchParams, userAgent) };
    const user = authenticate(tokens, headers.get("authorization"));
    authorize(user, route.kind === "resource" ? route.resource.verb : method.toLowerCase(), url.pathname, progress.resource);
    if (route.kind !== "resource") return nonResource(world, route, request, url, progress.output);
    const { resource } = route;
    const type = findType(world.registry, resource);
    if (type.deprecation !== undefined) progress.warnings.push(type.deprecation);
    const output = progress.output = negotiate(accept, {
      custom: type.custom,
      watch: resource.verb === "watch",
      pretty: progress.output.pretty,
    });
    const call: Call = {
      world,
      type,
      verb: resource.verb,
      namespace: resource.namespace,
      name: resource.name,
      subresource: resource.subresource,
      query: url.searchParams,
      contentType: headers.get("content-type") ?? "",
      userAgent,
      body: progress.body,
      output,
      warnings: progress.warnings,
      signal: request.signal,
    };
    const reply = await dispatch(method, resource, call);
    if ("stream" in reply) return streamResponse(reply.stream, reply.contentType, progress.warnings);
    return objectResponse(reply.code, present(call, reply.object), output, { warnings: progress.warnings });
  }

  return {
    requests: journal,
    clock,
    tokens,
    async fetch(request) {
      const url = new URL(request.url);
      const progress: Progress = { body: new Uint8Array(), output: plain, warnings: [] };
      let response: Response;
      try {
        response = await handle(request, url, progress);
      } catch (error) {
        const refusal = error instanceof Refusal ? error : internalError(error instanceof Error ? error.message : String(error));
        response = refusalResponse(refusal, progress.output, progress.warnings);
      }
      if (request.method === "HEAD") response = new Response(null, response);
      const { resource } = progress;
      add({
        method: request.method,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        verb: resource?.verb ?? request.method.toLowerCase(),
        ...(resource ? { resource: resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}` } : {}),
        ...(resource?.namespace === undefined ? {} : { namespace: resource.namespace }),
        ...(resource?.name === undefined ? {} : { name: resource.name }),
        ...(resource?.subresource === undefined ? {} : { subresource: resource.subresource }),
        ...(request.headers.has("content-type") ? { contentType: request.headers.get("content-type")! } : {}),
        ...(progress.body.byteLength === 0 ? {} : { body: journalBody(progress.body) }),
        status: response.status,
        time: clock.now(),
      });
      return response;
    },
    close: () => world.store.close(),
  };
}
