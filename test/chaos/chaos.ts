/**
 * Everything is killed, at random, on a genuine API server: two directors and some workers, each a process of its own, kube-apiserver and
 * etcd (kill -9); directors and workers are also stopped for a while (SIGSTOP). Meanwhile people start flows of several shapes, signal,
 * cancel, suspend and resume them. All changes are recorded by a watch; in the end the record alone is judged by the invariants of
 * the protocol. Ends with 1 when one is broken, or a flow is not over in time.
 *
 *   KUBEBUILDER_ASSETS=... npm run chaos -- [--runtime node|deno] [--minutes 10] [--workers 4] [--rate 3] [--every 1700] [--seed 1]
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  cancelFlow,
  type ClientOptions,
  isOver,
  REQUEST_STATES,
  type RequestState,
  resumeFlow,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type Lease, LEASES } from "../../src/runtime/lease.ts";
import { createDice } from "../../src/testing/dice.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runCommand } from "../support/programs.ts";
import { lotOf } from "../../src/flow/digest.ts";
import { long, order, plain } from "./flows.ts";
import { judge } from "./judge.ts";
import { record, recordAll } from "./recorder.ts";
import { keep, type Victim } from "./victims.ts";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    minutes: { type: "string", default: "10" },
    workers: { type: "string", default: "4" },
    rate: { type: "string", default: "3" },
    every: { type: "string", default: "1700" },
    seed: { type: "string", default: String(Date.now()) },
  },
});
const root = fileURLToPath(new URL("../../", import.meta.url));
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");
const dice = createDice(values.seed);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const [duration, every] = [Number(values.minutes) * 60_000, Number(values.every)];

/** How long a worker that is silent keeps its jobs, in milliseconds: its lease, and the grace. */
const LOST_AFTER = 20_000;

const home = mkdtempSync(join(tmpdir(), "chaos-"));
const server = await startApiServer({ assets: assets.folder });
const kubectl = (...args: string[]) => runCommand([`${assets.folder}/kubectl`, "--kubeconfig", server.kubeconfigPath, ...args]);
await kubectl("apply", "-f", `${root}crds`);
await kubectl("wait", "--for=condition=Established", "-f", `${root}crds`);

const program = values.runtime === "deno"
  ? [`${root}node_modules/.bin/deno`, "run", "-q", "-A", `${root}cli/main.ts`]
  : [`${root}node_modules/.bin/node`, `${root}dist/cli/main.js`];
const flags = ["--kubeconfig", server.kubeconfigPath, "--flow", `${root}test/chaos/flows.ts`];
const directors = Array.from(
  { length: 2 },
  (_, index) => keep("director", [...program, "--mode", "director", "--serve", ...flags], join(home, `director-${index}.log`)),
);
const workers = Array.from(
  { length: Number(values.workers) },
  (_, index) =>
    keep("worker", [...program, "--mode", "worker", "--concurrency", "8", ...flags], join(home, `worker-${index}.log`)),
);

const cluster = await connect({ kubeconfig: server.kubeconfigPath });
const ending = new AbortController();
const { signal } = ending;
const options: ClientOptions = { cluster, namespace: "default", identity: "client", signal };
const [doing, counts] = [new Set<Promise<void>>(), new Map<string, number>()];
const count = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);

/** What a person does, tried until it is done or makes no sense any more. */
function person(what: string, act: () => Promise<unknown>): void {
  const task = (async () => {
    for (let tries = 0; tries < 200 && !signal.aborted; tries++) {
      try {
        await act();
        return void count(what);
      } catch (error) {
        if (error instanceof TypeError) throw error;
        if ((error as Error).name === "RequestStateError") return void count(`${what}, too late`);
        await pause(300);
      }
    }
  })();
  doing.add(task);
  void task.finally(() => doing.delete(task));
}

const standing = new Map<string, RequestState>();
const requests = recordAll<RequestState>(server.etcdUrl, `/registry/${REQUEST_STATES.group}/${REQUEST_STATES.plural}/`, {
  signal,
  onChange({ type, object }) {
    const { uid, name } = object.metadata;
    const before = standing.get(uid!);
    if (type === "DELETED") standing.delete(uid!);
    else standing.set(uid!, object);
    const { job, state } = object.spec;
    const isNew = before?.spec.job !== job || before.spec.state !== state;
    if (!isNew || job !== "approve" || state !== "REQUESTED") return;
    const lot = lotOf(`${uid} approval`);
    if (lot > 0.85) return; // nobody is there
    person("signals", async () => {
      await pause(lot * 3_000);
      await signalFlow(name!, "approve", lot < 0.7 ? "yes" : "no", undefined, { ...options, flow: order } as never);
    });
  },
});
const leases = record<Lease>(cluster, LEASES, "default", { signal });

