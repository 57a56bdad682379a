/**
 * The least that it takes to speak to an API server: HTTP/1.1 over kept connections, with TLS or without, answers as text.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import * as plain from "node:http";
import * as secure from "node:https";

/** Where a server listens. */
export interface Address {
  readonly url: string;
  /** Of its certificate, where it speaks TLS. */
  readonly caPath?: string;
  /** Of who asks, where it matters. */
  readonly token?: string;
}

/** An API server, and who asks. */
export interface Endpoint extends Address {
  readonly caPath: string;
  readonly token: string;
}

/** What is asked. */
export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
}

/** A line of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: { readonly metadata: Readonly<Record<"name" | "uid" | "resourceVersion" | "creationTimestamp", string>> };
}

/** Some connections to an API server. */
export interface Wire {
  /** @throws {Error} when the answer is not 2xx. */
  send(ask: Ask): Promise<string>;
  /**
   * Reads a watch from `version` until `close`; one that the server ends, as it does when it is too busy, is gone on with.
   *
   * @param accept What the objects shall come as. @default {"application/json"}
   * @returns once the server has accepted it.
   * @throws {Error} when it is refused.
   */
  watch(path: string, version: string, onEvent: (event: WatchEvent) => void, accept?: string): Promise<void>;
  close(): void;
}

/** Makes a wire. Connections are opened when they are needed. */
export function createWire({ url, caPath, token }: Address, connections: number): Wire {
  const { Agent, request } = caPath === undefined ? plain : secure;
  const ca = caPath === undefined ? {} : { ca: readFileSync(caPath) };
  const calls = new Agent({ keepAlive: true, maxSockets: connections, ...ca });
  const watches = new Agent({ maxSockets: Infinity, ...ca });
  const identity: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { hostname, port } = new URL(url);
  let closed = false;

  const watch: Wire["watch"] = (path, version, onEvent, accept = "application/json") =>
    new Promise((resolve, reject) => {
      const headers = { ...identity, accept };
      const from = `${path}&watch=true&resourceVersion=${version}`;
      request({ hostname, port, path: from, headers, agent: watches }, (answer) => {
        answer.setEncoding("utf8");
        if (answer.statusCode !== 200) {
          answer.resume();
          return reject(new Error(`GET ${from} answered ${answer.statusCode}`));
        }
        let rest = "";
        answer.on("data", (chunk: string) => {
          rest += chunk;
          for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
            const event = JSON.parse(rest.slice(0, end)) as WatchEvent;
            rest = rest.slice(end + 1);
            if (event.type === "ERROR") throw new Error(`${from} broke: ${JSON.stringify(event)}`);
            version = event.object.metadata.resourceVersion;
            onEvent(event);
          }
        });
        answer.on("error", () => {}); // "close" comes in any case
        answer.on("close", () => !closed && watch(path, version, onEvent, accept));
        resolve();
      }).on("error", reject).end();
    });

  return {
    send: ({ method, path, body, contentType = "application/json", accept = "application/json" }) =>
      new Promise((resolve, reject) => {
        const headers: Record<string, string | number> = { ...identity, accept };
        if (body !== undefined) {
          headers["content-type"] = contentType;
          headers["content-length"] = Buffer.byteLength(body);
        }
        request({ hostname, port, method, path, headers, agent: calls }, (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (chunk: string) => text += chunk);
          answer.on("error", reject);
          answer.on("end", () => {
            if (answer.statusCode! < 300) resolve(text);
            else reject(new Error(`${method} ${path} answered ${answer.statusCode}: ${text.slice(0, 500)}`));
          });
        }).on("error", reject).end(body);
      }),

    watch,

    close() {
      closed = true;
      calls.destroy();
      watches.destroy();
    },
  };
}

const BASE = "/apis/com.redhat.ecosystem.sample/v1";

/** Metadata only: what a watch or a list needs to bring where names are enough. */
export const METADATA: string = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/** What the finished requests that lie around are labelled with. */
export const LYING = "bench-lies-around";

/** Selects all requests but those. */
export const NOT_LYING: string = `labelSelector=%21${LYING}`;

/** The path of the requests of a namespace. */
export const requestsPath = (namespace: string): string => `${BASE}/namespaces/${namespace}/requeststates`;
