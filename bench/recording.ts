/**
 * One flow as our programs write it, recorded from the wire: what the minimal writer sends again.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLoad } from "./load.ts";
import type { Measured } from "./processes.ts";
import { isWatch, type Seen, startProxy } from "./proxy.ts";
import { type Identifiers, type Recording, stepOf } from "./step.ts";
import { createWire, type Endpoint, requestsPath } from "./wire.ts";

/** Runs one flow in `namespace` behind a proxy and records it. @param start Starts director and worker with this kubeconfig. */
export async function recordFlow(
  endpoint: Endpoint,
  namespace: string,
  start: (kubeconfig: string) => readonly Measured[],
): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), "crd-watcher-bench-"));
  const kubeconfig = join(folder, "kubeconfig");
  const seen: Seen[] = [];
  const proxy = await startProxy(endpoint, kubeconfig, (request) => void seen.push(request));
  const wire = createWire(endpoint, 1);
  const versions: Identifiers[] = [];
  const path = requestsPath(namespace);
  const { metadata } = JSON.parse(await wire.send({ method: "GET", path: `${path}?limit=1` }));
  await wire.watch(`${path}?`, metadata.resourceVersion, ({ object }) => void versions.push(object.metadata));
  const load = await createLoad(endpoint, namespace);
  const programs = start(kubeconfig);
  try {
    await Promise.race([load.run(1, 1), ...programs.map(({ failed }) => failed)]);
    await new Promise((resolve) => setTimeout(resolve, 500)); // the end may be recorded in a write of its own
  } finally {
    await Promise.all(programs.map((program) => program.end()));
    load.close();
    wire.close();
    await proxy.close();
    rmSync(folder, { recursive: true });
  }
  const writes = seen.filter(({ method, path: to }) => (method === "PATCH" || method === "PUT") && to.startsWith(`${path}/`));
  if (writes.length !== versions.length - 1) {
    throw new Error(`Cannot record a flow: ${writes.length} writes made ${versions.length} versions; a write was refused`);
  }
  const watch = seen.find(({ path: to }) => isWatch(to));
  const query = new URLSearchParams(watch?.path.split("?")[1]);
  for (const name of ["watch", "resourceVersion", "timeoutSeconds"]) query.delete(name);
  return { steps: writes.map((write, index) => stepOf(write, versions[index]!)), watchQuery: query.toString() };
}
