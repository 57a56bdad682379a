import type { Verb } from "../../../src/fake/store/world.ts";
import type { ResourceType } from "../../../src/fake/types/resource.ts";
import type { TransportRequest } from "../../../src/adapters/transport/transport.ts";
import { typeOf } from "./resources.ts";

/** What a request is about. */
export interface Route {
  readonly type: ResourceType;
  readonly verb: Verb;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
}

const FORM = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/?]+)(?:\/([^/?]+))?(?:\?(.*))?$/;
const VERBS = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;
const NOTHING = new URLSearchParams();

/** Reads a path. @throws {Error} When it is none that programs of this project ask for. */
export function routeOf({ method, path }: Pick<TransportRequest, "method" | "path">): Route {
  const parts = FORM.exec(path);
  if (!parts) throw new Error(`${method} ${path} is nothing that a bare server answers`);
  const [, group = "", version, namespace, plural, name, search] = parts;
  const query = search === undefined ? NOTHING : new URLSearchParams(search);
  const read = name !== undefined ? "get" : query.get("watch") === "true" ? "watch" : "list";
  return {
    type: typeOf({ group, version: version!, plural: plural! }),
    verb: method === "GET" ? read : VERBS[method],
    namespace,
    name: name && decodeURIComponent(name),
    query,
  };
}
