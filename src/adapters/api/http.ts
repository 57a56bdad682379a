/**
 * The Kubernetes API over any transport: paths, paging, patches, watch lines, time limits, and one error for each thing
 * that can go wrong. Both adapters stand on it.
 *
 * @module
 */
import { isExpired, NoAnswerError } from "../../errors.ts";
import { checkOptions, CLOCK, LOG, type Members, METRICS, OBJECT } from "../../options.ts";
import type {
  CallOptions,
  Clock,
  Cluster,
  DeleteOptions,
  KubernetesObject,
  ListOptions,
  Log,
  Metrics,
  NewObject,
  ObjectKey,
  PatchOperation,
  Resource,
  WatchOptions,
  WriteOptions,
} from "../../ports.ts";
import { systemClock } from "../../runtime/time/clock.ts";
import { Call, type CallScope } from "./call.ts";
import { createCallMetrics } from "./call-metrics.ts";
import { createAborts } from "./aborts.ts";
import { createDeadlines } from "./deadlines.ts";
import { createLinkedList } from "./linked-list.ts";
import { transportError } from "../transport/failures.ts";
import { readLines } from "./lines.ts";
import { cutManagedFieldsOfMetadata } from "./managed-fields.ts";
import { limitRate, type RateLimit } from "./rate-limit.ts";
import { allPages, objectsOf, type Page, TABLE, type Table } from "./pages.ts";
import { objectText, resourcePath, selectionText, withQuery } from "./path.ts";
import { type Action, httpError, parseAnswer } from "./status.ts";
import { type ByteStream, HttpFailure, type Transport, type TransportRequest } from "../transport/transport.ts";
import { watchEvents } from "./watch.ts";

const isPositive = (value: unknown): boolean => typeof value === "number" && value > 0;

/** What may be set about a cluster over a transport. */
export interface ClusterOptions {
  /** Time. @default {systemClock} */
  readonly clock?: Clock;
  /** How long a request may take, in milliseconds; of a watch, until the server has accepted it. @default {30_000} */
  readonly requestTimeout?: number;
  /** Where requests are counted, under client-go's names. @default {nowhere} */
  readonly metrics?: Metrics;
  /** How many requests are sent at the most, watches excepted. @default {no limit} */
  readonly rateLimit?: RateLimit;
  /** Told of what waits for long. @default {nobody} */
  readonly log?: Log;
}

/** What is looked at of that wherever it is given. */
export const LIMITS: Members<ClusterOptions> = {
  clock: CLOCK,
  requestTimeout: { expected: "a positive number of milliseconds", fits: isPositive, isNumber: true },
  metrics: METRICS,
  rateLimit: OBJECT, // looked at by itself
  log: LOG,
};

/**
 * Makes a `Cluster` of a transport. Does no IO.
 *
 * **Guarantees**: a call settles within its time limit and at once when its signal is aborted, and leaves no timer and no
 * listener behind; what the server refused is a `StatusError`, even where the transport took it for a success.
 *
 * **Assumptions**: the transport rejects with {@linkcode HttpFailure} for an HTTP error, or resolves with its body.
 *
 * @throws {RangeError} when `requestTimeout` or the rate is not a positive number.
 */
