/**
 * What a genuine server that is killed, forgets and stands still does to flows and to those who follow: kube-apiserver and
 * etcd are killed (kill -9) so often each while 200 flows are on their way; everything is forgotten (compaction) while nobody
 * is connected; kube-apiserver stands still for 90 s (SIGSTOP) behind open watches. Ends with 1 when a flow does not finish, or
 * takes another way than six transitions, a store is not a fresh list in the end, or a limit is missed.
 *
 *   KUBEBUILDER_ASSETS=... npx tsx test/soak/outages.ts [--kills 10] [--flows 200] [--no-compaction] [--freeze 90]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { isOver, REQUEST_STATES, type RequestState, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { runReflector } from "../../src/runtime/reflector/reflector.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { followGenuine, insist, untilListed } from "../support/following-genuine.ts";
import { runCommand } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    kills: { type: "string", default: "10" },
    flows: { type: "string", default: "200" },
    compaction: { type: "boolean", default: true },
    freeze: { type: "string", default: "90" },
  },
});
const [kills, flows, freeze] = [Number(values.kills), Number(values.flows), Number(values.freeze) * 1_000];
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
const faults: string[] = [];

const server = await startApiServer({ assets: assets.folder });
const kubectl = (...args: string[]) => runCommand([`${assets.folder}/kubectl`, "--kubeconfig", server.kubeconfigPath, ...args]);
await kubectl("apply", "-f", "crds");
await kubectl("wait", "--for=condition=Established", "-f", "crds");
const connection = () => connect({ kubeconfig: server.kubeconfigPath });
const [writer, following, directing, working] = [await connection(), await connection(), await connection(), await connection()];
const f = await followGenuine(following, writer);
const ending = new AbortController();
const { signal } = ending;
const requests = runReflector<RequestState>({
  ...{ cluster: following, resource: REQUEST_STATES, namespace: "default", clock: systemClock, log: silentLog, signal },
  onEvent() {},
});
const job = async () => void await pause(200);
const options = { namespace: "default", signal, log: silentLog };
const programs = [
  runDirector([SAMPLE], { ...options, cluster: directing }),
  runWorker(SAMPLE, { JOB1: job, JOB2: job }, { ...options, cluster: working, concurrency: 16 }),
];
let started = 0;
const start = async (count: number) => {
  for (; count > 0 && started < flows; count--) {
    await insist(() => startFlow(SAMPLE, { key: `flow-${started}` }, { cluster: writer }));
    started++;
  }
};
const untilSame = async () => Math.max(await f.untilSame(), await untilListed(writer, REQUEST_STATES, requests.store));

try {
  await start(flows / kills / 2);
  for (let round = 0; round < 2 * kills; round++) {
    const victim = round % 2 === 0 ? "apiserver" : "etcd";
    const away = 250 * (round >> 1);
    const writing = Promise.all([f.write("killed", 60), start(Math.ceil(flows / kills / 2))]);
    await pause(300);
    await server.kill(victim);
    await pause(away);
    await server.start();
    const returned = performance.now();
    await writing;
    const written = performance.now() - returned;
    const [same, over] = [await untilSame(), [...requests.store.keys()].filter((key) => isOver(requests.store.get(key)!)).length];
    console.log(
      `${victim} killed, away for ${seconds(away)}: writes done ${seconds(written)} after its return, the stores ` +
        `${seconds(same)} later; ${over} of ${started} flows over`,
    );
  }
  await start(flows);

  if (values.compaction) await forgetting();
  const began = performance.now();
  const unfinished = () => [...requests.store.keys()].filter((key) => !isOver(requests.store.get(key)!)).length;
  while (unfinished() > 0 && performance.now() - began < 60_000) await pause(50);
  console.log(`${flows - unfinished()} of ${flows} flows over ${seconds(performance.now() - began)} later`);
  const { items } = await insist(() => writer.list<RequestState>(REQUEST_STATES, { namespace: "default" }));
  const odd = items.filter((item) => !isOver(item) || historyOf(item).join() !== SIX.join());
  if (items.length !== flows) faults.push(`${items.length} requests, expected ${flows}`);
  if (odd.length > 0) faults.push(`${odd.length} flows did not take six transitions: ${historyOf(odd[0]!).join()}`);

  if (freeze > 0) await freezing();
  await untilSame();
  const counts = [...new Set(f.counted)].map((what) => `${f.counted.filter((other) => other === what).length} ${what}`);
  console.log(`counted by one reflector: ${counts.join(", ")}`);
  for (const line of f.lines) console.log(`  ${line}`);
} finally {
  ending.abort();
  await Promise.all([...programs, requests].map(({ finished }) => finished));
  await f.end();
  for (const cluster of [following, directing, working]) await cluster.close(); // the writer is closed by its follower
  await server.stop();
}
console.log(faults.join("; ") || "well");
process.exit(faults.length > 0 ? 1 : 0);

async function freezing(): Promise<void> {
  await pause(2_000); // the watch is open, and has perhaps not shown a bookmark
  const before = f.counted.length;
  const frozen = performance.now();
  process.kill(server.pid("apiserver")!, "SIGSTOP");
  let noticed: number | undefined;
  while (performance.now() - frozen < freeze) {
    if (noticed === undefined && f.counted.length > before) noticed = performance.now() - frozen;
    await pause(50);
  }
  process.kill(server.pid("apiserver")!, "SIGCONT");
  const returned = performance.now();
  await f.write("frozen", 10);
  const written = performance.now() - returned;
  await untilSame();
  const same = performance.now() - returned;
  console.log(
    `frozen for ${seconds(freeze)}: taken for dead after ${noticed === undefined ? "never" : seconds(noticed)} ` +
      `(${f.counted[before]}), ten writes done ${seconds(written)} and fresh lists ${seconds(same)} after its return`,
  );
  if (freeze >= 90_000 && !(noticed! <= 80_000)) faults.push("a frozen server was not noticed within 80 s");
  if (same > 5_000) faults.push("the stores were not fresh lists 5 s after the return");
}

async function forgetting(): Promise<void> {
  // While it is away it forgets what was seen last, and its memory is gone with it.
  await server.kill("apiserver");
  await server.compact();
  await server.start();
  await f.write("compacted", 20);
  await server.compact();
  console.log(`compacted while nobody was connected: the stores are fresh lists ${seconds(await untilSame())} after 20 writes`);
}
