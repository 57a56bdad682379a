import type { Cluster, KubernetesObject, Log, LogFields, Resource } from "../../ports.ts";
import type { Cache } from "./cache.ts";
import type { Round } from "./hot-loop.ts";

/** What reconcile may ask for when it has done what is to be done now. */
export interface ReconcileResult {
  /**
   * Call it again in so many milliseconds, or earlier where something changes.
   * @default {Only when something changes}
   */
  readonly requeueAfter?: number;
}

/**
 * Brings what is nearer to what should be. Level-triggered: it is told which key, not what has changed.
 *
 * @param key `namespace/name` of an object of the controller's kind, or the name alone where there is no namespace.
 */
export type Reconcile<T extends KubernetesObject> = (
  key: string,
  context: ReconcileContext<T>,
) => Promise<ReconcileResult | void> | ReconcileResult | void;

/** What one call of reconcile is given. Its members can be taken apart: `({ object, cluster }) => ...`. */
export interface ReconcileContext<T extends KubernetesObject> {
  /** The object with this key, as it was last seen; undefined when there is none (any more). Not to be changed. */
  readonly object: T | undefined;
  /**
   * The cluster to write to. What is written here is remembered: reconcile is not called again for this key until the caches
   * show it.
   */
  readonly cluster: Cluster;
  /** All objects of the controller's kind. */
  readonly cache: Cache<T>;
  /** All objects of another kind that the controller follows. @throws {TypeError} When it does not. */
  readonly cacheOf: <O extends KubernetesObject>(resource: Resource) => Cache<O>;
  /** The objects of a kind that the controller `owns` which `object` controls. @throws {TypeError} When it does not own it. */
  readonly owned: <O extends KubernetesObject>(resource: Resource) => O[];
  /**
   * Notes a version of an object that was seen elsewhere than in the caches: written by other means than `cluster`, or read.
   * @param resource @default {The controller's kind}
   */
  readonly saw: (object: KubernetesObject, resource?: Resource) => void;
  /** Aborted when the controller has to end and its `grace` is over. One for each call. */
  readonly signal: AbortSignal;
  /** Says with each line which controller, object and call it is about. */
  readonly log: Log;
  /** The wall clock, in milliseconds since the Unix epoch. */
  readonly now: number;
}

/** What the controller does for a call. */
export interface CallServices<T extends KubernetesObject> {
  readonly name: string;
  readonly log: Log;
  readonly cache: Cache<T>;
  readonly cacheOf: <O extends KubernetesObject>(resource: Resource) => Cache<O>;
  readonly now: () => number;
  /** A cluster that notes what is written in a call. */
  readonly connect: (key: string, round: Round) => Cluster;
  /** Notes what was seen elsewhere in a call. */
  readonly seen: (key: string, round: Round, object: KubernetesObject, resource: Resource | undefined) => void;
}

/** One call of reconcile. Its parts are made when they are asked for: most calls need few of them. */
export class ReconcileCall<T extends KubernetesObject> implements ReconcileContext<T> {
  /** Set when it begins. */
  object: T | undefined;
  readonly #key: string;
  readonly #round: Round;
  readonly #services: CallServices<T>;
  #cluster: Cluster | undefined;
  #ending: AbortController | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #log: Log | undefined;

  constructor(key: string, round: Round, services: CallServices<T>) {
    this.#key = key;
    this.#round = round;
    this.#services = services;
  }
  get cluster(): Cluster {
    return this.#cluster ??= this.#services.connect(this.#key, this.#round);
  }
  get saw(): ReconcileContext<T>["saw"] {
    return (object, resource) => this.#services.seen(this.#key, this.#round, object, resource);
  }
  get cache(): Cache<T> {
    return this.#services.cache;
  }
  get cacheOf(): ReconcileContext<T>["cacheOf"] {
    return this.#services.cacheOf;
  }
  get owned(): ReconcileContext<T>["owned"] {
    return <O extends KubernetesObject>(resource: Resource): O[] => {
      const cache = this.#services.cacheOf<O>(resource);
      return this.object ? cache.ownedBy(this.object) : [];
    };
  }
  get signal(): AbortSignal {
    if (!this.#ending) {
      this.#ending = new AbortController();
      if (this.#ended) this.#ending.abort(this.#ended.reason);
    }
    return this.#ending.signal;
  }
  get log(): Log {
    return this.#log ??= logOf(this.#services.log, {
      controller: this.#services.name,
      object: this.#key,
      reconcileID: crypto.randomUUID(),
    });
  }
  get now(): number {
    return this.#services.now();
  }
  /** Aborts `signal`, also where nobody has asked for it yet. */
  abort(reason: unknown): void {
    this.#ended = { reason };
    this.#ending?.abort(reason);
  }
}

/** A log that says with each line what it is about. */
function logOf(log: Log, about: LogFields): Log {
  const say = (level: keyof Log) => (message: string, fields?: LogFields) => log[level](message, { ...about, ...fields });
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
