import { readdir, readFile, writeFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { runWorker } from "../mod.ts";
import { createFakeCluster, type FakeCluster, type Tokens } from "../src/fake/mod.ts";
import { type FakeServer, listen } from "../src/fake/server.ts";
import type { Arguments } from "./arguments.ts";
import { withCluster } from "./connect.ts";
import { direct } from "./drive.ts";
import type { Implementations } from "./flow-module.ts";
import { nameOf } from "./identity.ts";
import type { Surroundings } from "./modes.ts";
import { print } from "./print.ts";
import { readTokenFile } from "./token-file.ts";

/** Starts a fake API server with `crds/` installed. */
async function startFakeCluster(port: number, tokens?: Tokens): Promise<{ fake: FakeCluster; server: FakeServer }> {
  // What is compiled lies one folder deeper, in dist/.
  const folder = new URL(import.meta.url.endsWith(".js") ? "../../crds/" : "../crds/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  const crds = texts.flatMap((text) => parseAllDocuments(text).map((document) => asApplied(document.toJS() as Manifest)));
  const fake = createFakeCluster({ crds, tokens });
  return { fake, server: await listen(fake, { port, tls: tokens !== undefined }) };
}

interface Manifest {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** As `kubectl apply` would have created it, so that it finds its own manifest unchanged later. */
function asApplied(manifest: Manifest): Manifest {
  const { metadata } = manifest;
  // Go writes these three escaped, wherever they stand.
  const applied = JSON.stringify(sorted({ ...manifest, metadata: { annotations: {}, ...metadata } }))
    .replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  const annotations = { ...metadata.annotations, "kubectl.kubernetes.io/last-applied-configuration": `${applied}\n` };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

/** The value with the members of every object in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([name, member]) => [name, sorted(member)]),
  );
}

/** Serves the fake API server. */
export async function serveCluster(given: Arguments, { signal, ready }: Surroundings): Promise<number> {
  const { port, writeKubeconfig, tokenAuthFile } = given;
  const { server } = await startFakeCluster(port, tokenAuthFile === undefined ? undefined : await readTokenFile(tokenAuthFile));
  try {
    if (writeKubeconfig) await writeKubeconfigFile(writeKubeconfig, server.kubeconfig());
    await ready();
    print(server.url);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return 0;
  } finally {
    await server.close();
  }
}

async function writeKubeconfigFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new Error(`Cannot write the kubeconfig ${path}: ${code === "ENOENT" ? "its folder does not exist" : message}`, {
      cause: error,
    });
  }
}

/** Shows one flow: fake API server, director and worker in this process, over real HTTP. */
export async function demonstrate(
  implementations: Implementations,
  given: Arguments,
  surroundings: Surroundings,
): Promise<number> {
  const { signal, log } = surroundings;
  const { fake, server } = await startFakeCluster(0);
  const ended = new AbortController();
  const end = () => ended.abort();
  signal.addEventListener("abort", end, { once: true });
  try {
    return await withCluster({ ...given, master: server.url }, surroundings, async (connection) => {
      const worker = runWorker(implementations, {
        cluster: connection.cluster,
        namespace: given.namespace,
        identity: nameOf("worker"),
        signal: ended.signal,
        log,
      });
      try {
        const code = await direct(implementations, given, connection);
        const writes = fake.requests.filter(({ method, resource }) => method !== "GET" && resource?.startsWith("requeststates."));
        print("");
        print(`${writes.length} writes to the fake API server ${server.url}`);
        return code;
      } finally {
        end();
        await worker.finished;
      }
    });
  } finally {
    await server.close();
  }
}
