/**
 * Everything is killed, at random, on a genuine API server: two directors and some workers, each a process of its own, kube-apiserver and
 * etcd (kill -9); any of them is also stopped for a while (SIGSTOP). Meanwhile people start flows of several shapes, signal, retry,
 * cancel, suspend and resume them. All changes are recorded from etcd; in the end the record alone is judged by the invariants of
 * the protocol. Ends with 1 when one is broken, a flow is not over in time, a program ends that nobody has killed, or says a stack.
 *
 *   KUBEBUILDER_ASSETS=... npm run chaos -- [--runtime node|deno] [--minutes 10] [--workers 5] [--rate 4] [--every 1900] [--seed 1]
 *     [--weights "etcd killed=5,worker stopped=0"]
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isOver, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type Lease, LEASES } from "../../src/runtime/leases/lease.ts";
import { createDice } from "../../src/testing/dice.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runCommand } from "../support/programs.ts";
import { type Blow, createBlows, WEIGHTS } from "./blows.ts";
import { FLOWS, order } from "./flows.ts";
import { startGuard } from "../support/guard.ts";
import { judge } from "./judge.ts";
import { gatherPeople } from "./people.ts";
import { record, recordAll } from "./recorder.ts";
import { killsIn, reportLines } from "./report.ts";
import { readSentences } from "./sentences.ts";
import { keep } from "./victims.ts";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    minutes: { type: "string", default: "10" },
    workers: { type: "string", default: "5" },
    rate: { type: "string", default: "4" },
    every: { type: "string", default: "1900" },
    seed: { type: "string", default: String(Date.now()) },
    weights: { type: "string", default: "" },
  },
});
if (values.runtime !== "node" && values.runtime !== "deno") {
  throw new Error(`--runtime is ${values.runtime}, expected node or deno`);
}

/** How long a worker that is silent keeps its jobs, in milliseconds: its lease, and the grace. */
const LOST_AFTER = 20_000;

/** How long flows may take to end after the last blow, in milliseconds. */
const LIMIT = 3 * LOST_AFTER;

/** No flow is started so shortly before the last blow, in milliseconds: it would be about other things. */
const REST = 15_000;

function weightsOf(text: string): Record<Blow, number> {
  const weights: Record<Blow, number> = { ...WEIGHTS };
  for (const pair of text.split(",").filter((pair) => pair !== "")) {
    const [blow, weight] = pair.split("=") as [Blow, string];
    if (!(blow in weights)) throw new Error(`--weights names ${blow}, expected one of ${Object.keys(weights).join(", ")}`);
    weights[blow] = Number(weight);
  }
  return weights;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");
const weights = weightsOf(values.weights);
const dice = createDice(values.seed);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const duration = Number(values.minutes) * 60_000;

const home = mkdtempSync(join(tmpdir(), "chaos-"));
const dir = join(home, "server");
// What was started ends with this process: told to end, it does so at once, and what still runs is killed as it exits.
for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
  process.on(signal, () => process.exit(128 + number));
}
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
const guard = startGuard();

const server = await startApiServer({ assets: assets.folder, dir, guard });
const kubectl = (...args: string[]) => runCommand([`${assets.folder}/kubectl`, "--kubeconfig", server.kubeconfigPath, ...args]);
await kubectl("apply", "-f", `${root}crds`);
await kubectl("wait", "--for=condition=Established", "-f", `${root}crds`);
if (values.runtime === "node") await runCommand(["npm", "run", "--silent", "build"]);

const program = values.runtime === "deno"
  ? [`${root}node_modules/.bin/deno`, "run", "-q", "-A", `${root}cli/main.ts`]
  : [`${root}node_modules/.bin/node`, `${root}dist/cli/main.js`];
const flags = ["--kubeconfig", server.kubeconfigPath, "--flow", `${root}test/chaos/flows.ts`];
const faults: string[] = [];
const victims = (kind: "director" | "worker", count: number, ...own: string[]) =>
  Array.from({ length: count }, (_, index) =>
    keep({
      ...{ kind, guard, onDeath: (sentence: string) => faults.push(sentence) },
      command: [...program, "--mode", kind, ...own, ...flags],
      logPath: join(home, `${kind}-${index}.log`),
    }));
const directors = victims("director", 2, "--serve");
const workers = victims("worker", Number(values.workers), "--concurrency", "8");

const cluster = await connect({ kubeconfig: server.kubeconfigPath });
const ending = new AbortController();
const { signal } = ending;
const blows = createBlows({ server, workers, directors, dice, weights, every: Number(values.every) });
const people = gatherPeople({
  ...{ cluster, namespace: "default", identity: "client", signal, dice },
  ...{ flows: [...FLOWS, order], prefix: "chaos" },
});
const standing = new Map<string, boolean>(); // whether it is over, by uid
const requests = recordAll<RequestState>(server.etcdUrl, `/registry/${REQUEST_STATES.group}/${REQUEST_STATES.plural}/`, {
  signal,
  onChange({ object }) {
    standing.set(object.metadata.uid!, isOver(object));
    people.see(object);
  },
});
const leases = record<Lease>(cluster, LEASES, "default", { signal });

const begun = Date.now();
console.log(`seed ${values.seed}, ${values.runtime}, ${values.minutes} minutes; logs in ${home}`);
const over = () => [...standing.values()].filter((isOver) => isOver).length;
const progress = setInterval(() => {
  const [killed, passed] = [killsIn(blows.counts), Math.round((Date.now() - begun) / 1_000)];
  console.log(`${passed} s: ${standing.size} flows, ${over()} over, ${killed} kills, ${faults.length} faults`);
}, 30_000);
try {
  await Promise.all([blows.strike(begun + duration), people.start(begun + duration - REST, Number(values.rate))]);
  const isDone = () => !people.isBusy && standing.size === people.begun && over() === standing.size;
  while (!isDone() && Date.now() < blows.last + LIMIT) await pause(100);
  await pause(1_000); // nothing may change after the end
} finally {
  clearInterval(progress);
  ending.abort();
  await Promise.all([...workers, ...directors].map((victim) => victim.end()));
  await Promise.all([requests.finished, leases.finished]);
  await cluster.close?.();
  await server.stop();
}

const verdict = judge(requests.changes, leases.changes, { flows: FLOWS, outages: blows.outages });
const { counts: said, crashes } = readSentences([...workers, ...directors].map(({ logPath }) => logPath));
faults.push(...crashes);
if (verdict.flows !== people.begun) faults.push(`${people.begun} flows were started, the record shows ${verdict.flows}`);
const lines = reportLines({
  ...{ runtime: values.runtime, seconds: (Date.now() - begun) / 1_000, blows: blows.counts, outages: blows.outages.length },
  ...{ people: people.counts, verdict, lastBlow: blows.last, limit: LIMIT, faults },
});
console.log(["", ...lines].join("\n"));
writeFileSync(join(home, "said.txt"), [...said].map(([sentence, times]) => `${times} ${sentence}\n`).join(""));
console.log(`said              ${said.size} different sentences: ${join(home, "said.txt")}`);
const failed = verdict.faulty.length + faults.length > 0;
if (failed) {
  const path = join(home, "record.jsonl");
  for (const change of [...requests.changes, ...leases.changes]) appendFileSync(path, JSON.stringify(change) + "\n");
  console.log(`the record        ${path}`);
}
process.exit(failed ? 1 : 0);
