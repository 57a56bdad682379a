/**
 * What the core needs from the world: a cluster, a clock, a log, and where to count and to say how it is. Interfaces only, small enough to implement in a
 * test; the adapters implement {@linkcode Cluster} over the Node and the Deno client.
 *
 * @module
 */

/** The address of a resource in the API: group (`""` is the core group), version and plural. */
export interface Resource {
  /** `""` is the core group. */
  readonly group: string;
  /** As in `v1`. */
  readonly version: string;
  /** As it stands in paths, in lower case. */
  readonly plural: string;
}

/** The part of `metadata` that this library reads. Unknown members are kept as they came. */
export interface ObjectMeta {
  /** Unique among the objects of its resource and namespace. */
  readonly name: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  /** Unique over all time: a re-created object has another one. */
  readonly uid?: string;
  /** A decimal number in text, increasing with every write to the server; may pass 2^53. */
  readonly resourceVersion?: string;
  /** Counts the changes of what is wanted. */
  readonly generation?: number;
  /** RFC 3339, whole seconds, UTC. */
  readonly creationTimestamp?: string;
  /** RFC 3339; set while finalizers hold the object. */
  readonly deletionTimestamp?: string;
  /** How long it may still be there after that for a graceful end (pods), in seconds; counts down. */
  readonly deletionGracePeriodSeconds?: number;
  /** What selectors select by. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What tools note down. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whose object it is: deleted with the last of its owners. */
  readonly ownerReferences?: readonly OwnerReference[];
  /** Who has to do something before it may be deleted. */
  readonly finalizers?: readonly string[];
}

/** A reference to an owner, in the same namespace or cluster-scoped (`meta/v1 OwnerReference`). */
export interface OwnerReference {
  /** `group/version`, or `v1`. */
  readonly apiVersion: string;
  /** CamelCase, singular. */
  readonly kind: string;
  /** The owner's name. */
  readonly name: string;
  /** The owner's uid: one of another uid is another object. */
  readonly uid: string;
  /** This owner keeps the object as it should be; at most one does. */
  readonly controller?: boolean;
  /** The owner is not deleted in the foreground before this object is. */
  readonly blockOwnerDeletion?: boolean;
}

/** Any object of the API, as it stands on the server. */
export interface KubernetesObject {
  /** `group/version`, or `v1`. */
  readonly apiVersion: string;
  /** CamelCase, singular. */
  readonly kind: string;
  /** What every object has. */
  readonly metadata: ObjectMeta;
}

/** One thing that is true of an object, is not, or is not known (`meta/v1 Condition`). */
export interface Condition {
  /** CamelCase, as in `Ready`; another one for each condition of an object. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** Why, for machines: CamelCase. */
  readonly reason: string;
  /** Why, for people. May be empty. */
  readonly message: string;
  /** When `status` last became another one: RFC 3339, whole seconds. */
  readonly lastTransitionTime: string;
  /** The `metadata.generation` that it is about. */
  readonly observedGeneration?: number;
}

/** An object on its way to the server: what only the server knows is absent. */
export interface NewObject {
  /** `group/version`, or `v1`. */
  readonly apiVersion: string;
  /** CamelCase, singular. */
  readonly kind: string;
  /** Without a name: a question to the server, such as a SelfSubjectAccessReview, or one that it shall find a name for. */
  readonly metadata: NewObjectMeta;
}

/** The part of `metadata` that a creator may set. */
export interface NewObjectMeta extends Partial<Pick<ObjectMeta, "name" | "labels" | "annotations">> {
  /** As that of the object that it belongs to, which may have none. */
  readonly namespace?: string | undefined;
  /** What the server begins the name with, where there is none. */
  readonly generateName?: string;
  /** Whose object it will be. */
  readonly ownerReferences?: readonly OwnerReference[];
  /** Who has to do something before it may be deleted. */
  readonly finalizers?: readonly string[];
}

