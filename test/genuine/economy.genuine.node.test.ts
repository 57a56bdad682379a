import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, defineFlow, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runCommand } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

for (const assets of genuineAssets()) tests(assets);

function tests({ folder, name }: Assets) {
  const economy = suite(`genuine API server ${name}: what flows cost, as it counts itself`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;

  economy.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
    await pause(2_000); // the storage of a new resource is prepared, writes are refused
  });
  economy.after(async () => {
    await cluster.close();
    await server.stop();
  });

  economy("two jobs are six writes, none refused; directors that start and find everything in order write nothing", async () => {
    /** Writes of RequestStates by verb and code, as `PATCH 200`. */
    const writes = async () => {
      const counts: Record<string, number> = {};
      for (const line of (await kubectl("get", "--raw", "/metrics")).split("\n")) {
        if (!line.startsWith("apiserver_request_total{") || !line.includes('resource="requeststates"')) continue;
        const [verb, code] = ["verb", "code"].map((label) => new RegExp(`${label}="([^"]*)"`).exec(line)![1]!) as [
          string,
          string,
        ];
        if (["GET", "LIST", "WATCH"].includes(verb)) continue;
        counts[`${verb} ${code}`] = (counts[`${verb} ${code}`] ?? 0) + Number(line.split(" ").at(-1));
      }
      return counts;
    };
    const ending = new AbortController();
    try {
      const waiting = defineFlow("waiting", {
        start: "approve",
        jobs: { approve: { waitFor: "signal", next: "ship" }, ship: {} },
      });
      const options = { cluster, signal: ending.signal };
      const running = [
        runDirector([SAMPLE, waiting], options),
        runWorker([
          { flow: SAMPLE, handlers: { JOB1: async () => ({ output: { nothing: null } }), JOB2: async () => {} } } as never,
          { flow: waiting, handlers: { ship: async () => {} } } as never,
        ], options),
      ];
      const over = await (await startFlow(SAMPLE, {}, { cluster })).finished;
      assert.equal(historyOf(over), SIX);
      assert.equal(over.status!.outputs, { JOB1: { nothing: null } });
      assert.equal(await writes(), { "POST 201": 1, "PATCH 200": 5 });

      await startFlow(waiting, {}, { cluster });
      for (let restart = 0; restart < 3; restart++) {
        const restarting = new AbortController();
        const director = runDirector([SAMPLE, waiting], { cluster, signal: restarting.signal });
        await pause(1_500);
        restarting.abort();
        await director.finished;
      }
      assert.equal(await writes(), { "POST 201": 2, "PATCH 200": 5 });
      ending.abort();
      await Promise.all(running.map(({ finished }) => finished));
    } finally {
      ending.abort();
    }
  });
  economy.run();
}
