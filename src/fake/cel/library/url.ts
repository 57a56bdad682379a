/**
 * URLs, as rules see them.
 *
 * @module
 */
import { quote } from "../../types/quote.ts";
import type { Declaration } from "../language/declaration.ts";
import { EvaluationError, LibraryValue, PlainMap } from "../language/value.ts";

/** A URL, or an absolute path. */
export class Link extends LibraryValue {
  readonly typeName = "kubernetes.URL";
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(scheme: string, host: string, path: string, query: string) {
    super();
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof Link && other.scheme === this.scheme && other.host === this.host && other.path === this.path &&
      other.query === this.query;
  }

  /** Reads a text, or returns undefined. What is behind a `#` is not asked for; what is behind a `?` may be anything. */
  static parse(text: string): Link | undefined {
    // deno-lint-ignore no-control-regex
    if (/[\x00-\x1f\x7f]/.test(text)) return undefined;
    if (text === "*") return new Link("", "", text, "");
    const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):|(?=\/))(?:(?<=:|^(?!\/\/\/))\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/
      .exec(text);
    if (!match) return undefined;
    const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = match;
    if (/%(?![0-9a-fA-F]{2})/.test(`${authority}${path}${fragment}`)) return undefined;
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    if (!/^(\[[0-9a-fA-F:.%]+\]|[^\s:[\]]*)(:\d*)?$/.test(host)) return undefined;
    // Without a slash it is opaque: it has no path.
    if (scheme !== "" && authority === "" && !path.startsWith("/")) {
      return new Link(scheme.toLowerCase(), "", "", query);
    }
    return new Link(scheme.toLowerCase(), host, path, query);
  }
}

/** Why Go reads no URL. Pure. */
export function urlFault(text: string): string | undefined {
  if (Link.parse(text)) return undefined;
  const parse = (why: string) => `parse ${quote(text)}: ${why}`;
  if (text === "") return parse("empty url");
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) return parse("net/url: invalid control character in URL");
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text.replace(/\?[^#]*/, ""))?.[0];
  if (escape !== undefined) return parse(`invalid URL escape ${quote(escape)}`);
  if (/^:/.test(text)) return parse("missing protocol scheme");
  const port = /^[a-zA-Z][\w+.-]*:\/\/[^/?]*(:[^:/?\]]*)(?=[/?]|$)/.exec(text)?.[1];
  if (port !== undefined && !/^:\d*$/.test(port)) return parse(`invalid port ${quote(port)} after host`);
  if (/^[a-zA-Z][\w+.-]*:\/\/[^/?]* /.test(text)) return parse('invalid character " " in host name');
  return parse("invalid URI for request");
}

function url(text: string): Link {
  const found = Link.parse(text);
  if (!found) throw new EvaluationError(`URL parse error during conversion from string: ${urlFault(text)}`);
  return found;
}

/** A path stays as it is where all of it may stand in one; else it is written anew. */
function escapedPath(path: string): string {
  if (/^[\w.~$&+,/:;=@!'()*[\]%-]*$/.test(path)) return path;
  const bytes = path.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => `\ue000${hex}`);
  return bytes.replace(
    /\ue000(..)|[^\w.~$&+,/:;=@-]/gu,
    (char, hex?: string) => hex === undefined ? encodeURIComponent(char).replace(/[!'()*]/g, escaped) : reescaped(hex),
  );
}
const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
const reescaped = (hex: string): string => {
  const char = String.fromCharCode(Number.parseInt(hex, 16));
  return /[\w.~$&+,/:;=@-]/.test(char) ? char : `%${hex.toUpperCase()}`;
};

function queryOf(link: Link): PlainMap {
  const query = new Map<string, string[]>();
  for (const pair of link.query.split("&")) {
    // What cannot be read is left out.
    if (pair === "" || pair.includes(";") || /%(?![0-9a-fA-F]{2})/.test(pair)) continue;
    const [[key, value] = ["", ""]] = new URLSearchParams(pair);
    query.set(key, [...query.get(key) ?? [], value]);
  }
  return PlainMap.of(query);
}

/** Functions of URLs. */
export const urls: readonly Declaration[] = [
  ["string_to_url", "url(string): URL", url],
  ["is_url_string", "isURL(string): bool", (text: string) => Link.parse(text) !== undefined],
  ["url_get_scheme", "URL.getScheme(): string", (link: Link) => link.scheme],
  ["url_get_host", "URL.getHost(): string", (link: Link) => link.host],
  ["url_get_hostname", "URL.getHostname(): string", (link: Link) => link.host.replace(/:\d*$/, "").replace(/^\[|\]$/g, "")],
  ["url_get_port", "URL.getPort(): string", (link: Link) => /:(\d*)$/.exec(link.host)?.[1] ?? ""],
  ["url_get_escaped_path", "URL.getEscapedPath(): string", (link: Link) => escapedPath(link.path)],
  ["url_get_query", "URL.getQuery(): map<string, list<string>>", queryOf],
];
