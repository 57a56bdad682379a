/**
 * Compares builds of this project with each other: the CPU of a director and of a worker for a flow, on the fake cluster in turns. It needs no
 * API server, and differs by 3 % from run to run, where the bench on a genuine one differs by ten: good for cuts, of which each is small.
 *
 * `npx tsx bench/builds.ts ROUNDS FLOWS BUILD ...`, where a build is a folder such as `dist`, with flags of Node after it where it has any:
 * `dist+--min-semi-space-size=16`.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createFakeCluster } from "../src/fake/mod.ts";
import { listen } from "../src/fake/server.ts";
import { requestStateCrd } from "../src/request-state-crd.ts";
import { createLoad } from "./load.ts";
import { startMeasured, treeOf, usageOf } from "./processes.ts";
import { median } from "./statistics.ts";

/** Told apart from the others, as in the bench. */
const COLD = 600;
const IN_FLIGHT = 100;
const NAMESPACE = "default";
const COLUMNS = ["cold director", "worker", "warm director", "worker", "both", "flows/s", "peak MB director", "worker"] as const;

const [rounds = "3", flows = "2400", ...builds] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "builds-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** One turn of a build. @returns A figure for each column: ms of CPU a flow, and what is said there. */
async function measure(build: string): Promise<number[]> {
  const [dist, ...flags] = build.split("+");
  const server = await listen(createFakeCluster({ crds: [requestStateCrd] }), { tls: true });
  const kubeconfig = join(folder, "kubeconfig");
  const caPath = join(folder, "ca.crt");
  writeFileSync(kubeconfig, server.kubeconfig());
  const ca = /certificate-authority-data: "?([^"\s]+)/.exec(server.kubeconfig())![1]!;
  writeFileSync(caPath, Buffer.from(ca, "base64"));
  const start = (mode: string, ...more: string[]) =>
    startMeasured(mode, [
      process.execPath,
      ...flags,
      `${dist}/cli/main.js`,
      "--mode",
      mode,
      ...more,
      "--namespace",
      NAMESPACE,
      "--kubeconfig",
      kubeconfig,
    ]);
  const programs = [start("director", "--serve"), start("worker", "--concurrency", "16")];
  await sleep(1_500); // the start is over
  const load = await createLoad({ url: server.url, caPath, token: "" }, NAMESPACE);
  const used = () => programs.map(({ pid }) => usageOf(treeOf(pid)));
  try {
    const [director, worker] = used();
    await load.run(COLD, IN_FLIGHT);
    const [coldDirector, coldWorker] = used();
    const began = performance.now();
    await load.run(Number(flows), IN_FLIGHT);
    const seconds = (performance.now() - began) / 1_000;
    const [warmDirector, warmWorker] = used();
    const warm = [warmDirector!.cpu - coldDirector!.cpu, warmWorker!.cpu - coldWorker!.cpu].map((ms) => ms / Number(flows));
    return [
      (coldDirector!.cpu - director!.cpu) / COLD,
      (coldWorker!.cpu - worker!.cpu) / COLD,
      ...warm,
      warm[0]! + warm[1]!,
      Number(flows) / seconds,
      warmDirector!.peak,
      warmWorker!.peak,
    ];
  } finally {
    load.close();
    for (const program of programs) await program.end();
    await server.close();
  }
}

const all = new Map<string, number[][]>(builds.map((build) => [build, []]));
for (let round = 0; round < Number(rounds); round++) {
  for (const build of round % 2 === 0 ? builds : builds.toReversed()) all.get(build)!.push(await measure(build));
}
console.log(`| build | ${COLUMNS.join(" | ")} |\n|${" --- |".repeat(COLUMNS.length + 1)}`);
for (const [build, turns] of all) {
  const cells = COLUMNS.map((_, index) => median(turns.map((turn) => turn[index]!))).map((value) =>
    value.toFixed(value < 10 ? 2 : 0)
  );
  console.log(`| ${build} | ${cells.join(" | ")} |`);
}
process.exit(0);
