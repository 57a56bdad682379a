/**
 * Paths that are no resources: discovery, version, health, OpenAPI.
 *
 * @module
 */
import {
  aggregated,
  aggregatedType,
  coreVersions,
  discoveryForm,
  groupAnswer,
  groupList,
  resourceList,
  serverVersion,
} from "../discovery/discovery.ts";
import { isBuiltinGroup } from "../builtin/builtin.ts";
import type { JsonObject } from "../types/json.ts";
import { checkRouted, negotiate, notAcceptable, type Output } from "../output/negotiate.ts";
import { healthResponse } from "../discovery/health.ts";
import { openapiResponse } from "../discovery/openapi.ts";
import { objectResponse, print } from "../output/respond.ts";
import type { AskedUrl } from "./asked.ts";
import type { Incoming } from "../types/incoming.ts";
import type { Route } from "../http/route.ts";
import { methodNotAllowed, noSuchPath, noSuchResource, notImplemented } from "../types/status.ts";
import type { World } from "../store/world.ts";

function discovery(world: World, core: boolean, request: Incoming, url: AskedUrl, output: Output): Response {
  const accept = request.headers.get("accept");
  const form = discoveryForm(accept);
  if (form === "none") throw notAcceptable();
  if (form === "plain") {
    const chosen = negotiate(accept, { custom: true, watch: false, pretty: output.pretty, forms: "whole" });
    return objectResponse(200, core ? coreVersions(url.host) : groupList(world.registry), chosen);
  }
  const { object, etag } = aggregated(world.registry, core);
  const headers = { "cache-control": "public", "content-type": aggregatedType, etag, vary: "Accept" };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(print(object, output), { status: 200, headers });
}

function pathsOf(world: World): JsonObject {
  const groups = world.registry.groups().filter(({ group }) => group !== "");
  const paths = [
    "/api",
    "/api/v1",
    "/apis",
    "/apis/",
    ...groups.flatMap(({ group, versions }) => [`/apis/${group}`, ...versions.map((version) => `/apis/${group}/${version}`)]),
    "/healthz",
    "/livez",
    "/openapi/v3",
    "/openapi/v3/",
    "/readyz",
    "/version",
  ];
  return { paths: paths.sort() };
}

/** What a genuine server has, and this one has not. */
const unserved = ["/.well-known/openid-configuration", "/openid/v1/jwks", "/metrics", "/metrics/slis"];

/** Handles a request that is not for a resource. @throws {Refusal} */
export function nonResource(world: World, route: Route, request: Incoming, url: AskedUrl, output: Output): Response {
  const accept = request.headers.get("accept");
  /** What goes through the router, which knows of one method, and looks at the type that is asked for. */
  const routed = (place: "object" | "version") => {
    if (request.method !== "GET") throw methodNotAllowed();
    checkRouted(accept, place);
  };
  const answer = (object: JsonObject | undefined, builtin: boolean, isRouted: boolean) => {
    if (!object) throw builtin ? noSuchResource() : noSuchPath();
    if (isRouted) routed("object");
    return objectResponse(
      200,
      object,
      negotiate(accept, { custom: true, watch: false, pretty: output.pretty, forms: "whole" }),
    );
  };
  switch (route.kind) {
    case "core":
      routed("object");
      return discovery(world, true, request, url, output);
    case "groups":
      return discovery(world, false, request, url, output);
    case "group":
      return answer(groupAnswer(world.registry, route.group), isBuiltinGroup(route.group), false);
    case "groupVersion":
      return answer(
        resourceList(world.registry, route.group, route.version),
        isBuiltinGroup(route.group),
        isBuiltinGroup(route.group),
      );
    case "root":
      return objectResponse(200, pathsOf(world), { format: "json", pretty: true });
    case "version":
      routed("version");
      return objectResponse(200, serverVersion, { format: "json", pretty: true });
    case "health":
      return healthResponse(url);
    case "openapi":
      return openapiResponse(world, route.path, url, request);
    default:
      if (unserved.includes(url.pathname)) throw notImplemented(`the path ${url.pathname}`);
      throw noSuchPath();
  }
}
