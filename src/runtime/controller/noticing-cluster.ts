import type {
  CallOptions,
  Cluster,
  DeleteOptions,
  KubernetesObject,
  ListOptions,
  NewObject,
  ObjectKey,
  ObjectList,
  PatchOperation,
  Resource,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../../ports.ts";

/** Is told of each write that the server has confirmed. */
export interface Notices {
  /** @param object What the server answered. */
  readonly wrote: (write: "create" | "patch" | "update", resource: Resource, object: KubernetesObject) => void;
  readonly deleted: (resource: Resource, key: ObjectKey) => void;
}

/** A cluster whose writes are noticed. A class, because there is one for each call of reconcile. */
export class NoticingCluster implements Cluster {
  readonly #cluster: Cluster;
  readonly #notices: Notices;

  constructor(cluster: Cluster, notices: Notices) {
    this.#cluster = cluster;
    this.#notices = notices;
  }
  get server(): string {
    return this.#cluster.server;
  }
  get<T extends KubernetesObject>(resource: Resource, key: ObjectKey, options?: CallOptions): Promise<T> {
    return this.#cluster.get<T>(resource, key, options);
  }
  list<T extends KubernetesObject>(resource: Resource, options?: ListOptions<T>): Promise<ObjectList<T>> {
    return this.#cluster.list<T>(resource, options);
  }
  watch<T extends KubernetesObject>(resource: Resource, options: WatchOptions): Promise<AsyncIterable<WatchEvent<T>>> {
    return this.#cluster.watch<T>(resource, options);
  }
  async create<T extends KubernetesObject>(resource: Resource, object: NewObject, options?: CallOptions): Promise<T> {
    const created = await this.#cluster.create<T>(resource, object, options);
    this.#notices.wrote("create", resource, created);
    return created;
  }
  async patch<T extends KubernetesObject>(
    resource: Resource,
    key: ObjectKey,
    patch: readonly PatchOperation[],
    options?: WriteOptions,
  ): Promise<T> {
    const patched = await this.#cluster.patch<T>(resource, key, patch, options);
    this.#notices.wrote("patch", resource, patched);
    return patched;
  }
  async replace<T extends KubernetesObject>(
    resource: Resource,
    object: KubernetesObject,
    options?: WriteOptions,
  ): Promise<T> {
    const replaced = await this.#cluster.replace<T>(resource, object, options);
    this.#notices.wrote("update", resource, replaced);
    return replaced;
  }
  async delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void> {
    await this.#cluster.delete(resource, key, options);
    this.#notices.deleted(resource, key);
  }
  /** Nothing: whoever has connected closes the connection. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
