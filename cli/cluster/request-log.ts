import type { FakeCluster } from "../../src/fake/mod.ts";
import { routeOf } from "../../src/fake/http/route.ts";
import { saidText } from "../../src/printable.ts";

/** A request that was answered. */
export interface Answered {
  /** Milliseconds since the Unix epoch: when it came. */
  readonly time: number;
  readonly method: string;
  readonly url: URL;
  /** The HTTP status; undefined: the connection broke. */
  readonly status: number | undefined;
  /** Until the answer began, in milliseconds: a watch goes on after that. */
  readonly took: number;
}

/** In the words of authorization where a resource was asked for, else the method. */
function verbOf({ method, url }: Answered): string {
  try {
    const route = routeOf(method, url);
    if (route.kind === "resource") return route.resource.verb;
  } catch {
    // It is no path of any API; it was answered so.
  }
  return method.toLowerCase();
}

/** A request in a line: when, verb, path, status, how long it took. What clients send is safe for a terminal there. Pure. */
export function requestLine(answered: Answered): string {
  const { time, url, status, took } = answered;
  const path = saidText(decoded(url.pathname) + decoded(url.search));
  return `${new Date(time).toISOString()} ${saidText(verbOf(answered)).padEnd(6)} ${path} ${status ?? "broken"} ${
    Math.round(took)
  }ms`;
}

/** As a person would write it; blanks, and what is no text, stay as they came. */
function decoded(text: string): string {
  try {
    return text.replace(/(?:%(?!20|0a|0d|09)[\da-f]{2})+/gi, (escapes) => decodeURIComponent(escapes));
  } catch {
    return text;
  }
}

/** The same cluster, of which each request is told. */
export function logRequests(fake: FakeCluster, tell: (line: string) => void): FakeCluster {
  return {
    ...fake,
    async fetch(request) {
      const [time, began] = [fake.clock.now(), performance.now()];
      let status: number | undefined;
      try {
        const response = await fake.fetch(request);
        status = response.status;
        return response;
      } finally {
        tell(requestLine({ time, method: request.method, url: new URL(request.url), status, took: performance.now() - began }));
      }
    },
  };
}
