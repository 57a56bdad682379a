import type { FakeCluster } from "../../src/fake/mod.ts";

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** The lines of a watch, one by one. */
export interface Lines {
  // deno-lint-ignore no-explicit-any
  next(): Promise<any>;
  cancel(): Promise<void>;
}

/** Splits a body into its JSON lines. */
export function linesOf(stream: ReadableStream<Uint8Array>): Lines {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  return {
    async next() {
      while (!rest.includes("\n")) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        rest += decoder.decode(value, { stream: true });
      }
      const [line] = rest.split("\n", 1);
      rest = rest.slice(line!.length + 1);
      return JSON.parse(line!);
    },
    cancel: () => reader.cancel(),
  };
}

const patchTypes = { json: "application/json-patch+json", merge: "application/merge-patch+json" };

/** A client without a socket. */
export interface Client {
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown, kind?: "json" | "merge"): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  watch(path: string, headers?: Record<string, string>): Promise<Lines>;
}

/** Asks a fake cluster without a socket. */
export function clientOf(fake: FakeCluster): Client {
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const sent = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const type: Record<string, string> = sent === undefined ? {} : { "content-type": "application/json" };
    const response = await fake.fetch(
      new Request(`http://fake${path}`, { method, body: sent, headers: { ...type, ...headers } }),
    );
    const text = await response.text();
    // The index of OpenAPI documents is JSON that calls itself text.
    const isJson = text.startsWith("{") || (response.headers.get("content-type")?.startsWith("application/json") && text !== "");
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  return {
    ask,
    get: (path: string, headers?: Record<string, string>) => ask("GET", path, undefined, headers),
    post: (path: string, body: unknown) => ask("POST", path, body),
    put: (path: string, body: unknown) => ask("PUT", path, body),
    patch: (path: string, body: unknown, kind: keyof typeof patchTypes = "merge") =>
      ask("PATCH", path, body, { "content-type": patchTypes[kind] }),
    delete: (path: string, body?: unknown) => ask("DELETE", path, body),
    async watch(path: string, headers: Record<string, string> = {}): Promise<Lines> {
      const response = await fake.fetch(new Request(`http://fake${path}`, { headers }));
      return linesOf(response.body!);
    },
  };
}

/** Where the widgets of the default namespace are. */
export const widgetsPath = "/apis/example.com/v1/namespaces/default/widgets";

/** A widget. */
export const widget = (
  name: string,
  spec: unknown = { size: 1 },
  metadata: Record<string, unknown> = {},
): Record<string, unknown> => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name, ...metadata },
  spec,
});

/** Asks a fake cluster once; a patch is a merge patch. */
export async function send(
  fake: FakeCluster,
  method: string,
  path: string,
  body?: unknown,
): Promise<Pick<Answer, "status" | "body">> {
  const type = method === "PATCH" ? { "content-type": patchTypes.merge } : undefined;
  const { status, body: answered } = await clientOf(fake).ask(method, path, body, type);
  return { status, body: answered };
}
