/**
 * Sequences of requests that are the same for each seed.
 *
 * @module
 */
import { createDice, type Dice } from "../../src/testing/dice.ts";
import { deleteBody, objectBody, patchBody } from "./bodies.ts";
import { collectionPath, nonResourcePaths, oddPath, type Place, places, weighted } from "./places.ts";
import { bodyType, headersOf, queryOf } from "./queries.ts";

/** A request of a sequence. In its texts, `${rv}` and the like stand for what the server answered before. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whether the answer is a stream. */
  readonly watch: boolean;
}

/** A sequence. */
export interface Sequence {
  readonly seed: number;
  readonly requests: readonly FuzzRequest[];
}

/** The requests of one sequence. */
export const sequenceLength = 12;

const withQuery = (path: string, query: string): string => query === "" ? path : `${path}?${query}`;

function oneRequest(dice: Dice, place: Place, seed: number): FuzzRequest {
  // Objects that belong to no namespace are told apart by their names.
  const name = place.namespaced ? dice.pick(["a", "a", "a", "b"]) : `fuzz-${seed}-${dice.pick(["a", "a", "b"])}`;
  const collection = collectionPath(place);
  const subresource = dice.chance(place.subresources.length > 0 ? 0.15 : 0.02)
    ? `/${dice.pick([...place.subresources, "status"])}`
    : "";
  const object = `${collection}/${name}${subresource}`;
  const headers = headersOf(dice);
  const made = (method: string, path: string, query: string, body?: string, type?: string): FuzzRequest => {
    const at = dice.chance(0.07) ? oddPath(dice, place, name) : path;
    // Other sequences go on beside this one: it sees its own.
    const everywhere = at.includes(`/${place.plural}`) && !at.includes("/namespaces/") && !query.includes("fieldSelector") &&
      (place.namespaced || /\/(namespaces|regions)\/?$/.test(at));
    const own = place.namespaced ? "fieldSelector=metadata.namespace%3D${ns}" : `fieldSelector=metadata.name%3D${name}`;
    const asked = everywhere ? [query, own].filter(Boolean).join("&") : query;
    return {
      method,
      path: withQuery(at, asked),
      headers: type === undefined ? headers : { ...headers, "content-type": type },
      body,
      watch: /(\?|&)watch(=(?!0|false)|&|$)/i.test(withQuery("", query)) || at.includes("/watch/"),
    };
  };
  const listed = place.namespaced ? "" : `fieldSelector=metadata.name%3D${name}`;
  const narrowed = (query: string) =>
    listed === ""
      ? query
      : [...query.split("&").filter((pair) => pair !== "" && !pair.startsWith("fieldSelector")), listed].join("&");
  return weighted<() => FuzzRequest>(dice, [
    [7, () => {
      const body = objectBody(dice, place, name);
      return made("POST", collection, queryOf(dice, "write"), body.text, bodyType(dice, body.yaml));
    }],
    [5, () => {
      const body = objectBody(dice, place, name);
      return made("PUT", object, queryOf(dice, "write"), body.text, bodyType(dice, body.yaml));
    }],
    [8, () => {
      const { text, type } = patchBody(dice, place, name);
      const query = queryOf(dice, "write");
      const manager = type.includes("apply") && dice.chance(0.8) ? `fieldManager=${dice.pick(["one", "two"])}` : "";
      return made("PATCH", object, [manager, query].filter(Boolean).join("&"), text, type);
    }],
    [3, () => made("GET", object, queryOf(dice, "read"))],
    [3, () => made("GET", collection, narrowed(queryOf(dice, "list")))],
    [1, () => made("GET", collection, narrowed(queryOf(dice, "watch")))],
    [3, () => {
      if (dice.chance(0.5)) return made("DELETE", object, queryOf(dice, "delete"));
      const body = deleteBody(dice);
      return made("DELETE", object, queryOf(dice, "delete"), body.text, bodyType(dice, body.yaml));
    }],
    [place.namespaced ? 1 : 0, () => {
      const query = [queryOf(dice, "delete"), queryOf(dice, "list")].filter(Boolean).join("&");
      if (dice.chance(0.5)) return made("DELETE", collection, query);
      const body = deleteBody(dice);
      return made("DELETE", collection, query, body.text, bodyType(dice, body.yaml));
    }],
    [0.3, () => made(dice.pick(["OPTIONS", "HEAD", "POST", "PUT", "PATCH", "FROB", "get"]), dice.pick([object, collection]), "")],
    [0.3, () => made("GET", dice.pick(nonResourcePaths), "")],
  ])();
}

/** The sequence of a seed. Pure. */
export function sequenceOf(seed: number): Sequence {
  const dice = createDice(`fuzz ${seed}`);
  const main = weighted(dice, places);
  const requests = Array.from({ length: sequenceLength }, (_, index) => {
    const place = dice.chance(0.9) ? main : weighted(dice, places);
    // There is something to change in most of them.
    if (index === 0 && dice.chance(0.8)) {
      const name = place.namespaced ? "a" : `fuzz-${seed}-a`;
      const body = { apiVersion: place.apiVersion, kind: place.kind, metadata: { name }, ...place.content(dice) };
      return {
        method: "POST",
        path: collectionPath(place),
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        watch: false,
      };
    }
    return oneRequest(dice, place, seed);
  });
  return { seed, requests };
}
