/**
 * A request as it comes in, before anything is done about it.
 *
 * @module
 */
import type { Incoming } from "../types/incoming.ts";
import type { FaultRequest } from "../instruments/faults.ts";
import { textOfUtf8 } from "../types/bytes.ts";
import { type ResourceRoute, type Route, routeOf } from "../http/route.ts";
import { knownBody, knownTarget } from "../output/wire.ts";
import { bodyMeant, queryMeant } from "../instruments/numbering.ts";

/** As much of a URL as is looked at. */
export type AskedUrl = Pick<URL, "href" | "host" | "pathname" | "searchParams">;

/** A request that has been read, or as much of it as could be. */
export interface Asked {
  readonly request: Incoming;
  readonly url: AskedUrl;
  readonly route?: Route;
  readonly resource?: ResourceRoute;
  readonly body: Uint8Array;
  /** Why it could not be read. */
  readonly error?: unknown;
}

const dots = /\/(?:\.|%2e){1,2}(?=[/?#]|$)/i;

/** A URL as the server takes it: a step of dots is one like others. */
function urlOf(href: string): AskedUrl {
  const url = new URL(href);
  if (!dots.test(href)) return url;
  const { host, searchParams, origin } = url;
  const [pathname] = /^[^?#]*/.exec(href.slice(origin.length))!;
  return { href, host, pathname, searchParams };
}

/** Reads a request. Never rejects. */
export async function readRequest(request: Request): Promise<Asked> {
  const url = urlOf(knownTarget(request) ?? request.url);
  const asked = { request, url, body: new Uint8Array() };
  try {
    const route = routeOf(request.method, url);
    const body = knownBody(request) ?? (request.body === null ? asked.body : new Uint8Array(await request.arrayBuffer()));
    return { ...asked, body, ...routed(route) };
  } catch (error) {
    return { ...asked, error };
  }
}

/** What a path without a query says, whoever asks. */
interface Place {
  readonly pathname: string;
  readonly host: string;
  readonly route: Route;
}

/** The places that were asked for of late, by method and URL: clients ask for the same again and again. */
const places = new Map<string, Place>();
const placesKept = 1_000;

function placeOf(method: string, href: string): Place {
  const key = `${method} ${href}`;
  let place = places.get(key);
  if (!place) {
    const url = new URL(href);
    place = { pathname: url.pathname, host: url.host, route: routeOf(method, url) };
    if (places.size >= placesKept) places.clear();
    places.set(key, place);
  }
  return place;
}

/** Reads a request that a mount has taken from the wire. Never throws. */
export function readReceived(request: Incoming, href: string, body: Uint8Array): Asked {
  const asked = { request, body };
  if (href.includes("?") || href.includes("#") || dots.test(href)) {
    const url = urlOf(href);
    try {
      return { ...asked, url, ...routed(routeOf(request.method, url)) };
    } catch (error) {
      return { ...asked, url, error };
    }
  }
  try {
    const { pathname, host, route } = placeOf(request.method, href);
    return { ...asked, url: { href, pathname, host, searchParams: noQuery }, ...routed(route) };
  } catch (error) {
    return { ...asked, url: new URL(href), error };
  }
}

/** That of most requests: nobody changes it. */
const noQuery = new URLSearchParams();

const routed = (route: Route) => ({ route, ...route.kind === "resource" && { resource: route.resource } });

/** A request as it is meant where its client counts versions in another way. Pure. */
export function meantBy(asked: Asked, meant: (version: string) => string): Asked {
  const { host, pathname, searchParams } = asked.url;
  const search = queryMeant(searchParams, meant);
  const url = { href: `${new URL(asked.url.href).origin}${pathname}?${search}`, host, pathname, searchParams: search };
  return { ...asked, url, body: asked.body.byteLength === 0 ? asked.body : bodyMeant(asked.body, meant) };
}

type Described = { -readonly [member in keyof Omit<FaultRequest, "headers">]: FaultRequest[member] };

/** What faults and the journal know of a request. Pure. */
export function describe({ request: { method, headers }, url, resource, body }: Asked): Omit<FaultRequest, "headers"> {
  const described: Described = {
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    verb: resource?.verb ?? method.toLowerCase(),
  };
  if (resource) {
    const { group, plural, namespace, name, subresource } = resource;
    described.resource = group === "" ? plural : `${plural}.${group}`;
    if (namespace !== undefined) described.namespace = namespace;
    if (name !== undefined) described.name = name;
    if (subresource !== undefined) described.subresource = subresource;
  }
  const contentType = headers.get("content-type");
  if (contentType !== null) described.contentType = contentType;
  if (body.byteLength > 0) described.body = journalBody(body);
  return described;
}

function journalBody(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = textOfUtf8(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
