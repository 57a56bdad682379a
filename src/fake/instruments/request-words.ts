/**
 * The words by which requests are told apart, as tests give them.
 *
 * @module
 */
import { either, type Expectation, meantOf, oneOf } from "../../options.ts";
import { builtinTypes } from "../builtin/builtin.ts";
import { verbsOf } from "../http/route.ts";
import type { Verb } from "../store/world.ts";
import { isPart } from "./resource-names.ts";

/** In the words of authorization. */
export const VERBS: readonly Verb[] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
/** Whoever thinks in methods means these. */
const CALLED: Readonly<Record<string, Verb>> = { post: "create", put: "update" };

/** A verb, where the path is not given: then it is one of a resource. Elsewhere it may be a method in lower case, too. */
export const verbWhere = (path: unknown): Expectation => {
  const words: readonly string[] = path === undefined
    ? VERBS
    : [...new Set([...VERBS, ...METHODS.map((each) => each.toLowerCase())])];
  return {
    expected: either(VERBS),
    fits: (value) => words.includes(value as string),
    meant: (value) => {
      const word = Array.isArray(value) ? value.find((each) => !words.includes(each)) : value;
      return typeof word === "string" && Object.hasOwn(CALLED, word.toLowerCase())
        ? CALLED[word.toLowerCase()]
        : meantOf(words)(word);
    },
  };
};

/** An HTTP method, as it is sent. */
export const METHOD: Expectation = { ...oneOf(METHODS), expected: either(METHODS) };

/** A path, as requests have it. */
export const PATH: Expectation = {
  expected: 'a path such as "/api/v1/pods", without a query',
  fits: (value) => typeof value === "string" && /^\/[^?#]*$/.test(value),
};

const SUBRESOURCES = [
  ...new Set(["status", "scale", ...builtinTypes.flatMap(({ subresources }) => subresources.map(({ name }) => name))]),
]
  .sort();

/** What resources have below their objects: those of a CRD are two, others are none. */
export const SUBRESOURCE: Expectation = {
  expected: either(SUBRESOURCES),
  fits: (value) => typeof value === "string" && SUBRESOURCES.some((name) => isPart(name, value)),
  meant: meantOf(SUBRESOURCES),
};

/** The verbs of a method on resources. Pure. */
export const verbsOfMethod = (method: string | undefined): readonly Verb[] => method === undefined ? VERBS : verbsOf(method);
