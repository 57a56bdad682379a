/**
 * What a path and a method ask for: `k8s.io/apiserver/pkg/endpoints/request` RequestInfo. Pure.
 *
 * @module
 */
import { isTrue } from "./options.ts";
import { Refusal } from "../types/status.ts";
import type { Verb } from "../store/world.ts";

/** A request for a resource. */
export interface ResourceRoute {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly verb: Verb;
  /** Whether the path has the old `watch/` prefix. */
  readonly legacyWatch: boolean;
}

/** A request, taken apart. */
export type Route =
  | { readonly kind: "resource"; readonly resource: ResourceRoute }
  | { readonly kind: "groupVersion"; readonly group: string; readonly version: string }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "groups" | "core" | "root" | "version" | "unknown" }
  | { readonly kind: "health"; readonly path: string }
  | { readonly kind: "openapi"; readonly path: string };

/** Subresources whose requests last as long as somebody reads or writes. */
const streams = ["attach", "exec", "log", "portforward", "proxy"];

/** Whether a request may go on for long: no time is set to it. Pure. */
export const isLongRunning = (route: Route): boolean =>
  route.kind === "resource" && (route.resource.verb === "watch" || streams.includes(route.resource.subresource ?? ""));

const ownSubresources = ["status", "finalize"];

function verbOf(method: string, named: boolean, watching: boolean): Verb {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return named ? "delete" : "deletecollection";
    default:
      return named ? "get" : watching ? "watch" : "list";
  }
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** The verb that somebody needs the right to: none is known for other methods. Pure. */
export const rightVerb = (method: string, { verb, legacyWatch }: ResourceRoute): string =>
  legacyWatch || methods.includes(method) ? verb : "";

/** The verbs that a method may be, whatever the path, but for one of the old kind. Pure. */
export const verbsOf = (method: string): readonly Verb[] => [
  ...new Set([verbOf(method, true, false), verbOf(method, false, false), verbOf(method, false, true)]),
];

/** 500: a path of the old kind that says of nothing what is to be watched. */
const nothingToWatch = (path: string): Refusal => {
  const why = `failed to create RequestInfo: unable to determine kind and namespace from url, ${path}`;
  return new Refusal(500, "", why, { text: `Internal Server Error: ${JSON.stringify(path)}: ${why}\n`, form: "bare" });
};

function resourceOf(
  method: string,
  group: string,
  version: string,
  rest: readonly string[],
  { pathname: path, searchParams: query }: Pick<URL, "pathname" | "searchParams">,
): ResourceRoute {
  if (rest[0] === "watch" && rest.length === 1) throw nothingToWatch(path);
  const legacyWatch = rest[0] === "watch";
  const steps = legacyWatch ? rest.slice(1) : [...rest];
  let namespace: string | undefined;
  if (steps[0] === "namespaces" && steps.length > 2 && !(group === "" && ownSubresources.includes(steps[2]!))) {
    namespace = steps[1];
    steps.splice(0, 2);
  }
  const [plural, name, ...subresource] = steps;
  const watching = legacyWatch ? !query.has("watch") || isTrue(query, "watch") : isTrue(query, "watch");
  return {
    group,
    version,
    plural: plural!,
    namespace,
    name: name === "" ? undefined : name,
    subresource: subresource.length === 0 ? undefined : subresource.join("/"),
    // A path of the old kind is one of watches, whatever the method.
    verb: verbOf(legacyWatch ? "GET" : method, name !== undefined && !legacyWatch, watching),
    legacyWatch,
  };
}

/** A path without its escapes, taken out before it is split: an escaped slash is a slash. Pure. @throws {Refusal} 400 */
function decoded(path: string): string {
  if (!path.includes("%")) return path;
  if (/%(?![0-9a-fA-F]{2})/.test(path)) throw new Refusal(400, "BadRequest", "", { text: "400 Bad Request", form: "bare" });
  const bytes = [...new TextEncoder().encode(path)];
  const plain: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 37) plain.push(bytes[at]!);
    else plain.push(parseInt(String.fromCharCode(bytes[++at]!, bytes[++at]!), 16));
  }
  return new TextDecoder().decode(Uint8Array.from(plain));
}

/** Takes a request apart. Pure. @throws {Refusal} 400 */
export function routeOf(method: string, url: Pick<URL, "pathname" | "searchParams">): Route {
  const path = url.pathname;
  const steps = decoded(path).split("/").slice(1);
  // However many slashes there are at the end, they say nothing.
  while (steps.at(-1) === "") steps.pop();
  if (/^\/apis\/\/+$/.test(path)) return { kind: "unknown" };
  const [first, second, third] = steps;
  if (first === undefined) return { kind: /^\/\/+$/.test(path) ? "unknown" : "root" };
  if (path === "/index.html") return { kind: "root" };
  if (first === "version" && steps.length === 1) return { kind: "version" };
  if (["healthz", "livez", "readyz"].includes(first)) return { kind: "health", path };
  if (first === "openapi") return { kind: "openapi", path };
  if (first === "api") {
    if (second === undefined) return { kind: "core" };
    if (third === undefined) return { kind: "groupVersion", group: "", version: second };
    return { kind: "resource", resource: resourceOf(method, "", second, steps.slice(2), url) };
  }
  if (first !== "apis") return { kind: "unknown" };
  if (second === undefined) return { kind: "groups" };
  if (third === undefined) return { kind: "group", group: second };
  if (steps.length === 3) return { kind: "groupVersion", group: second, version: third };
  return { kind: "resource", resource: resourceOf(method, second, third, steps.slice(3), url) };
}
