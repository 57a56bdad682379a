/**
 * URLs, as rules see them.
 *
 * @module
 */
import type { FunctionEntry } from "./library.ts";

/** A URL, or an absolute path. */
export class Link {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(scheme: string, host: string, path: string, query: string) {
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  /** Reads a text, or returns undefined. A fragment is no part of what a server is asked. */
  static parse(text: string): Link | undefined {
    // deno-lint-ignore no-control-regex
    if (/[\s\x00-\x1f]|%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
    const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/([^/?]*))?|(?=\/))([^?]*)(?:\?(.*))?$/.exec(text);
    if (!match) return undefined;
    const [, scheme = "", authority = "", path = "", query = ""] = match;
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    if (!/^(\[[0-9a-fA-F:.%]+\]|[^:[\]]*)(:\d*)?$/.test(host)) return undefined;
    if (scheme !== "" && authority === "" && !path.startsWith("/")) return undefined;
    return new Link(scheme.toLowerCase(), host, path, query);
  }
}

function url(text: string): Link {
  const found = Link.parse(text);
  if (!found) {
    throw new RangeError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
  }
  return found;
}

/** Functions of URLs. */
export const urls: readonly FunctionEntry[] = [
  ["url(string): Link", url],
  ["isURL(string): bool", (text: string) => Link.parse(text) !== undefined],
  ["Link.getScheme(): string", (link: Link) => link.scheme],
  ["Link.getHost(): string", (link: Link) => link.host],
  ["Link.getHostname(): string", (link: Link) => link.host.replace(/:\d*$/, "").replace(/^\[|\]$/g, "")],
  ["Link.getPort(): string", (link: Link) => /:(\d*)$/.exec(link.host)?.[1] ?? ""],
  ["Link.getEscapedPath(): string", (link: Link) => link.path],
  ["Link.getQuery(): map<string, list<string>>", (link: Link) => {
    const query = new Map<string, string[]>();
    for (const [key, value] of new URLSearchParams(link.query)) query.set(key, [...query.get(key) ?? [], value]);
    return query;
  }],
];
