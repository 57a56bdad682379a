import { causeText } from "../../errors.ts";
import type { KubernetesObject, Log, WatchEvent } from "../../ports.ts";
import { ReflectorError } from "./failure.ts";
import type { IndexFunction } from "../store/indexes.ts";
import { faultOf } from "./malformed.ts";
import { createStore, keyOf, type Listing, type Store, type StoreEvent } from "../store/store.ts";

/** What comes from the server on its way into a store, and out of it to whoever listens. */
export interface Intake<T extends KubernetesObject> {
  readonly store: Store<T>;
  /** Takes in what a watch has shown. @throws {ReflectorError} When it is not an object. */
  put(event: Exclude<WatchEvent<T>, { type: "BOOKMARK" }>): void;
  /** Takes in a part of a list. What is not an object is left out, and told once. */
  take(listing: Listing<T>, items: readonly T[]): void;
  /** Ends a list. */
  end(listing: Listing<T>): void;
  /** The store shows everything up to this version. */
  progress(version: string): void;
}

/** What an intake is made of. */
export interface IntakeOptions<T extends KubernetesObject> {
  readonly resource: string;
  readonly log: Log;
  readonly keepManagedFields: boolean;
  readonly indexes: Readonly<Record<string, IndexFunction<T>>>;
  readonly onEvent: (event: StoreEvent<T>) => unknown;
  readonly onProgress?: (version: string) => void;
  /** An object was left out. */
  readonly onMalformed: () => void;
  /** What listens has thrown. */
  readonly onHandlerError: () => void;
}

/** So many different errors of a handler are told; what throws ever new ones shall not fill the log. */
const KINDS = 20;

/** Makes an intake into an empty store. What `onEvent` and the indexes throw is counted, told once for each kind, and over. */
export function createIntake<T extends KubernetesObject>(options: IntakeOptions<T>): Intake<T> {
  const { resource, log, keepManagedFields, onEvent, onMalformed, onHandlerError } = options;
  const told = new Set<string>();

  const handlerFailed = (what: string, error: unknown, object?: T) => {
    onHandlerError();
    const text = `${what} of ${resource} throws: ${causeText(error)}`;
    const level = told.has(text) || told.size >= KINDS ? "debug" : "error";
    if (level === "error") told.add(text);
    log[level](text, object && { object: keyOf(object) });
  };
  const indexes = Object.fromEntries(
    Object.entries(options.indexes).map(([name, valuesOf]): [string, IndexFunction<T>] => [name, (object) => {
      try {
        return [...valuesOf(object)];
      } catch (error) {
        handlerFailed(`The index "${name}"`, error, object);
        return [];
      }
    }]),
  );
  const store = createStore<T>({ indexes });

  const tell = (events: readonly StoreEvent<T>[]) => {
    for (const event of events) {
      try {
        const result = onEvent(event);
        if (isThenable(result)) result.then(undefined, (error) => handlerFailed("A handler", error, event.object));
      } catch (error) {
        handlerFailed("A handler", error, event.object);
      }
    }
  };

  return {
    store,
    put({ type, object }) {
      const fault = faultOf(object);
      if (fault !== undefined) {
        onMalformed();
        throw new ReflectorError("malformed", `a watch of ${resource} shows an object ${fault}`);
      }
      if (!keepManagedFields) prune(object);
      tell(type === "DELETED" ? store.remove(object) : store.put(object));
    },
    take(listing, items) {
      const whole = items.filter((item) => {
        const fault = faultOf(item);
        if (fault === undefined) return true;
        onMalformed();
        const text = `The list of ${resource} has an object ${fault}, which is left out`;
        log[told.has(text) ? "debug" : "warn"](text);
        told.add(text);
        return false;
      });
      if (!keepManagedFields) { for (const item of whole) prune(item); }
      tell(listing.take(whole));
    },
    end: (listing) => tell(listing.end()),
    progress(version) {
      try {
        options.onProgress?.(version);
      } catch (error) {
        handlerFailed("onProgress", error);
      }
    },
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

/**
 * Who manages which field is often half of an object, and nobody reads it in a cache. The metadata are made anew: an object
 * that a member was deleted from takes twice the memory, in V8.
 */
function prune(object: KubernetesObject): void {
  const held = object as { metadata: KubernetesObject["metadata"] & { managedFields?: unknown } };
  if (held.metadata.managedFields === undefined) return;
  const { managedFields: _, ...metadata } = held.metadata;
  held.metadata = metadata;
}
