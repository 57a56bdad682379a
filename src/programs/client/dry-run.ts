import { isNotFound, StatusError } from "../../errors.ts";
import { applied } from "../../flow/json-patch.ts";
import type { CallOptions, Cluster, KubernetesObject, NewObject, ObjectKey, PatchOperation, Resource } from "../../ports.ts";
import { REQUEST_STATES } from "../../request-state.ts";

/**
 * The same cluster, but what is written to RequestStates stays here: the answer to a write is what the server would have been asked for.
 * Whether it would have refused is not known. Questions to the server that are asked by creating something (reviews) go through.
 */
export function withoutWrites(cluster: Cluster): Cluster {
  const isOurs = ({ group, plural }: Resource) => group === REQUEST_STATES.group && plural === REQUEST_STATES.plural;
  /** What was read, until it is written: nobody reads it twice for one write. */
  const read = new Map<string, KubernetesObject>();
  const isThere = (resource: Resource, { namespace, name }: ObjectKey, options?: CallOptions) =>
    cluster.get(resource, { namespace, name }, options).then(() => true, (error) => {
      if (isNotFound(error)) return false;
      throw error;
    });
  return {
    ...cluster,
    async get<T extends KubernetesObject>(resource: Resource, key: ObjectKey, options?: CallOptions): Promise<T> {
      const object = await cluster.get<T>(resource, key, options);
      if (isOurs(resource)) read.set(addressOf(key), object);
      return object;
    },
    list: (resource, options) => cluster.list(resource, options),
    watch: (resource, options) => cluster.watch(resource, options),
    async create<T extends KubernetesObject>(resource: Resource, object: NewObject, options?: CallOptions): Promise<T> {
      if (!isOurs(resource)) return await cluster.create<T>(resource, object, options);
      if (await isThere(resource, object.metadata as ObjectKey, options)) {
        const text = `${resource.plural} "${object.metadata.name}" already exists`;
        throw new StatusError(`Cannot create ${text}`, { code: 409, reason: "AlreadyExists", message: text });
      }
      return object as unknown as T;
    },
    async patch<T extends KubernetesObject>(
      resource: Resource,
      key: ObjectKey,
      patch: readonly PatchOperation[],
      options?: CallOptions,
    ): Promise<T> {
      const address = addressOf(key);
      const held = read.get(address) as T | undefined;
      read.delete(address);
      return applied(held ?? await cluster.get<T>(resource, key, { signal: options?.signal }), patch);
    },
    replace: async <T extends KubernetesObject>(_: Resource, object: KubernetesObject) => object as T,
    delete: async () => {},
  };
}

const addressOf = ({ namespace, name }: ObjectKey): string => `${namespace}/${name}`;
