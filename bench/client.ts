/**
 * One client of an API server in a process of its own, measured by clients.ts: it follows a namespace, writes as many flows
 * of six writes as a line on stdin says, 16 at once, and then says what it has used.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import process from "node:process";
import { createInterface } from "node:readline";
import type { ConnectOptions } from "../src/adapters/sources/kubeconfig.ts";
import type { Cluster, PatchOperation } from "../src/ports.ts";
import { REQUEST_STATES, type RequestState } from "../src/request-state.ts";
import { type Endpoint, requestsPath } from "./wire.ts";

/** Ours, and what it is compared with. `fetch` is Deno's, with a client of its own. */
export type ClientName = "ours" | "JSR" | "https" | "undici" | "fetch";

/** What the process is told, as its one argument. */
export interface Order {
  readonly client: ClientName;
  readonly endpoint: Endpoint;
  readonly kubeconfigPath: string;
  readonly namespace: string;
}

/** What it has used so far. */
export interface Usage {
  /** Milliseconds of CPU. */
  readonly cpu: number;
  /** Resident memory, in MB. */
  readonly rss: number;
  /** Events of its watch. */
  readonly events: number;
}

interface Client {
  create(request: RequestState): Promise<RequestState>;
  patch(name: string, operations: readonly PatchOperation[]): Promise<RequestState>;
  /** Resolves when the server has accepted it. */
  watch(onEvent: () => void): Promise<void>;
}

async function overCluster(connect: (options: ConnectOptions) => Promise<Cluster>, order: Order): Promise<Client> {
  const { kubeconfigPath: kubeconfig, namespace } = order;
  const cluster = await connect({ kubeconfig, log: { debug() {}, info: (text) => console.error(text), warn() {}, error() {} } });
  return {
    create: (request) => cluster.create(REQUEST_STATES, request),
    patch: (name, operations) => cluster.patch(REQUEST_STATES, { namespace, name }, operations),
    async watch(onEvent) {
      const { resourceVersion } = await cluster.list(REQUEST_STATES, { namespace });
      const events = await cluster.watch(REQUEST_STATES, { namespace, resourceVersion, timeoutSeconds: 3_000 });
      (async () => {
        for await (const _ of events) onEvent();
      })();
    },
  };
}

/** The least that a client has to do over some way to send a request. */
interface Sender {
  /** Resolves with the whole answer, or calls back with its bytes as they come and resolves with its beginning. */
  send(method: string, path: string, body?: string, contentType?: string, onBytes?: (bytes: Uint8Array) => void): Promise<string>;
}

function overSender({ send }: Sender, { namespace }: Order): Client {
  const path = requestsPath(namespace);
  const patchType = "application/json-patch+json";
  return {
    create: async (request) => JSON.parse(await send("POST", path, JSON.stringify(request), "application/json")),
    patch: async (name, operations) => JSON.parse(await send("PATCH", `${path}/${name}`, JSON.stringify(operations), patchType)),
    async watch(onEvent) {
      const { metadata } = JSON.parse(await send("GET", path));
      const decoder = new TextDecoder();
      let rest = "";
      const watching = `${path}?watch=true&timeoutSeconds=3000&resourceVersion=${metadata.resourceVersion}`;
      await send("GET", watching, undefined, undefined, (bytes) => {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines) JSON.parse(line), onEvent();
      });
    },
  };
}

function headersOf({ token }: Endpoint, body: string | undefined, contentType: string | undefined): Record<string, string> {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  return body === undefined
    ? headers
    : { ...headers, "content-type": contentType!, "content-length": `${Buffer.byteLength(body)}` };
}

function httpsSender(endpoint: Endpoint): Sender {
  const { hostname, port } = new URL(endpoint.url);
  const ca = readFileSync(endpoint.caPath);
  const calls = new Agent({ keepAlive: true, maxSockets: 16, ca });
  const watches = new Agent({ ca });
  return {
    send: (method, path, body, contentType, onBytes) =>
      new Promise((resolve, reject) => {
        const headers = headersOf(endpoint, body, contentType);
        const asked = request({ hostname, port, method, path, headers, agent: onBytes ? watches : calls });
        asked.on("error", reject).on("response", (answer: IncomingMessage) => {
          const chunks: Buffer[] = [];
          answer.on("data", onBytes ?? ((bytes: Buffer) => chunks.push(bytes)));
          if (onBytes) resolve("");
          else answer.on("end", () => resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString()));
        }).end(body);
      }),
  };
}

