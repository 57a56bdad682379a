/**
 * How many flows a second one director and one worker finish on a genuine API server, beside a minimal writer that makes
 * the same writes in the same run: `KUBEBUILDER_ASSETS=... npx tsx bench/flows.ts [FLOWS]`.
 */
import { join } from "node:path";
import process from "node:process";
import { isOver, type PatchOperation, REQUEST_STATES, type RequestState } from "../mod.ts";
import { connect } from "../src/adapters/node.ts";
import { genuineAssets, startApiServer } from "../test/support/apiserver.ts";
import { endPrograms, runCommand, startProgram } from "../test/support/programs.ts";

const flows = Number(process.argv[2] ?? 200);
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");

const server = await startApiServer({ assets: assets.folder });
const cluster = await connect({ kubeconfig: server.kubeconfigPath });
const kubectl = (...args: string[]) =>
  runCommand([join(assets.folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
try {
  await kubectl("apply", "-f", "crds");
  await kubectl("wait", "--for=condition=Established", "-f", "crds");
  for (const namespace of ["programs", "writer"]) await kubectl("create", "namespace", namespace);
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // the storage of a new resource is prepared
  const rounds: Round[] = [];
  startProgram("node", ["--serve", "--namespace", "programs", "--kubeconfig", server.kubeconfigPath]);
  startProgram("node", [
    "--mode",
    "worker",
    "--concurrency",
    "16",
    "--namespace",
    "programs",
    "--kubeconfig",
    server.kubeconfigPath,
  ]);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (let round = 0; round < 4; round++) {
    const writer = await timed(() => writeAlone("writer"));
    const programs = await timed(async () => {
      await createAll("programs");
      await allOver("programs");
    });
    const created = await timed(async () => {
      await createByKubectl("programs");
      await allOver("programs");
    });
    if (round > 0) rounds.push({ programs, created, writer }); // the first one warms everything up
    console.log(`${round > 0 ? "round" : "warm-up"}: ${told({ programs, created, writer })}`);
  }
  const { items } = await cluster.list<RequestState>(REQUEST_STATES, { namespace: "programs" });
  const odd = items.filter(({ status }) => status?.history?.length !== 6).length;
  if (odd > 0) throw new Error(`${odd} of ${items.length} flows do not have six history entries`);
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  const of = (what: keyof Round) => median(rounds.map((round) => round[what]));
  const ratio = median(rounds.map(({ programs, writer }) => writer / programs));
  console.log(
    `${flows} flows, median of ${rounds.length}: ${
      told({ programs: of("programs"), created: of("created"), writer: of("writer") })
    }; ` +
      `programs against writer ${ratio.toFixed(2)}`,
  );
} finally {
  await endPrograms();
  await cluster.close();
  await server.stop();
}

/** How long each took, in milliseconds. */
interface Round {
  /** Director and worker, the requests created by 16 connections at once. */
  readonly programs: number;
  /** Director and worker, the requests created by `kubectl create`. */
  readonly created: number;
  /** The minimal writer. */
  readonly writer: number;
}

function told({ programs, created, writer }: Round): string {
  return `programs ${rate(programs)} flows/s (${rate(created)} created by kubectl), minimal writer ${rate(writer)} flows/s`;
}

function rate(ms: number): string {
  return (flows / ms * 1_000).toFixed(0);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function request(namespace: string): RequestState {
  const name = crypto.randomUUID();
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace },
    spec: { "request-uid": name, job: "JOB1", state: "REQUESTED" },
  };
}

/** Runs `work` for each flow, 16 at once. */
async function each(work: () => Promise<void>): Promise<void> {
  let left = flows;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) await work();
  }));
}

function createAll(namespace: string): Promise<void> {
  return each(async () => void await cluster.create(REQUEST_STATES, request(namespace)));
}

async function createByKubectl(namespace: string): Promise<void> {
  const items = Array.from({ length: flows }, () => request(namespace));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await runCommand([join(assets!.folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, "create", "-f", "-"], {}, list);
}

async function allOver(namespace: string): Promise<void> {
  const unfinished = { namespace, fieldSelector: "status.completionTime=" };
  while ((await cluster.list<RequestState>(REQUEST_STATES, unfinished)).items.some((item) => !isOver(item))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The six writes of each flow, one after the other, with nobody watching. */
function writeAlone(namespace: string): Promise<void> {
  const steps = [["JOB1", "STARTED"], ["JOB1", "COMPLETED"], ["JOB2", "REQUESTED"], ["JOB2", "STARTED"], [
    "JOB2",
    "COMPLETED",
  ]] as const;
  return each(async () => {
    let at = await cluster.create<RequestState>(REQUEST_STATES, request(namespace));
    for (const [job, state] of steps) at = await cluster.patch<RequestState>(REQUEST_STATES, at.metadata, stepOf(at, job, state));
  });
}

function stepOf(at: RequestState, job: string, state: string): PatchOperation[] {
  const entry = { job, state, timestamp: new Date().toISOString() };
  return [
    { op: "replace", path: "/metadata/uid", value: at.metadata.uid },
    { op: "replace", path: "/metadata/resourceVersion", value: at.metadata.resourceVersion },
    { op: "replace", path: "/spec/job", value: job },
    { op: "replace", path: "/spec/state", value: state },
    at.status
      ? { op: "add", path: "/status/history/-", value: entry }
      : { op: "add", path: "/status", value: { history: [entry] } },
  ];
}
