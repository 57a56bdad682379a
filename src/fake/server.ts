/**
 * A loopback HTTP server in front of a fake cluster: for kubectl, for controllers in any language, for clients that
 * cannot be handed a function. Runs on Node and on Deno.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { checkOptions, checkValue, type Members, TEXT, TRUTH, wholeFrom } from "../options.ts";
import { type Certificate, createCertificate } from "./http/certificate.ts";
import type { FakeCluster } from "./cluster.ts";
import { FAKE } from "./cluster-options.ts";
import { doorOf } from "./gate/door.ts";
import { compressed, compressedStream, plainText } from "./http/gzip.ts";
import { type Answer, responseOf } from "./output/answer.ts";
import { isStream } from "./output/respond.ts";
import { acceptsGzip, isTextWorthGzip, withBody, withTarget } from "./output/wire.ts";
import { type HeaderFields, type Incoming, ReceivedHeaders } from "./types/incoming.ts";

export { type ManifestObject, readObjects } from "./manifests.ts";
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

/** Bytes that the API server takes of a URL and the headers: `net/http` DefaultMaxHeaderBytes. */
const maxHeaderSize = 1024 * 1024;

const OPTIONS: Members<ListenOptions> = { port: wholeFrom(0, 65_535), hostname: TEXT, tls: TRUTH };

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

/** Reads a body. Rejects when its connection ends before it does. */
const readBody = (incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    incoming.on("data", (chunk: Uint8Array) => {
      if (size > bodyLimit) return;
      chunks.push(chunk);
      size += chunk.byteLength;
    });
    incoming.on("end", () => resolve(joined(chunks, size)));
    incoming.on("error", reject);
    incoming.on("close", () => !incoming.complete && reject(new Error("the connection ended within a body")));
  });

function headersOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) headers.push([rawHeaders[index]!, rawHeaders[index + 1]!]);
  return headers;
}

/** What of a request needs no `Request` to be made; others are not asked for often, or not accepted by it. */
const received: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"]);
const noBody = new Uint8Array();

/** What tells that a client has gone: made when somebody wants to be told. */
function goneOf(outgoing: ServerResponse): () => AbortSignal {
  let gone: AbortController | undefined;
  return () => {
    if (gone) return gone.signal;
    const controller = gone = new AbortController();
    // To be told that one is gone who has his answer helps nobody, and costs as much as many an answer.
    const leave = () => void (!outgoing.writableFinished && controller.abort());
    if (outgoing.destroyed) leave();
    else outgoing.on("close", leave);
    return controller.signal;
  };
}

/** A request as it came over the wire. */
class Received implements Incoming {
  readonly method: string;
  readonly headers: ReceivedHeaders;
  readonly #gone: () => AbortSignal;

  constructor(method: string, headers: ReceivedHeaders, gone: () => AbortSignal) {
    this.method = method;
    this.headers = headers;
    this.#gone = gone;
  }

  get signal(): AbortSignal {
    return this.#gone();
  }
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

type Head = Omit<Answer, "body">;

function setHead({ status, headers, warnings }: Head, outgoing: ServerResponse): void {
  outgoing.statusCode = status;
  for (const name of Object.keys(headers)) outgoing.setHeader(name, headers[name]!);
  // One header line a warning, as the genuine server sends them.
  if (warnings.length > 0) outgoing.setHeader("warning", [...warnings]);
}

/** What is longer is sent faster as bytes, whose length nobody has to count. Characters. */
const longText = 64 * 1024;

/** A text goes out in one piece with the head, in its encoding: warnings are bytes already. */
function sendText(head: Head, text: string, outgoing: ServerResponse): void {
  setHead(head, outgoing);
  outgoing.end(head.warnings.length === 0 && text.length <= longText ? text : new TextEncoder().encode(text));
}

/** Sends an answer that was not made a `Response`. */
async function sendAnswer(request: HeaderFields, answer: Answer, outgoing: ServerResponse): Promise<void> {
  const { body, headers } = answer;
  if (typeof body !== "string") {
    setHead(answer, outgoing);
    await pipe(body, outgoing);
  } else if (acceptsGzip(request) && isTextWorthGzip(headers["content-type"]!, body)) {
    await send(request, responseOf(answer), outgoing);
  } else sendText(answer, body, outgoing);
}

async function pipe(stream: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  outgoing.flushHeaders();
  const reader = stream.getReader();
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

async function send(request: HeaderFields, given: Response, outgoing: ServerResponse): Promise<void> {
  const text = plainText(request, given);
  const response = text !== undefined ? given : isStream(given) ? compressedStream(given) : await compressed(request, given);
  const { status } = response;
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== "warning" && name !== "set-cookie"));
  const warnings = response.headers.get("warning")?.split(/, (?=299 - ")/) ?? [];
  if (text !== undefined) return sendText({ status, headers, warnings }, text, outgoing);
  setHead({ status, headers, warnings }, outgoing);
  if (!response.body) return void outgoing.end();
  if (!isStream(response)) return void outgoing.end(new Uint8Array(await response.arrayBuffer()));
  await pipe(response.body, outgoing);
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
 * @throws {TypeError} When it is given no fake cluster, or an option is unknown or none that can be.
 * @throws {RangeError} When the port is none.
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
  checkValue("Cannot serve a fake cluster", "fake", fake, FAKE);
  checkOptions("Cannot serve a fake cluster", options, OPTIONS);
  const { port = 0, hostname = "127.0.0.1", tls = false } = options;
  const certificate: Certificate | undefined = tls ? createCertificate() : undefined;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "GET", url: path = "/" } = incoming;
    const href = path.startsWith("/") ? `${url}${path}` : path;
    const gone = goneOf(outgoing);
    const body = method === "GET" || method === "HEAD" ? noBody : await readBody(incoming);
    if (received.has(method)) {
      const headers = new ReceivedHeaders(incoming.rawHeaders);
      const answer = doorOf(fake.fetch)?.(new Received(method, headers, gone), href, body);
      if (answer) {
        const given = await answer;
        return given instanceof Response ? await send(headers, given, outgoing) : await sendAnswer(headers, given, outgoing);
      }
    }
    const request = new Request(href, {
      method,
      headers: headersOf(incoming),
      body: body.byteLength > 0 ? body : undefined,
      signal: gone(),
    });
    if (body.byteLength > 0) withBody(request, body);
    await send(request.headers, await fake.fetch(withTarget(request, href)), outgoing);
  };
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.on("error", () => {});
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  };
  const { key, cert } = certificate ?? {};
  const server = certificate
    ? createSecureServer({ keepAlive: true, maxHeaderSize, key, cert }, answer)
    : createServer({ keepAlive: true, maxHeaderSize }, answer);
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