export function createCluster(unlimited: Transport, options: ClusterOptions = {}): Cluster {
  checkOptions("Cannot connect", options, LIMITS);
  const { clock = systemClock, requestTimeout = 30_000, metrics, rateLimit, log } = options;
  const transport = rateLimit ? limitRate(unlimited, rateLimit, { clock, log, metrics }) : unlimited;
  const deadlines = createDeadlines(clock, requestTimeout);
  const scope: CallScope = { limit: requestTimeout, deadlines, aborts: createAborts(), open: createLinkedList() };
  const counted = metrics && createCallMetrics(metrics, transport.server, clock);
  let closed = false;

  const urlOf = (path: string) => transport.server + path.replace(/\?.*$/s, "");
  const actionOf = (text: string, resource: Resource): Action => ({ text, resource, server: transport.server });
  const wrap = (action: Action, path: string) => (error: unknown) =>
    error instanceof HttpFailure
      ? httpError(action, error, { url: urlOf(path), source: unlimited.source, now: clock.now() })
      : transportError(action.text, transport.server, error);

  const begin = (action: Action, signal?: AbortSignal) => {
    const call = new Call(scope, action.text, signal);
    if (closed) call.cut("the connection was closed");
    return call;
  };

  function attempt<T extends { readonly code: number }>(
    call: Call,
    method: string,
    perform: () => Promise<T>,
    late?: (value: T) => void,
  ): Promise<T> {
    const done = counted?.(method);
    const answer = call.race(perform(), late);
    if (!done) return answer;
    // Whoever counts may throw: that ends the call, not the process.
    return answer.then((value) => {
      done(value.code);
      return value;
    }, (error) => {
      done(error instanceof HttpFailure ? error.code : undefined);
      throw error;
    });
  }

  /** @throws what a try has failed with, but where the server has refused the credentials and there are others. */
  async function renew(call: Call, error: unknown): Promise<void> {
    if (error instanceof HttpFailure && await call.race(Promise.resolve(error.details.renew?.()))) return;
    throw error;
  }

  async function send(action: Action, request: TransportRequest, { signal, metadataOnly }: WriteOptions) {
    const call = begin(action, signal);
    const ask = () => attempt(call, request.method, () => transport.text(request, call));
    try {
      const answer = await ask().catch((error) => renew(call, error).then(ask));
      return parseAnswer(action, metadataOnly ? cutManagedFieldsOfMetadata(answer.text) : answer.text);
    } catch (error) {
      // The callers' aborts and the time limit come out as they are.
      throw call.over ? call.reason : wrap(action, request.path)(error);
    } finally {
      call.end();
    }
  }

  /** One call about one object. What cannot be asked rejects: it is made in here. */
  function ask<T>(verb: string, resource: Resource, what: () => Asked, options: WriteOptions): Promise<T> {
    try {
      const { key, request } = what();
      const action = actionOf(`Cannot ${verb} ${objectText(resource, key)}`, resource);
      return send(action, request, options) as Promise<unknown> as Promise<T>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  return {
    server: transport.server,

    get<T extends KubernetesObject>(resource: Resource, key: ObjectKey, options: CallOptions = {}) {
      const what = () => ({ key, request: { method: "GET", path: resourcePath(resource, key.namespace, key.name) } } as const);
      return ask<T>("get", resource, what, options);
    },

    async list<T extends KubernetesObject>(resource: Resource, options: ListOptions<T> = {}) {
      const { namespace, labelSelector, fieldSelector, notOlderThan, onPage } = options;
      const action = actionOf(`Cannot list ${selectionText(resource, options)}`, resource);
      const path = resourcePath(resource, namespace);
      let { columns, limit = WHOLE } = options;
      const page = async (query: Record<string, string | number | undefined>): Promise<Page<T>> => {
        const text = withQuery(path, { labelSelector, fieldSelector, ...query, ...columns && { includeObject: "None" } });
        const answer = await send(action, { method: "GET", path: text, ...columns && { accept: TABLE } }, options) as
          & Page<T>
          & Table;
        if (columns && answer.kind === "Table" && Array.isArray(answer.rows ?? [])) {
          const made = objectsOf(answer, columns);
          if (made) return made;
          columns = undefined; // an older edition of the resource
          limit = Math.min(limit, WHOLE);
          return await page({ ...query, ...query["limit"] !== undefined && { limit } });
        }
        if (answer.kind !== "Table" && Array.isArray(answer.items ?? [])) return answer;
        throw new NoAnswerError(action.text, new Error("the answer is no list: neither its items nor its rows are an array"));
      };
      const rest = async (token: string) => {
        const answer = await page({ limit, continue: token });
        if (answer.metadata?.continue !== token) return answer;
        throw new NoAnswerError(action.text, new Error("the answer is no list: its pages do not end"));
      };
      if (notOlderThan !== undefined) {
        // With a limit the server would take it for the very version, and ask its storage.
        const whole = { resourceVersion: notOlderThan, resourceVersionMatch: "NotOlderThan" };
        return await allPages(await page(whole), rest, onPage);
      }
      const first = await page({ limit });
      try {
        return await allPages(first, rest, onPage);
      } catch (error) {
        if (!isExpired(error) || !first.metadata?.continue) throw error;
        // The snapshot was compacted away while it was read: once more, in one piece, which cannot expire.
        return await allPages(await page({}), rest, onPage);
      }
    },

    async watch<T extends KubernetesObject>(resource: Resource, options: WatchOptions) {
      const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds, signal } = options;
      const action = actionOf(`Cannot watch ${selectionText(resource, options)}`, resource);
      const query = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds, labelSelector, fieldSelector };
      const path = withQuery(resourcePath(resource, namespace), query);
      const call = begin(action, signal);
      try {
        const open = () =>
          attempt(call, "WATCH", () => transport.stream({ method: "GET", path }, call), (late: ByteStream) => late.cancel());
        const stream = await open().catch((error) => renew(call, error).then(open));
        call.stopTimer();
        return watchEvents<T>(readLines(stream), call, action, wrap(action, path), options);
      } catch (error) {
        call.end();
        throw call.over ? call.reason : wrap(action, path)(error);
      }
    },

    create<T extends KubernetesObject>(resource: Resource, object: NewObject, options: CallOptions = {}) {
      const what = () => {
        const key = object.metadata;
        const path = resourcePath(resource, key.namespace);
        return { key, request: { method: "POST", path, body: JSON.stringify(object), contentType: "application/json" } } as const;
      };
      return ask<T>("create", resource, what, options);
    },

    patch<T extends KubernetesObject>(
      resource: Resource,
      key: ObjectKey,
      patch: readonly PatchOperation[],
      options: WriteOptions = {},
    ) {
      const what = () => {
        const body = JSON.stringify(patch);
        const contentType = "application/json-patch+json";
        return { key, request: { method: "PATCH", body, contentType, ...written(resource, key, options) } } as const;
      };
      return ask<T>("patch", resource, what, options);
    },

    replace<T extends KubernetesObject>(resource: Resource, object: KubernetesObject, options: WriteOptions = {}) {
      const what = () => {
        const key = object.metadata;
        const body = JSON.stringify(object);
        const contentType = "application/json";
        return { key, request: { method: "PUT", body, contentType, ...written(resource, key, options) } } as const;
      };
      return ask<T>("replace", resource, what, options);
    },

    async delete(resource: Resource, key: ObjectKey, options: DeleteOptions = {}) {
      const { preconditions, propagationPolicy = "Background" } = options;
      const what = () => {
        const body = JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", preconditions, propagationPolicy });
        const path = resourcePath(resource, key.namespace, key.name);
        return { key, request: { method: "DELETE", path, body, contentType: "application/json" } } as const;
      };
      await ask("delete", resource, what, options);
    },

    async close() {
      closed = true;
      for (let call = scope.open.first; call; call = scope.open.first) call.cut("the connection was closed");
      await transport.close();
    },
  } satisfies Cluster;
}

/** A request, and what it is about. */
interface Asked {
  readonly key: Partial<ObjectKey>;
  readonly request: TransportRequest;
}

/** Whole objects a page, where nothing else is said; rows of a table may be more. */
const WHOLE = 500;

/** Where a write goes, and what is asked for as its answer. */
function written(
  resource: Resource,
  key: ObjectKey,
  { subresource, metadataOnly }: WriteOptions,
): { path: string; accept?: string } {
  const path = resourcePath(resource, key.namespace, key.name) + (subresource ? `/${subresource}` : "");
  return metadataOnly ? { path, accept: METADATA } : { path };
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables names the parameters. */
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
