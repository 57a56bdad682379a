/**
 * A loopback HTTP server in front of a fake cluster: for kubectl, for controllers in any language, for clients that
 * cannot be handed a function. Runs on Node and on Deno.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Certificate, createCertificate } from "./http/certificate.ts";
import type { FakeCluster } from "./cluster.ts";
import { compressed, compressedStream, plainText } from "./http/gzip.ts";
import { isStream } from "./output/respond.ts";
import { withBody } from "./output/wire.ts";

export type { AdmissionReview, CallWebhook, WebhookTarget } from "./types/webhook.ts";
export { callWebhooks, type WebhookOptions } from "./webhooks/over-https.ts";

/** Where to listen. */
export interface ListenOptions {
  /** 0 lets the system choose. @default {0} */
  readonly port?: number;
  /** The address to listen on. @default {"127.0.0.1"} */
  readonly hostname?: string;
  /**
   * Whether to serve HTTPS, with a certificate made for this server. kubectl and all other clients on client-go send
   * tokens over HTTPS only.
   *
   * @default {false}
   */
  readonly tls?: boolean;
}

/** A server that listens. */
export interface FakeServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** The text of a kubeconfig for this server. Where the cluster has tokens, each user is there by name, the first is current. */
  kubeconfig(): string;
  /** Ends the server, and every request that is under way. */
  close(): Promise<void>;
}

/** More than the API server accepts: what is longer is cut off there and refused by the size alone. */
const bodyLimit = 4 * 1024 * 1024;

async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    if (size > bodyLimit) continue;
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

function headersOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) headers.push([rawHeaders[index]!, rawHeaders[index + 1]!]);
  return headers;
}

const drained = (outgoing: ServerResponse) =>
  new Promise<void>((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });

async function send(request: Request, given: Response, outgoing: ServerResponse): Promise<void> {
  const text = plainText(request.headers, given);
  const response = text !== undefined
    ? given
    : isStream(given)
    ? compressedStream(given)
    : await compressed(request.headers, given);
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== "warning" && name !== "set-cookie") outgoing.setHeader(name, value);
  const warnings = response.headers.get("warning");
  // One header line a warning, as the genuine server sends them.
  if (warnings !== null) outgoing.setHeader("warning", warnings.split(/, (?=299 - ")/));
  // A text goes out in one piece with the head, in its encoding: warnings are bytes already.
  if (text !== undefined && warnings === null) return void outgoing.end(text);
  if (text !== undefined) return void outgoing.end(new TextEncoder().encode(text));
  if (!response.body) return void outgoing.end();
  if (!isStream(response)) return void outgoing.end(new Uint8Array(await response.arrayBuffer()));
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  outgoing.on("close", stop);
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await drained(outgoing);
    }
    outgoing.end();
  } catch {
    // A stream that broke is a connection that broke: an orderly end would look like success. What was sent before the
    // break arrives.
    outgoing.socket?.destroySoon();
  } finally {
    outgoing.off("close", stop);
  }
}

function kubeconfigOf(fake: FakeCluster, url: string, authority: string | undefined): string {
  const tokens = Object.entries(fake.tokens ?? {});
  const users = tokens.length === 0 ? [{ name: "fake", token: undefined }] : tokens.map(([token, { user }], index) => {
    // A user may have several tokens; the names of a kubeconfig are unique.
    const before = tokens.slice(0, index).filter(([, other]) => other.user === user).length;
    return { name: before === 0 ? user : `${user}-${before + 1}`, token };
  });
  const text = (value: string) => JSON.stringify(value);
  // client-node talks to a server without TLS only where it is told not to look at certificates.
  return [
    "apiVersion: v1",
    "kind: Config",
    "clusters:",
    `- name: fake\n  cluster:\n    server: ${text(url)}${
      authority === undefined ? "\n    insecure-skip-tls-verify: true" : `\n    certificate-authority-data: ${btoa(authority)}`
    }`,
    "users:",
    ...users.map(({ name, token }) => `- name: ${text(name)}\n  user: ${token === undefined ? "{}" : `{token: ${text(token)}}`}`),
    "contexts:",
    ...users.map(({ name }) => `- name: ${text(name)}\n  context: {cluster: fake, user: ${text(name)}}`),
    `current-context: ${text(users[0]!.name)}`,
    "",
  ].join("\n");
}

/**
 * Serves a fake cluster over HTTP.
 *
 * @example With kubectl
 * ```ts ignore
 * const server = await listen(createFakeCluster());
 * await writeFile("kubeconfig", server.kubeconfig());
 * // kubectl --kubeconfig kubeconfig get namespaces
 * await server.close();
 * ```
 */
export async function listen(fake: FakeCluster, options: ListenOptions = {}): Promise<FakeServer> {
  const { port = 0, hostname = "127.0.0.1", tls = false } = options;
  const certificate: Certificate | undefined = tls ? createCertificate() : undefined;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "GET", url: path = "/" } = incoming;
    const gone = new AbortController();
    // To be told that one is gone who has his answer helps nobody, and costs as much as many an answer.
    outgoing.on("close", () => !outgoing.writableFinished && gone.abort());
    const body = method === "GET" || method === "HEAD" ? undefined : await readBody(incoming);
    const request = new Request(path.startsWith("/") ? `${url}${path}` : path, {
      method,
      headers: headersOf(incoming),
      body: body?.byteLength ? body : undefined,
      signal: gone.signal,
    });
    if (body) withBody(request, body);
    await send(request, await fake.fetch(request), outgoing);
  };
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.on("error", () => {});
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  };
  const { key, cert } = certificate ?? {};
  const server = certificate
    ? createSecureServer({ keepAlive: true, key, cert }, answer)
    : createServer({ keepAlive: true }, answer);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => resolve());
  });
  const { port: chosen } = server.address() as AddressInfo;
  const url = `${tls ? "https" : "http"}://${hostname.includes(":") ? `[${hostname}]` : hostname}:${chosen}`;
  return {
    url,
    kubeconfig: () => kubeconfigOf(fake, url, certificate?.ca),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
