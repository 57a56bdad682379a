/** A reflector on a genuine server, and one who writes past it. */
import { isAlreadyExists, isConflict, isNoAnswer, isNotFound, isStatus } from "../../src/errors.ts";
import type { Cluster, KubernetesObject, Metrics, Resource } from "../../src/ports.ts";
import type { Store } from "../../src/runtime/store/store.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { type Reflector, runReflector } from "../../src/runtime/reflector/reflector.ts";
import { CONFIG_MAPS, type ConfigMap } from "./following.ts";

const namespace = "default";

/** A reflector of the config maps of the namespace default. */
export interface GenuineFollowing {
  readonly reflector: Reflector<ConfigMap>;
  /** `ADDED a@6`, in order. */
  readonly events: string[];
  /** `warn: Cannot follow ...`, in order. Without debug. */
  readonly lines: string[];
  /** `restarts ended`, `relists expired`, in order. */
  readonly counted: string[];
  /** Writes so many times to `NAME-0`, `NAME-1`, ... in turns, of ten; tries until each write is done. */
  readonly write: (name: string, times: number) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** Waits until the store is a fresh list. @returns How long it took, in milliseconds. */
  readonly untilSame: (limit?: number) => Promise<number>;
  readonly end: () => Promise<void>;
}

/** Until it is done, whoever is away. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isNoAnswer(error) && !(isStatus(error) && (error.status.code === 429 || error.status.code >= 500))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Waits until a store is a fresh list. @returns How long it took, in milliseconds. */
export async function untilListed(
  cluster: Cluster,
  resource: Resource,
  store: Pick<Store<KubernetesObject>, "keys" | "get">,
  limit = 20_000,
): Promise<number> {
  const text = ({ metadata }: KubernetesObject) => `${metadata.name}/${metadata.uid}@${metadata.resourceVersion}`;
  const from = performance.now();
  for (;;) {
    const cached = [...store.keys()].map((key) => text(store.get(key)!)).sort();
    const { items } = await insist(() => cluster.list(resource, { namespace }));
    const present = items.map(text).sort();
    if (cached.join() === present.join()) return performance.now() - from;
    if (performance.now() - from > limit) {
      throw new Error(`After ${limit} ms the store is\n${cached.join()}\nexpected\n${present.join()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts a reflector, and waits for its first list. @param writer Another connection; it is closed at the end. */
export async function followGenuine(cluster: Cluster, writer: Cluster): Promise<GenuineFollowing> {
  const events: string[] = [];
  const lines: string[] = [];
  const counted: string[] = [];
  const metrics: Metrics = {
    counter: ({ name }) => (labels = {}) =>
      void counted.push(`${name.replace(/^crd_watcher_(watch_)?|_total$/g, "")} ${labels["reason"]}`),
    histogram: () => () => {},
    gauge: () => () => {},
  };
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const ending = new AbortController();
  const reflector = runReflector<ConfigMap>({
    cluster,
    resource: CONFIG_MAPS,
    namespace,
    clock: systemClock,
    log: { debug() {}, info: say("info"), warn: say("warn"), error: say("error") },
    metrics,
    signal: ending.signal,
    onEvent: ({ type, object }) => void events.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`),
  });
  await reflector.synced;

  const put = async (name: string, value: string) => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { value } };
    try {
      await writer.patch(CONFIG_MAPS, { namespace, name }, [{ op: "add", path: "/data", value: { value } }]);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await writer.create(CONFIG_MAPS, object).catch((error) => {
        if (!isAlreadyExists(error) && !isConflict(error)) throw error;
      });
    }
  };
  return {
    reflector,
    events,
    lines,
    counted,
    async write(name, times) {
      for (let count = 0; count < times; count++) await insist(() => put(`${name}-${count % 10}`, `${count}`));
    },
    remove: (name) => insist(() => writer.delete(CONFIG_MAPS, { namespace, name })),
    untilSame: (limit) => untilListed(writer, CONFIG_MAPS, reflector.store, limit),
    async end() {
      ending.abort();
      await reflector.finished;
      await writer.close();
    },
  };
}
