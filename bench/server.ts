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
import { seedRequests } from "./seeding.ts";
import { createWire, type Endpoint, METADATA, NOT_LYING, requestsPath, type Wire } from "./wire.ts";

/** A server to measure on. */
export interface Server {
  readonly version: string;
  readonly endpoint: Endpoint;
  readonly kubeconfigPath: string;
  readonly wire: Wire;
  /** Of kube-apiserver and etcd. */
  pids(): readonly number[];
  /** Lays `count` finished requests around in a namespace. */
  seed(namespace: string, count: number): Promise<void>;
  /** Deletes all requests of a namespace but those. */
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
    seed: (namespace, count) => seedRequests(wire, server.etcdUrl, namespace, count),
    async clear(namespace) {
      const path = `${requestsPath(namespace)}?${NOT_LYING}`;
      for (;;) {
        // So many are deleted in far less time than a request may take.
        const accept = METADATA.replace("Metadata;", "MetadataList;");
        await wire.send({ method: "DELETE", path: `${path}&limit=${DELETED_TOGETHER}`, accept });
        if (JSON.parse(await wire.send({ method: "GET", path: `${path}&limit=1` })).items.length === 0) return;
      }
    },
    stop,
  };
}

/** Requests that one call deletes. */
const DELETED_TOGETHER = 2_000;

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
