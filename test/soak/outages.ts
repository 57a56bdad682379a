/**
 * One reflector beside a genuine server that is killed ten times (kube-apiserver and etcd in turns, kill -9) while objects
 * are written, forgets what was seen, and stands still for 90 s (SIGSTOP) behind an open watch. Says how long each took to
 * be noticed and to be over; ends with 1 when the store is not a fresh list in the end, or a limit is missed.
 *
 *   KUBEBUILDER_ASSETS=... npx tsx test/soak/outages.ts [--rounds 10] [--freeze 90]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { connect } from "../../src/adapters/node.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { followGenuine } from "../support/following-genuine.ts";

const options = { rounds: { type: "string", default: "10" }, freeze: { type: "string", default: "90" } } as const;
const { values } = parseArgs({ options });
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
const faults: string[] = [];

const server = await startApiServer({ assets: assets.folder });
const cluster = await connect({ kubeconfig: server.kubeconfigPath });
const f = await followGenuine(cluster, await connect({ kubeconfig: server.kubeconfigPath }));
try {
  let round = 0;
  for (; round < Number(values.rounds); round++) {
    const victim = round % 2 === 0 ? "apiserver" : "etcd";
    const writing = f.write("killed", 60);
    await pause(300);
    await server.kill(victim);
    await pause(500 * round);
    await server.start();
    const returned = performance.now();
    await writing;
    const same = await f.untilSame();
    console.log(
      `${victim} killed, away for ${seconds(500 * round)}: writes done ${
        seconds(performance.now() - same - returned)
      } after its return, the store ${seconds(same)} later`,
    );
  }
  await server.compact();
  await server.kill("apiserver");
  await server.start();
  await f.write("compacted", 20);
  console.log(`compacted and restarted: the store is a fresh list after ${seconds(await f.untilSame())}`);

  const freeze = Number(values.freeze) * 1_000;
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
  await f.untilSame();
  const same = performance.now() - returned;
  console.log(
    `frozen for ${seconds(freeze)}: taken for dead after ${noticed === undefined ? "never" : seconds(noticed)} (${
      f.counted[before]
    }), ten writes done ${seconds(written)} and a fresh list ${seconds(same)} after its return`,
  );
  if (freeze >= 90_000 && !(noticed! <= 80_000)) faults.push("a frozen server was not noticed within 80 s");
  if (same > 5_000) faults.push("the store was not a fresh list 5 s after the return");
  console.log(
    `counted: ${
      [...new Set(f.counted)].map((what) => `${f.counted.filter((other) => other === what).length} ${what}`).join(", ")
    }`,
  );
  for (const line of f.lines) console.log(`  ${line}`);
} finally {
  await f.end();
  await cluster.close();
  await server.stop();
}
console.log(faults.join("; ") || "well");
process.exit(faults.length > 0 ? 1 : 0);