async function undiciSender(endpoint: Endpoint): Promise<Sender> {
  interface Dispatcher {
    dispatch(options: object, handler: object): void;
  }
  const specifier = "undici"; // it comes with client-node, and is no dependency of ours
  const { Pool } = await import(specifier) as { Pool: new (url: string, options: object) => Dispatcher };
  const ca = readFileSync(endpoint.caPath);
  const open = (connections: number) =>
    new Pool(endpoint.url, { connections, connect: { ca }, allowH2: false, headersTimeout: 0, bodyTimeout: 0 });
  const [calls, watches] = [open(16), open(1)];
  return {
    send: (method, path, body, contentType, onBytes) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        (onBytes ? watches : calls).dispatch({ method, path, body, headers: headersOf(endpoint, body, contentType) }, {
          onRequestStart() {},
          onResponseStart: () => onBytes && resolve(""),
          onResponseData: (_: unknown, bytes: Buffer) => onBytes ? onBytes(bytes) : chunks.push(bytes),
          onResponseEnd: () => resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString()),
          onResponseError: (_: unknown, error: Error) => reject(error),
        });
      }),
  };
}

function fetchSender(endpoint: Endpoint): Sender {
  const { Deno } = globalThis as unknown as { Deno: { createHttpClient(options: object): unknown } };
  const client = Deno.createHttpClient({ caCerts: [readFileSync(endpoint.caPath, "utf8")], http2: false });
  return {
    async send(method, path, body, contentType, onBytes) {
      const headers = headersOf(endpoint, body, contentType);
      const answer = await fetch(endpoint.url + path, { method, body, headers, client } as RequestInit);
      if (!onBytes) return await answer.text();
      (async () => {
        for await (const bytes of answer.body!) onBytes(bytes);
      })();
      return "";
    },
  };
}

const MAKERS: Readonly<Record<ClientName, (order: Order) => Promise<Client>>> = {
  ours: async (order) => overCluster((await import("../src/adapters/node.ts")).connect, order),
  JSR: async (order) => overCluster((await import("../src/adapters/deno.ts")).connect, order),
  https: async (order) => overSender(httpsSender(order.endpoint), order),
  undici: async (order) => overSender(await undiciSender(order.endpoint), order),
  fetch: async (order) => overSender(fetchSender(order.endpoint), order),
};

const STEPS = [["JOB1", "STARTED"], ["JOB1", "COMPLETED"], ["JOB2", "REQUESTED"], ["JOB2", "STARTED"], [
  "JOB2",
  "COMPLETED",
]] as const;

/** The six writes of a flow, as small as they can be. */
async function writeFlow(client: Client, namespace: string): Promise<void> {
  const name = crypto.randomUUID();
  let at = await client.create({
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace },
    spec: { "request-uid": name, job: "JOB1", state: "REQUESTED" },
  });
  for (const [job, state] of STEPS) {
    const entry = { job, state, timestamp: new Date().toISOString() };
    at = await client.patch(name, [
      { op: "replace", path: "/metadata/uid", value: at.metadata.uid },
      { op: "replace", path: "/metadata/resourceVersion", value: at.metadata.resourceVersion },
      { op: "replace", path: "/spec/job", value: job },
      { op: "replace", path: "/spec/state", value: state },
      at.status
        ? { op: "add", path: "/status/history/-", value: entry }
        : { op: "add", path: "/status", value: { history: [entry] } },
    ]);
  }
}

async function serve(order: Order): Promise<void> {
  const client = await MAKERS[order.client](order);
  let events = 0;
  await client.watch(() => events++);
  const say = () => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpu: (user + system) / 1_000, rss: process.memoryUsage().rss / 1e6, events };
    console.log(JSON.stringify(usage));
  };
  say();
  for await (const line of createInterface({ input: process.stdin })) {
    let left = Number(line);
    await Promise.all(Array.from({ length: 16 }, async () => {
      while (left-- > 0) await writeFlow(client, order.namespace);
    }));
    say();
  }
  process.exit(0);
}

if (process.argv[2]?.startsWith("{")) await serve(JSON.parse(process.argv[2]));
