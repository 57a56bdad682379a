/**
 * A proxy before an API server that sees every request: what our programs send, and when.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createCertificate } from "../src/fake/http/certificate.ts";
import type { Endpoint } from "./wire.ts";

/** A request as it came. */
export interface Seen {
  /** As `performance.now()` tells it. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body: string;
}

/** A proxy that listens. */
export interface Proxy {
  close(): Promise<void>;
}

/** Whether a request is the watch that a program works by. One that selects by label only tries out its rights. */
export const isWatch = (path: string): boolean =>
  /\/requeststates\?(.*&)?watch=(true|1)\b/.test(path) && !path.includes("labelSelector=");

/** Starts a proxy on loopback and writes a kubeconfig for it. */
export async function startProxy(to: Endpoint, kubeconfigPath: string, onRequest: (seen: Seen) => void): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(to.caPath) });
  const { hostname, port } = new URL(to.url);
  const { key, cert, ca } = createCertificate();
  const server = createServer({ key, cert, keepAlive: true }, async (incoming, outgoing) => {
    const at = performance.now();
    outgoing.on("error", () => {});
    const { method = "GET", url: path = "/", headers: { host: _, ...headers } } = incoming;
    const body = await textOf(incoming);
    onRequest({ at, method, path, contentType: headers["content-type"], accept: headers.accept, body });
    const forwarded = request({ hostname, port, method, path, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    outgoing.on("close", () => forwarded.destroy());
    forwarded.on("error", () => outgoing.destroy());
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "proxy", cluster: { server: url, "certificate-authority-data": btoa(ca) } }],
    users: [{ name: "admin", user: { token: to.token } }],
    contexts: [{ name: "proxy", context: { cluster: "proxy", user: "admin" } }],
    "current-context": "proxy",
  };
  writeFileSync(kubeconfigPath, JSON.stringify(kubeconfig));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  return text;
}
