/**
 * The genuine API server of a run: with our CRD, a namespace for each contender, and finished requests where they are
 * asked for.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { genuineAssets, startApiServer } from "../test/support/apiserver.ts";
import { runCommand } from "../test/support/programs.ts";
import { createWire, type Endpoint, requestsPath, type Wire } from "./wire.ts";

/** A server to measure on. */
export interface Server {
  readonly version: string;
  readonly endpoint: Endpoint;
  readonly kubeconfigPath: string;
  readonly wire: Wire;
  /** Of kube-apiserver and etcd. */
  pids(): readonly number[];
  /** Has `count` finished requests lie around in a namespace. */
  seed(namespace: string, count: number): Promise<void>;
  /** Deletes all requests of a namespace. */
  clear(namespace: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server. @throws {Error} where KUBEBUILDER_ASSETS names none. */
export async function startServer(namespaces: readonly string[]): Promise<Server> {
  const [assets] = genuineAssets();
  if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");
  const server = await startApiServer({ assets: assets.folder });
  const endpoint = { url: server.url, caPath: server.caPath, token: server.token };
  const wire = createWire(endpoint, 16);
  const stop = async () => {
    wire.close();
    await server.stop();
  };
  // This process is its parent; a signal must not leave it behind.
  process.once("SIGINT", () => process.exit(130));
  try {
    const kubectl = (...args: string[]) =>
      runCommand([join(assets.folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
    for (const namespace of namespaces) await kubectl("create", "namespace", namespace);
    await storageReady(wire, namespaces[0]!);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    version: server.version,
    endpoint,
    kubeconfigPath: server.kubeconfigPath,
    wire,
    pids: () => [server.pid("apiserver"), server.pid("etcd")].filter((pid) => pid !== undefined),
    seed: (namespace, count) => seed(wire, namespace, count),
    async clear(namespace) {
      await wire.send({ method: "DELETE", path: requestsPath(namespace) });
      while (JSON.parse(await wire.send({ method: "GET", path: `${requestsPath(namespace)}?limit=1` })).items.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    stop,
  };
}

/** Right after a CRD is Established, its storage answers 429 for a second or two. */
async function storageReady(wire: Wire, namespace: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      await wire.send({ method: "GET", path: `${requestsPath(namespace)}?limit=1` });
      return;
    } catch (error) {
      if (tries > 100 || !/ answered (404|429)/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const ENTRIES = ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 COMPLETED", "JOB2 REQUESTED", "JOB2 STARTED", "JOB2 COMPLETED"];

/** Finished requests, created as such: one write each. */
async function seed(wire: Wire, namespace: string, count: number): Promise<void> {
  const timestamp = new Date().toISOString();
  const history = ENTRIES.map((entry, index) => {
    const [job, state] = entry.split(" ");
    return { job, state, timestamp, seq: index + 1, attempt: 1, by: "bench" };
  });
  let left = count;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const name = crypto.randomUUID();
      const body = JSON.stringify({
        apiVersion: "com.redhat.ecosystem.sample/v1",
        kind: "RequestState",
        metadata: { name, namespace },
        spec: { "request-uid": name, job: "JOB2", state: "COMPLETED", attempt: 1 },
        status: { history, completionTime: timestamp },
      });
      await wire.send({ method: "POST", path: requestsPath(namespace), body });
    }
  }));
}
