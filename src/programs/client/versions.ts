import type { Client } from "./options.ts";
import { withRemedy } from "../setup.ts";
import { isCrdWatcherError, isDenied, isNotFound, isStatus, RequestStateError } from "../../errors.ts";
import type { KubernetesObject, ListOptions, Reader, Resource, WatchOptions } from "../../ports.ts";
import { isOver, nameOf, REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { runReflector } from "../../runtime/reflector/reflector.ts";
import { compareVersions } from "../../runtime/store/version.ts";

/**
 * Each version of a request that is seen, beginning with the given one; ends with its flow. The first step begins a watch; the
 * last one, an error, and leaving it early end that.
 *
 * A request that is deleted before its end is an error, and so is a server that does not let this user look.
 */
export function versionsOf(
  request: RequestState,
  { cluster, clock, log, signal }: Pick<Client, "cluster" | "clock" | "log" | "signal">,
): AsyncIterableIterator<RequestState, undefined> {
  const { uid, name, namespace } = request.metadata;
  const seen: RequestState[] = [request]; // not yet taken
  let newest = request.metadata.resourceVersion ?? "";
  let end: { error?: unknown } | undefined = isOver(request) ? {} : undefined; // nothing more is coming
  let news = Promise.withResolvers<void>();
  let watch: { readonly finished: Promise<void> } | undefined;
  const ending = new AbortController();

  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  const finish = (error?: { readonly error: unknown }) => {
    if (end) return;
    end = error ?? {};
    ending.abort();
    signal?.removeEventListener("abort", stop);
    tell();
  };
  const stop = () => finish({ error: signal?.reason });
  const gone = () =>
    finish({ error: new RequestStateError(`requeststates "${nameOf(request)}" was deleted before it was over`) });
  const see = (version: RequestState) => {
    const { resourceVersion = "" } = version.metadata;
    if (end || compareVersions(resourceVersion, newest) <= 0) return;
    newest = resourceVersion;
    seen.push(version);
    if (isOver(version)) finish();
    else tell();
  };

  function begin() {
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop, { once: true });
    const reflector = runReflector<RequestState>({
      cluster: candid(cluster, (error) => finish({ error: withRemedy(error) })),
      resource: REQUEST_STATES,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      clock,
      log,
      signal: ending.signal,
      onEvent({ type, object }) {
        if (object.metadata.uid !== uid) return;
        if (type !== "DELETED" || isOver(object)) see(object);
        if (type === "DELETED") gone();
      },
    });
    watch = reflector;
    const isThere = () => reflector.store.get(nameOf(request))?.metadata.uid === uid;
    // A list from before the request does not know it yet.
    const isBehind = () => compareVersions(reflector.version, request.metadata.resourceVersion ?? "") < 0;
    reflector.synced.then(() => isThere() || isBehind() || gone(), () => {});
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const version = seen.shift();
        if (version) return { value: version, done: false };
        if (end) {
          await watch?.finished;
          const { error } = end;
          end = {};
          if (error !== undefined) throw error;
          return { value: undefined, done: true };
        }
        if (!watch) begin();
        if (!end) await news.promise;
      }
    },
    async return() {
      finish();
      seen.length = 0;
      await watch?.finished;
      return { value: undefined, done: true };
    },
  };
}

/** A reader that tells of what a reflector would try again for ever, until it can follow: who waits here wants to know. */
export function candid(cluster: Reader, tell: (error: unknown) => void): Reader {
  let follows = false;
  const heard = (error: unknown) => {
    // 400: what is asked for is nothing that the server understands, a selector say.
    const isFinal = isDenied(error) || isNotFound(error) || isStatus(error) && error.status.code === 400 ||
      isCrdWatcherError(error) && error.crdWatcher === "setup";
    if (!follows && isFinal) tell(error);
    throw error;
  };
  return {
    get: (resource, key, options) => cluster.get(resource, key, options),
    list: <T extends KubernetesObject>(resource: Resource, options?: ListOptions<T>) =>
      cluster.list<T>(resource, options).catch(heard),
    watch: <T extends KubernetesObject>(resource: Resource, options: WatchOptions) =>
      cluster.watch<T>(resource, options).then((watch) => (follows = true, watch), heard),
  };
}
