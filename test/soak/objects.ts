/**
 * What many objects cost: time to sync, memory an object, a relist, a change. On a genuine server, over the Node adapter.
 *
 *   KUBEBUILDER_ASSETS=... node --expose-gc --import tsx test/soak/objects.ts [--objects 20000]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { connect } from "../../src/adapters/node.ts";
import { StatusError } from "../../src/errors.ts";
import { REQUEST_STATES, type RequestState } from "../../src/request-state.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { runReflector } from "../../src/runtime/reflector/reflector.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runCommand } from "../support/programs.ts";

const { values } = parseArgs({ options: { objects: { type: "string", default: "20000" } } });
const total = Number(values.objects);
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");
const gc = (globalThis as { gc?: () => void }).gc;
if (!gc) throw new Error("Start it with --expose-gc");
const heap = () => {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
};
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

const server = await startApiServer({ assets: assets.folder });
const writer = await connect({ kubeconfig: server.kubeconfigPath });
try {
  const kubectl = (...args: string[]) => runCommand([`${assets.folder}/kubectl`, "--kubeconfig", server.kubeconfigPath, ...args]);
  await kubectl("apply", "-f", "crds");
  await kubectl("wait", "--for=condition=Established", "-f", "crds");
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // the storage of a new resource is prepared
  let left = total;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) await create();
  }));
  await measure("whole", false);
  await measure("with managedFields", true);
} finally {
  await writer.close();
  await server.stop();
}

async function create(): Promise<void> {
  const name = crypto.randomUUID();
  const steps = ["REQUESTED", "STARTED", "COMPLETED"];
  const history = steps.map((state, index) => ({
    job: "JOB1",
    state,
    timestamp: new Date().toISOString(),
    seq: index + 1,
    attempt: 1,
    by: "worker-0123abcd",
  }));
  const request: RequestState = {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace: "default" },
    spec: { "request-uid": name, job: "JOB1", state: "COMPLETED", flow: "sample", attempt: 1 },
    status: { history },
  };
  await writer.create(REQUEST_STATES, request);
}

async function measure(what: string, keepManagedFields: boolean): Promise<void> {
  const cluster = await connect({ kubeconfig: server.kubeconfigPath });
  await cluster.list(REQUEST_STATES, { namespace: "kube-system" }); // code and connection are warm
  const before = heap();
  const ending = new AbortController();
  const used = process.cpuUsage();
  const began = performance.now();
  let peak = 0;
  let asked = 0;
  let relist = () => {};
  const options = { cluster, resource: REQUEST_STATES, namespace: "default", clock: systemClock, log: silentLog };
  const reflector = runReflector<RequestState>({
    ...options,
    cluster: {
      get: cluster.get,
      list(resource, how) {
        asked = performance.now();
        return cluster.list(resource, how);
      },
      // One that can be told to have heard that its version is too old.
      async watch(resource, how) {
        const events = (await cluster.watch(resource, how))[Symbol.asyncIterator]();
        const expired = new Promise<never>((_, reject) => {
          relist = () => reject(new StatusError("Watching", { code: 410, reason: "Expired", message: "too old" }));
        });
        expired.catch(() => {});
        return {
          [Symbol.asyncIterator]: () => ({
            next: () => Promise.race([events.next(), expired]) as never,
            return: async () => await events.return!() as never,
          }),
        };
      },
    },
    keepManagedFields,
    signal: ending.signal,
    onEvent: () => peak = Math.max(peak, process.memoryUsage().rss),
  });
  await reflector.synced;
  const cpu = process.cpuUsage(used);
  const took = performance.now() - began;
  const held = heap() - before;
  console.log(
    `${what}: ${reflector.store.size} objects in ${took.toFixed(0)} ms, ${
      ((cpu.user + cpu.system) / 1_000).toFixed(0)
    } ms of CPU; ` +
      `${(held / reflector.store.size).toFixed(0)} bytes an object (${megabytes(held)}), resident at most ${megabytes(peak)}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const usedAgain = process.cpuUsage();
  const synced = reflector.health().lastSync!;
  relist(); // those of many processes are spread over a second
  while (reflector.health().lastSync === synced) await new Promise((resolve) => setTimeout(resolve, 5));
  const again = process.cpuUsage(usedAgain);
  console.log(
    `  listed again in ${(performance.now() - asked).toFixed(0)} ms, ${
      ((again.user + again.system) / 1_000).toFixed(0)
    } ms of CPU; ${megabytes(heap() - before)} afterwards`,
  );
  ending.abort();
  await reflector.finished;
  await cluster.close();
}