/** One operation of a JSON patch (RFC 6902), of the kinds that this library sends. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** Names one object. A cluster-scoped resource has no namespace. */
export interface ObjectKey {
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  /** The object's name. */
  readonly name: string;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What every write of an object takes. */
export interface WriteOptions extends CallOptions {
  /** Writes to this subresource of the object: a controller writes `status` where the resource has it. */
  readonly subresource?: "status" | "scale";
  /**
   * Only the metadata of the answer will be looked at, and not its managedFields, which may be left out: the server is asked to send
   * no more (`PartialObjectMetadata`). It may send the whole object all the same.
   * @default {false}
   */
  readonly metadataOnly?: boolean;
}

/** How an object is deleted. */
export interface DeleteOptions extends CallOptions {
  /** Refused with 409 unless the object is this one, at this version. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** What becomes of the objects that it owns. @default {"Background"} */
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
}

/** Which objects a list or a watch covers: all namespaces when `namespace` is absent. */
export interface Selection {
  /** All namespaces where absent. */
  readonly namespace?: string;
  /** As in `app=web,tier!=cache`. */
  readonly labelSelector?: string;
  /** As in `metadata.name=a`; a custom resource offers what its CRD declares. */
  readonly fieldSelector?: string;
}

/** What to list. */
export interface ListOptions<T = KubernetesObject> extends Selection, CallOptions {
  /** Objects a page at the most. @default {500} */
  readonly limit?: number;
  /**
   * The list is of this version or a newer one, and comes in one piece, from the memory of the server. One that has not got
   * so far refuses with 504 (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
   *
   * @default {The newest version, in pages}
   */
  readonly notOlderThan?: string;
  /**
   * Takes each page as it comes; the answer has no items then, so that they need not all be held at once. Pages of another
   * version than the ones before belong to a list that has begun anew.
   */
  readonly onPage?: (page: ObjectList<T>) => void;
  /**
   * Only some columns of the objects are needed, of those that kubectl shows: the server is asked for a Table, which is a fraction of
   * the objects. What has no such columns, or no tables, gives whole objects all the same.
   */
  readonly columns?: Columns<T>;
}

/** Columns of a resource, by the names that its CustomResourceDefinition gives them, and the objects that they make. */
export interface Columns<T> {
  /** As in `Name` (which all have), `Ready`. */
  readonly names: readonly string[];
  /** Makes an object of the cells of a row, in the order of `names`; null stands for what the object has not. */
  readonly toObject: (cells: readonly unknown[]) => T;
}

/** A whole list, all pages of it, at one resourceVersion. */
export interface ObjectList<T> {
  /** The version of the server at which the list is complete: where a watch goes on. */
  readonly resourceVersion: string;
  /** The objects, in the server's order. */
  readonly items: readonly T[];
}

/** What to watch, and from where on. */
export interface WatchOptions extends Selection, CallOptions {
  /** Where to go on from: the version of a list, of the last event, or of the last bookmark. */
  readonly resourceVersion: string;
  /** When the server shall end the watch, in seconds. */
  readonly timeoutSeconds: number;
  /** Nobody looks at `metadata.managedFields`: they may be left out, so that they need not be read. @default {false} */
  readonly withoutManagedFields?: boolean;
}

/** One line of a watch. ERROR lines are thrown as a `StatusError` instead. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

/** Reads from the API server. Every method rejects with a `StatusError` (the server refused) or a `NoAnswerError`. */
export interface Reader {
  /** Reads one object. */
  get<T extends KubernetesObject>(resource: Resource, key: ObjectKey, options?: CallOptions): Promise<T>;
  /** Reads all objects of a selection. */
  list<T extends KubernetesObject>(resource: Resource, options?: ListOptions<T>): Promise<ObjectList<T>>;
  /** Resolves once the server has accepted the watch; the iteration ends when the server ends the stream. */
  watch<T extends KubernetesObject>(resource: Resource, options: WatchOptions): Promise<AsyncIterable<WatchEvent<T>>>;
}

/** Writes to the API server. Rejects as {@linkcode Reader} does; after a `NoAnswerError` the write may have landed. */
export interface Writer {
  /** Creates an object. */
  create<T extends KubernetesObject>(resource: Resource, object: NewObject, options?: CallOptions): Promise<T>;
  /** Changes an object by a JSON patch. @returns The object afterwards. */
  patch<T extends KubernetesObject>(
    resource: Resource,
    key: ObjectKey,
    patch: readonly PatchOperation[],
    options?: WriteOptions,
  ): Promise<T>;
  /** Replaces an object (PUT); refused with 409 unless `metadata.resourceVersion` is its newest. @returns The object afterwards. */
  replace<T extends KubernetesObject>(resource: Resource, object: KubernetesObject, options?: WriteOptions): Promise<T>;
  /** Deletes an object; one that has finalizers stays until they are gone. */
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void>;
}

/** A connection to one API server with one identity. */
export interface Cluster extends Reader, Writer {
  /** What to call this connection in a message: the server's URL. */
  readonly server: string;
  /** Closes pooled connections. Calls under way are cut. */
  close(): Promise<void>;
}

/** Time, so that a test can own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump; use it for timestamps only. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back; use it to measure. */
  monotonic(): number;
  /** Calls back once, `ms` milliseconds from now. @returns A function that cancels the call. */
  setTimer(ms: number, callback: () => void): () => void;
}

/** The values of a metric's labels, by name. Never an object's name or uid: a metric must stay small. */
export type MetricLabels = Readonly<Record<string, string>>;

/** What a metric is called, and what it says. */
export interface MetricDescription {
  /** As in `workqueue_adds_total`. */
  readonly name: string;
  /** One sentence for people. */
  readonly help: string;
  /** The names of its labels. @default {[]} */
  readonly labels?: readonly string[];
}

/** Where the library counts what it does. Asking twice for one name gives the same metric. */
export interface Metrics {
  /** A number that only grows. @returns Adds to it. */
  counter(description: MetricDescription): (labels?: MetricLabels, value?: number) => void;
  /** A distribution. @returns Notes one value. */
  histogram(
    description: MetricDescription & { readonly buckets: readonly number[] },
  ): (value: number, labels?: MetricLabels) => void;
  /**
   * A number that goes up and down, read when the metrics are asked for.
   *
   * @param read Gives the value, or undefined where there is none now.
   * @returns Takes the reading with these labels away.
   */
  gauge(description: MetricDescription, labels: MetricLabels, read: () => number | undefined): () => void;
}

/** Where the library says whether it is ready for work, for the probes of whoever runs it. */
export interface Health {
  /**
   * Adds a check. Several of one name are one, which passes when all of them do.
   *
   * @param name As it stands in the answer of a probe: `informer-sync`.
   * @param read Asked at every probe; gives why it is not ready, as the end of a sentence, or undefined where it is.
   * @returns Takes the check away.
   */
  check(name: string, read: () => string | undefined): () => void;
}

/** Values that go with a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the library tells what it does. Messages are whole sentences without a full stop. */
export interface Log {
  /** What only a developer of this library wants to see. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator may want to see. */
  info(message: string, fields?: LogFields): void;
  /** What heals by itself, or needs a look some time. */
  warn(message: string, fields?: LogFields): void;
  /** What needs somebody now. */
  error(message: string, fields?: LogFields): void;
}
