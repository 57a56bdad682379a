/**
 * The requests that a rule is about.
 *
 * @module
 */
import {
  type Expectation,
  FUNCTION,
  type Members,
  type OptionFault,
  optionsFault,
  refuse,
  TEXT,
  valueText,
} from "../../options.ts";
import type { Registry } from "../store/registry.ts";
import type { Verb } from "../store/world.ts";
import { type Fault, type FaultPlan, type FaultRequest, planOf } from "./faults.ts";
import { METHOD, PATH, SUBRESOURCE, VERB, VERB_OF_PATH, VERBS, verbsOfMethod } from "./request-words.ts";
import { isResource, resourceIn } from "./resource-names.ts";

/** The requests that a rule is about: all of its members must hold. */
export interface FaultMatch {
  /** The HTTP method. */
  readonly method?: string;
  /** The path, without the query. */
  readonly path?: string;
  /** In the words of authorization: `get`, `list`, `watch`, `create`, `update`, `patch`, ...; several: one of them. */
  readonly verb?: string | readonly string[];
  /** The plural, with or without `.group`; it may be one that is not served yet. */
  readonly resource?: string;
  /** The namespace in the path. */
  readonly namespace?: string;
  /** The name in the path. A create has none: look into the `body` with `where`. */
  readonly name?: string;
  /** Such as `status`. */
  readonly subresource?: string;
  /** Anything else. */
  readonly where?: (request: FaultRequest) => boolean;
}

/** What a rule says of requests. */
interface About {
  readonly match?: FaultMatch;
  readonly fault: Fault;
}

const verbsHit: Partial<Record<FaultPlan["kind"], readonly Verb[]>> = {
  stream: ["watch"],
  streamError: ["watch"],
  stale: ["get", "list"],
};

const severalOf = (one: Expectation): Expectation => ({
  ...one,
  fits: (value) => Array.isArray(value) ? value.length > 0 && value.every(one.fits) : one.fits(value),
});

const [VERBS_OF_RESOURCES, VERBS_OF_PATHS] = [severalOf(VERB), severalOf(VERB_OF_PATH)];

const membersIn = (registry: Registry | undefined, path: unknown): Members<FaultMatch> => ({
  method: METHOD,
  path: PATH,
  verb: path === undefined ? VERBS_OF_RESOURCES : VERBS_OF_PATHS,
  resource: resourceIn(registry),
  namespace: TEXT,
  name: TEXT,
  subresource: SUBRESOURCE,
  where: FUNCTION,
});

const listed = (verb: FaultMatch["verb"]): readonly string[] | undefined => typeof verb === "string" ? [verb] : verb;

/** What is wrong with what a rule is about: a word that is none, or words that no request has together. */
export function matchFault({ match = {}, fault }: About, registry?: Registry): OptionFault | undefined {
  return optionsFault(match, membersIn(registry, match?.path), "match") ?? disjointFault({ match, fault });
}

/** Words that no request has together. What the path is says more than the other words. */
function disjointFault({ match, fault }: Required<About>): OptionFault | undefined {
  const { method, path, verb, name, subresource } = match;
  const { kind, name: called } = planOf(fault);
  const hit = verbsHit[kind];
  const isNamed = path === undefined && name !== undefined && subresource === undefined;
  const narrowing: readonly (readonly [text: string, verbs: readonly string[] | undefined])[] = [
    [`method is ${valueText(method)}`, path === undefined && method !== undefined ? verbsOfMethod(method) : undefined],
    [`verb is ${valueText(verb)}`, listed(verb)],
    [`name is ${valueText(name)}`, isNamed ? ["get", "update", "patch", "delete"] : undefined],
    [`"${called}" hits ${hit?.join(", ")}`, hit],
  ];
  let left: readonly string[] = VERBS;
  const said: string[] = [];
  for (const [text, verbs] of narrowing) {
    if (!verbs) continue;
    said.push(text);
    const before = left;
    left = path === undefined || verbs === hit ? left.filter((each) => verbs.includes(each)) : verbs;
    if (left.length > 0) continue;
    const remedy = isNamed && text.startsWith("name")
      ? `: its path has no name, look into its ${before.includes("create") ? "body" : "query"} with where`
      : "";
    return { why: `no request fits: ${said.slice(-2).join(", and ")}${remedy}`, isNumber: false };
  }
  return undefined;
}

/** Whether a rule is about a request. Pure, if its `where` is. */
export function isAbout({ match = {}, fault }: About, request: FaultRequest): boolean {
  const { verb, resource, where, ...equal } = match;
  if (verbsHit[planOf(fault).kind]?.includes(request.verb as Verb) === false) return false;
  if (verb !== undefined && !listed(verb)!.includes(request.verb)) return false;
  if (resource !== undefined && !isResource(resource, request.resource)) return false;
  for (const [key, value] of Object.entries(equal)) {
    if (value !== undefined && request[key as keyof FaultRequest] !== value) return false;
  }
  return where === undefined || holds(where(request), fault);
}

/** Whether `where` says yes. A promise would always do. @throws {TypeError} When it is one. */
function holds(said: unknown, { name }: Fault): boolean {
  const isPromise = typeof (said as { then?: unknown } | undefined | null)?.then === "function";
  if (isPromise) {
    refuse(`Cannot tell whether "${name}" hits`, {
      why: `where gives ${valueText(said)}, expected true or false`,
      isNumber: false,
    });
  }
  return Boolean(said);
}

/** What a rule is about, in words. Pure. */
export function matchText(match: FaultMatch = {}): string {
  const words = Object.entries(match).flatMap(([name, value]) =>
    value === undefined ? [] : [name === "where" ? name : `${name} ${valueText(value)}`]
  );
  return words.join(", ") || "any request";
}
