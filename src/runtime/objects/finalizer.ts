import { isNotFound } from "../../errors.ts";
import {
  ANYTHING,
  checkCluster,
  checkOptions,
  FUNCTION,
  type Members,
  OBJECT,
  required,
  RESOURCE,
  SIGNAL,
  TEXT,
} from "../../options.ts";
import type { CallOptions, Cluster, KubernetesObject, Resource } from "../../ports.ts";
import { addressOf, isUnchanged } from "./conditional.ts";
import { keyOf } from "../store/store.ts";

/** What has to be undone before an object may be deleted, and what does so. */
export interface FinalizerOptions<T extends KubernetesObject, R> extends CallOptions {
  /** The one of the reconcile's context. */
  readonly cluster: Cluster;
  /** What the object is called in the API. */
  readonly resource: Resource;
  /** The object, as it was last seen. */
  readonly object: T;
  /** Its name: a domain and a word, as in `example.com/cleanup`; no other controller's. */
  readonly finalizer: string;
  /** Makes what is to be made. Gets the object with the finalizer in it. */
  readonly apply: (object: T) => Promise<R>;
  /** Undoes it. The finalizer is taken away when it resolves. */
  readonly cleanup: (object: T) => Promise<R>;
}

const OPTIONS: Members<FinalizerOptions<KubernetesObject, unknown>> = {
  cluster: ANYTHING, // looked at by itself
  resource: required(RESOURCE),
  object: required(OBJECT),
  finalizer: required(TEXT),
  apply: required(FUNCTION),
  cleanup: required(FUNCTION),
  signal: SIGNAL,
};

/**
 * Makes what an object asks for, and undoes it before the object is deleted (kube-rs, `finalizer.rs`).
 *
 * **Guarantees**: `apply` does not begin before the finalizer is on the object; the object is not gone before `cleanup` has
 * resolved after that. Neither is called for an object that is being deleted and does not have the finalizer (any more).
 *
 * **Assumptions**: both may be called again and again, and `cleanup` also after an `apply` that failed, was cut short, or
 * never began. Nobody else takes the finalizer away. Finalizers of several controllers are taken away in any order: their
 * place in the list is none. While the controller does not run, or `cleanup` fails, the object cannot be deleted.
 *
 * @returns What `apply` or `cleanup` has given; undefined where there was nothing to do.
 * @throws What they throw; a `StatusError` when the finalizer cannot be written, a conflict where the object has moved on.
 */
export async function withFinalizer<T extends KubernetesObject, R>(options: FinalizerOptions<T, R>): Promise<R | undefined> {
  checkCluster("Cannot use a finalizer", options?.cluster);
  checkOptions("Cannot use a finalizer", options, OPTIONS);
  const { cluster, resource, object, finalizer, apply, cleanup, signal } = options;
  if (object.metadata.deletionTimestamp === undefined) {
    return await apply(await addFinalizer(cluster, resource, object, finalizer, { signal }));
  }
  if (!hasFinalizer(object, finalizer)) return undefined;
  const result = await cleanup(object);
  await removeFinalizer(cluster, resource, object, finalizer, { signal });
  return result;
}

/** Whether an object waits for this finalizer before it is deleted. Pure. */
export const hasFinalizer = ({ metadata }: KubernetesObject, finalizer: string): boolean =>
  metadata.finalizers?.includes(finalizer) === true;

/**
 * Puts a finalizer on an object; no write where it is there already.
 *
 * @returns The object as it is now.
 * @throws {TypeError} When the name is not one of a domain, or the object is being deleted: the server takes no new ones then.
 */
export async function addFinalizer<T extends KubernetesObject>(
  cluster: Cluster,
  resource: Resource,
  object: T,
  finalizer: string,
  options?: CallOptions,
): Promise<T> {
  const fault = !/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/.test(finalizer)
    ? "its name is to be a domain and a word, as in example.com/cleanup"
    : object.metadata.deletionTimestamp !== undefined
    ? "it is being deleted"
    : undefined;
  if (fault) throw new TypeError(`Cannot add finalizer "${finalizer}" to ${resource.plural} "${keyOf(object)}": ${fault}`);
  if (hasFinalizer(object, finalizer)) return object;
  const value = [...object.metadata.finalizers ?? [], finalizer];
  const operations = [...isUnchanged(object), { op: "add", path: "/metadata/finalizers", value } as const];
  return await cluster.patch<T>(resource, addressOf(object), operations, options);
}

/** Takes a finalizer off an object; no write where it is not there, no error where the object is gone. */
export async function removeFinalizer(
  cluster: Cluster,
  resource: Resource,
  object: KubernetesObject,
  finalizer: string,
  options?: CallOptions,
): Promise<void> {
  if (!hasFinalizer(object, finalizer)) return;
  const value = object.metadata.finalizers!.filter((other) => other !== finalizer);
  const operations = [...isUnchanged(object), { op: "add", path: "/metadata/finalizers", value } as const];
  try {
    await cluster.patch(resource, addressOf(object), operations, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