let started = 0;
async function startFlows(until: number): Promise<void> {
  while (Date.now() < until) {
    const flow = dice.pick([plain, order, order, long]);
    const key = `chaos-${started++}`;
    const lot = dice.fraction();
    person("flows", async () => {
      const run = await startFlow(flow, { key }, options as never);
      if (lot < 0.05) person("cancellations", async () => (await pause(lot * 60_000), await cancelFlow(run, options)));
      else if (lot < 0.1) {
        person("suspensions", async () => {
          await suspendFlow(run, options);
          await pause(lot * 30_000);
          person("resumptions", () => resumeFlow(run, options));
        });
      }
    });
    await pause(1_000 / Number(values.rate) * 2 * dice.fraction());
  }
}

const kills = new Map<string, number>();
let lastKill = 0;
async function killAll(until: number): Promise<void> {
  const count = (what: string) => kills.set(what, (kills.get(what) ?? 0) + 1);
  const any = (of: readonly Victim[]) => dice.pick(of);
  while (Date.now() < until) {
    await pause(every * 2 * dice.fraction());
    const lot = dice.fraction();
    lastKill = Date.now();
    if (lot < 0.66) (any(workers).kill(), count("worker"));
    else if (lot < 0.74) (any(directors).kill(), count("director"));
    else if (lot < 0.88) (any(workers).freeze(dice.between(500, 30_000)), count("worker stopped"));
    else if (lot < 0.91) (any(directors).freeze(dice.between(500, 25_000)), count("director stopped"));
    else {
      const what = lot < 0.97 ? "apiserver" : "etcd";
      count(what);
      await server.kill(what);
      await pause(dice.between(0, 1_500));
      await server.start();
      lastKill = Date.now();
    }
  }
  for (const victim of [...workers, ...directors]) victim.thaw();
  lastKill = Date.now();
}

const begun = Date.now();
console.log(`seed ${values.seed}, ${values.runtime}, ${values.minutes} minutes; logs in ${home}`);
const progress = setInterval(() => {
  const over = [...standing.values()].filter(isOver).length;
  const killed = [...kills.values()].reduce((a, b) => a + b, 0);
  console.log(`${Math.round((Date.now() - begun) / 1_000)} s: ${standing.size} flows, ${over} over, ${killed} blows`);
}, 30_000);
let failed = false;
try {
  await Promise.all([killAll(begun + duration), startFlows(begun + duration - 15_000)]);
  const limit = 3 * LOST_AFTER;
  const isDone = () => doing.size === 0 && standing.size === started && [...standing.values()].every(isOver);
  while (!isDone() && Date.now() < lastKill + limit) await pause(100);
  await pause(1_000); // nothing may change after the end
} finally {
  clearInterval(progress);
  ending.abort();
  await Promise.all([...workers, ...directors].map((victim) => victim.end()));
  await Promise.all([requests.finished, leases.finished]);
  await cluster.close?.();
  await server.stop();
}

const verdict = judge(requests.changes, leases.changes, new Map([plain, order, long].map((flow) => [flow.name, flow])));
const list = (of: ReadonlyMap<string, number>) => [...of].map(([what, times]) => `${times} ${what}`).join(", ");
const killed = ["worker", "director", "apiserver", "etcd"].reduce((sum, what) => sum + (kills.get(what) ?? 0), 0);
const at = (share: number) => (verdict.takeovers[Math.floor(share * (verdict.takeovers.length - 1))]! / 1_000).toFixed(1);
console.log(`kills: ${killed} (${list(kills)})`);
console.log(`people: ${list(counts)}`);
console.log(`record: ${verdict.flows} flows, ${verdict.versions} versions, watches opened ${requests.opened} times`);
console.log(`ends: ${list(verdict.ends)}`);
if (verdict.takeovers.length > 0) {
  const [least, most] = [0, 1].map(at);
  console.log(
    `takeovers: ${verdict.takeovers.length}, after the last renewal ${least} s at least, p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${
      at(0.99)
    }, ${most} at most`,
  );
}
console.log(`the last flow was over ${((verdict.lastEnd - lastKill) / 1_000).toFixed(1)} s after the last blow`);
for (const fault of verdict.faults.slice(0, 20)) console.log(`  ${fault}`);
for (const flow of verdict.unfinished.slice(0, 20)) console.log(`  not over: ${flow}`);
failed = verdict.faults.length > 0 || verdict.unfinished.length > 0 || verdict.flows !== started;
if (failed) {
  writeFileSync(join(home, "record.json"), JSON.stringify({ requests: requests.changes, leases: leases.changes }));
  console.log(`the record: ${join(home, "record.json")}`);
}
console.log(failed ? `${verdict.faults.length} faults, ${verdict.unfinished.length} flows not over` : "kept");
process.exit(failed ? 1 : 0);
