import {
  type Clock,
  type Cluster,
  type KubernetesObject,
  type ListOptions,
  type Log,
  type Resource,
  systemClock,
} from "../mod.ts";

/** How long an answer may take before a person hears that it is waited for, in milliseconds. */
const PATIENCE = 5_000;

/** How it is told. */
export interface ImpatientOptions {
  readonly log: Log;
  /** @default {The machine's clock} */
  readonly clock?: Clock;
}

/** The same cluster, but whoever waits for one of its answers hears of that after 5 s, once for each: a server that hangs is not silence. */
export function impatient(cluster: Cluster, { log, clock = systemClock }: ImpatientOptions): Cluster {
  const begin = ({ plural }: Resource) => {
    let cancel = () => {};
    const tell = () => log.warn(`Waiting for ${cluster.server}: no answer for ${PATIENCE / 1_000} s about ${plural}`);
    const again = () => {
      cancel();
      cancel = clock.setTimer(PATIENCE, tell);
    };
    again();
    return { again, end: () => cancel() };
  };
  const timed = async <T>(resource: Resource, call: () => Promise<T>): Promise<T> => {
    const wait = begin(resource);
    try {
      return await call();
    } finally {
      wait.end();
    }
  };
  return {
    ...cluster,
    get: (resource, key, options) => timed(resource, () => cluster.get(resource, key, options)),
    async list<T extends KubernetesObject>(resource: Resource, options: ListOptions<T> = {}) {
      const { onPage } = options;
      const wait = begin(resource);
      // Each page is an answer.
      const paged = onPage && ((page: Parameters<typeof onPage>[0]) => {
        wait.again();
        onPage(page);
      });
      try {
        return await cluster.list<T>(resource, { ...options, ...paged && { onPage: paged } });
      } finally {
        wait.end();
      }
    },
    watch: (resource, options) => cluster.watch(resource, options),
    create: (resource, object, options) => timed(resource, () => cluster.create(resource, object, options)),
    patch: (resource, key, patch, options) => timed(resource, () => cluster.patch(resource, key, patch, options)),
    replace: (resource, object, options) => timed(resource, () => cluster.replace(resource, object, options)),
    delete: (resource, key, options) => timed(resource, () => cluster.delete(resource, key, options)),
  };
}
