import { readdir, readFile, writeFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import {
  checkSetup,
  type Cluster,
  hasSucceeded,
  type Implementation,
  type RequestState,
  runDirector,
  runWorker,
  startFlow,
} from "../mod.ts";
import { createFakeCluster } from "../src/fake/mod.ts";
import { listen } from "../src/fake/server.ts";
import type { Arguments } from "./arguments.ts";
import { loadFlow } from "./flow-module.ts";
import { identityOf } from "./identity.ts";
import { createTransitionPrinter, print, printEnd, stderrLog as log } from "./print.ts";

/** The exit code of a flow that failed or was cancelled. */
const FLOW_FAILED = 3;

/** Runs one mode to its end. @returns The exit code. */
export async function runMode(given: Arguments, signal: AbortSignal): Promise<number> {
  const implementation = await loadFlow(given.flow);
  switch (given.mode) {
    case "director":
      return await withCluster(
        given,
        signal,
        (cluster) => given.serve ? serve(cluster, implementation, given, signal) : direct(cluster, implementation, given, signal),
      );
    case "worker":
      return await withCluster(given, signal, (cluster) => work(cluster, implementation, given, signal));
    case "cluster":
      return await serveCluster(given, signal);
    case "demo":
      return await demonstrate(implementation, given, signal);
  }
}

/** Connects with the client of this runtime, and makes sure that the cluster is ready for work. */
async function withCluster(
  given: Pick<Arguments, "namespace" | "kubeconfig" | "master">,
  signal: AbortSignal,
  use: (cluster: Cluster) => Promise<number>,
): Promise<number> {
  const { connect } = await ("Deno" in globalThis ? import("../src/adapters/deno.ts") : import("../src/adapters/node.ts"));
  const cluster = await connect({ kubeconfig: given.kubeconfig, master: given.master, log });
  try {
    await checkSetup(cluster, { namespace: given.namespace, signal });
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}

/** Creates one request and drives it to its end. */
async function direct(
  cluster: Cluster,
  { flow }: Implementation,
  { namespace, concurrency }: Arguments,
  signal: AbortSignal,
): Promise<number> {
  const identity = identityOf("director");
  const { request } = await startFlow(flow, {}, { cluster, namespace, identity, signal, log });
  print(`${flow.name}  requeststates "${namespace}/${request.metadata.name}" on ${cluster.server}`);
  const printer = createTransitionPrinter({ jobs: flow.jobs });
  let last: RequestState = request;
  const onChange = (changed: RequestState) => printer.show(last = changed);
  onChange(request);
  await runDirector([flow], { cluster, namespace, request, identity, concurrency, signal, log, onChange }).finished;
  if (signal.aborted) {
    print(`Ended before the flow was over: "--mode director --serve" carries on with it`);
    return 1;
  }
  printEnd(last);
  return hasSucceeded(last) ? 0 : FLOW_FAILED;
}

/** Drives every request of the namespace. */
async function serve(
  cluster: Cluster,
  { flow }: Implementation,
  { namespace, concurrency }: Arguments,
  signal: AbortSignal,
): Promise<number> {
  const identity = identityOf("director");
  const onChange = createTransitionPrinter({ jobs: flow.jobs, by: identity }).show;
  print(`${identity} drives flow "${flow.name}" in namespace "${namespace}" on ${cluster.server}`);
  await runDirector([flow], { cluster, namespace, identity, concurrency, signal, log, onChange }).finished;
  return 0;
}

/** Claims and runs jobs. */
async function work(
  cluster: Cluster,
  { flow, handlers }: Implementation,
  { namespace, concurrency }: Arguments,
  signal: AbortSignal,
): Promise<number> {
  const identity = identityOf("worker");
  const onChange = createTransitionPrinter({ jobs: flow.jobs, by: identity }).show;
  print(`${identity} does jobs of flow "${flow.name}" in namespace "${namespace}" on ${cluster.server}`);
  await runWorker(flow, handlers, { cluster, namespace, identity, concurrency, signal, log, onChange }).finished;
  return 0;
}

/** Starts a fake API server with `crds/` installed. */
async function startFakeCluster(port: number) {
  const folder = new URL("../crds/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  const crds = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as unknown));
  const fake = createFakeCluster({ crds });
  return { fake, server: await listen(fake, { port }) };
}

/** Serves the fake API server. */
async function serveCluster({ port, writeKubeconfig }: Arguments, signal: AbortSignal): Promise<number> {
  const { server } = await startFakeCluster(port);
  if (writeKubeconfig) await writeFile(writeKubeconfig, server.kubeconfig(), { mode: 0o600 });
  print(server.url);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await server.close();
  return 0;
}

/** Shows one flow: fake API server, director and worker in this process, over real HTTP. */
async function demonstrate(implementation: Implementation, given: Arguments, signal: AbortSignal): Promise<number> {
  const { fake, server } = await startFakeCluster(0);
  const ended = new AbortController();
  const end = () => ended.abort();
  signal.addEventListener("abort", end, { once: true });
  try {
    return await withCluster({ namespace: given.namespace, master: server.url }, signal, async (cluster) => {
      const { flow, handlers } = implementation;
      const worker = runWorker(flow, handlers, {
        cluster,
        namespace: given.namespace,
        identity: identityOf("worker"),
        signal: ended.signal,
        log,
      });
      try {
        const code = await direct(cluster, implementation, given, signal);
        const writes = fake.requests.filter(({ method, resource }) => method !== "GET" && resource === "requeststates");
        print(`\n${writes.length} writes to the fake API server ${server.url}`);
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
