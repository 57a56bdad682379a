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

const verbOf = (words: readonly string[]): Expectation => ({
  expected: either(VERBS),
  fits: (value) => words.includes(value as string),
  meant: (value) => {
    const word = Array.isArray(value) ? value.find((each) => !words.includes(each)) : value;
    return typeof word === "string" && Object.hasOwn(CALLED, word.toLowerCase())
      ? CALLED[word.toLowerCase()]
      : meantOf(words)(word);
  },
});

/** A verb on a resource. */
export const VERB: Expectation = verbOf(VERBS);
/** The verb of a path, which may be one of no resource: then it is the method. */
export const VERB_OF_PATH: Expectation = verbOf([...new Set([...VERBS, ...METHODS.map((each) => each.toLowerCase())])]);

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
