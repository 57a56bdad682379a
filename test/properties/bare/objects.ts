import type { Clock } from "../../../src/ports.ts";
import { jsonPatch, JsonPatchError, type Operation } from "../../../src/fake/patch/json-patch.ts";
import { mergePatch } from "../../../src/fake/patch/merge-patch.ts";
import { createRandom } from "../../../src/fake/store/random.ts";
import { keyOf, Store } from "../../../src/fake/store/store.ts";
import { equal, type JsonObject } from "../../../src/fake/types/json.ts";
import { type Meta, metaOf, timestamp, withMeta } from "../../../src/fake/types/meta.ts";
import { kindSubject, type ResourceType } from "../../../src/fake/types/resource.ts";
import { alreadyExists, conflict, modified, notFound, Refusal, unprocessable } from "../../../src/fake/types/status.ts";
import type { Route } from "./route.ts";

/** A write, and whether its sender is trusted to keep the rules of the CRD. */
export interface Written {
  readonly route: Route;
  readonly body: string;
  readonly isTrusted: boolean;
}

const JSON_PATCH = "application/json-patch+json";

/** The objects of a bare server. What it is asked to write is written as it comes, but for what programs rely on. */
export class Objects {
  readonly store: Store = new Store(10_000);
  readonly #random = createRandom();
  readonly #clock: Clock;
  readonly #texts = new WeakMap<JsonObject, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An object as it is sent. */
  textOf(object: JsonObject): string {
    let text = this.#texts.get(object);
    if (text === undefined) this.#texts.set(object, text = JSON.stringify(object));
    return text;
  }

  /** All there are, by collection. */
  all(): (readonly [collection: string, objects: readonly JsonObject[]])[] {
    return this.store.names().map((name) => [name, this.store.collection(name).all().map(([, object]) => object)] as const);
  }

  /** @throws {Refusal} 404 */
  get({ type, namespace, name }: Route, store: Store = this.store): JsonObject {
    const found = store.collection(type.storage).get(keyOf(namespace, name!));
    if (!found) throw notFound(type, name!);
    return found;
  }

  /** @throws {Refusal} 409, 422 */
  create({ route: { type, namespace }, body, isTrusted }: Written): JsonObject {
    const given = JSON.parse(body) as JsonObject;
    // Defaults are the server's, whoever it is that creates.
    const decoded = type.custom ? type.setDefaults(type.decode(given).object) : given;
    const { generateName, name = `${generateName}${this.#random.suffix()}` } = metaOf(decoded);
    const object = withMeta(decoded, {
      ...metaOf(decoded),
      name,
      namespace: namespace!,
      uid: this.#random.uuid(),
      creationTimestamp: timestamp(this.#clock.now()),
      ...type.counted && { generation: 1 },
    });
    if (this.store.collection(type.storage).get(keyOf(namespace, name))) {
      throw alreadyExists(type, name, { terminating: false, generated: false });
    }
    if (!isTrusted) this.#check(type, object, undefined);
    return this.#put(type, object);
  }

  /** PUT. @throws {Refusal} 404, 409 */
  replace({ route, body, isTrusted }: Written): JsonObject {
    return this.#update(route.type, JSON.parse(body) as JsonObject, this.get(route), isTrusted);
  }

  /** @throws {Refusal} 404, 409, 422 */
  patch({ route, body, isTrusted }: Written, contentType: string | undefined): JsonObject {
    const old = this.get(route);
    const target = JSON.parse(this.textOf(old)) as JsonObject;
    const patch = JSON.parse(body) as JsonObject;
    const next = contentType === JSON_PATCH ? patched(target, patch) : mergePatch(target, patch);
    return this.#update(route.type, next, old, isTrusted);
  }

  /** @throws {Refusal} 404, 409 */
  delete(route: Route, body: string | undefined): JsonObject {
    const { type, namespace, name } = route;
    const { uid, resourceVersion } = metaOf(this.get(route));
    const { preconditions = {} } = JSON.parse(body ?? "{}") as { preconditions?: Pick<Meta, "uid" | "resourceVersion"> };
    for (const [given, found] of [[preconditions.uid, uid], [preconditions.resourceVersion, resourceVersion]]) {
      if (given !== undefined && given !== found) throw conflict(kindSubject(type), name!, `it is ${found}, not ${given}`);
    }
    this.store.remove(type.storage, keyOf(namespace, name!));
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };
  }

  #update(type: ResourceType, next: JsonObject, old: JsonObject, isTrusted: boolean): JsonObject {
    const [meta, known] = [metaOf(next), metaOf(old)];
    const { name } = known;
    if (meta.uid !== known.uid) throw conflict(type, name!, `its uid is ${known.uid}, not ${meta.uid}`);
    if (meta.resourceVersion !== known.resourceVersion) throw modified(type, name!);
    const { metadata: _a, ...content } = next;
    const { metadata: _b, ...before } = old;
    const counts = type.counted && !equal(content, before);
    const object = counts ? withMeta(next, { ...meta, generation: Number(known.generation) + 1 }) : next;
    if (!isTrusted) this.#check(type, object, old);
    return this.#put(type, object);
  }

  #check(type: ResourceType, object: JsonObject, old: JsonObject | undefined): void {
    const errors = type.validate(object, old, undefined);
    if (errors.length > 0) throw unprocessable(kindSubject(type), metaOf(object).name!, errors);
  }

  #put({ storage }: ResourceType, object: JsonObject): JsonObject {
    return this.store.put({ storage, arrange: (same) => same }, object);
  }
}

function patched(target: JsonObject, operations: unknown): JsonObject {
  try {
    return jsonPatch(target, operations as Operation[]) as JsonObject;
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", { details: {} });
  }
}
