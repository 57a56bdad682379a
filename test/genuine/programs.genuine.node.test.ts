import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, isOver, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { endPrograms, type Program, runCommand, startProgram } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

/** A serving director whose lease runs out soon after it was killed. */
const SERVE = [
  "--serve",
  "--leader-elect-lease-duration=3s",
  "--leader-elect-renew-deadline=2s",
  "--leader-elect-retry-period=500ms",
] as const;

genuineAssets().forEach((assets, index) => tests(assets, index === 0));

/** @param kills Whether to kill, too: what comes of it does not depend on the version, and takes long. */
function tests({ folder, name }: Assets, kills: boolean) {
  const programs = suite(`genuine API server ${name}: programs`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;
  let namespace = "";
  let count = 0;

  programs.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });
  programs.before.each(async () => {
    namespace = `test-${++count}`;
    await kubectl("create", "namespace", namespace);
  });
  programs.after.each(endPrograms);
  programs.after(async () => {
    await cluster.close();
    await server.stop();
  });

  const start = (runtime: "node" | "deno", ...args: string[]) =>
    startProgram(runtime, ["--kubeconfig", server.kubeconfigPath, "--namespace", namespace, ...args]);
  const slow = (...args: string[]) => ({
    args: ["--flow", "test/support/flows/slow.ts", ...args],
    env: { JOB_DURATION: "1500" },
  });
  const startSlowWorker = () => {
    const { args, env } = slow("--mode", "worker", "--kubeconfig", server.kubeconfigPath, "--namespace", namespace);
    return startProgram("node", args, env);
  };
  const requests = async () => (await cluster.list<RequestState>(REQUEST_STATES, { namespace })).items;
  const allOver = async (): Promise<readonly RequestState[]> => {
    for (;;) {
      const items = await requests();
      if (items.length > 0 && items.every(isOver)) return items;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  for (const [worker, director] of [["node", "deno"], ["deno", "node"]] as const) {
    programs(`a worker in ${worker}, a director in ${director}`, async () => {
      const working = start(worker, "--mode", "worker");
      const directing = start(director, "--mode", "director");
      assert.is(await directing.exited, 0, directing.errors);
      assert.is(await working.end(), 0, working.errors);
      const [request] = await requests();
      assert.equal(historyOf(request!), SIX);
      assert.is(request!.metadata.generation, 6); // a write each: the status subresource is off
    });
  }

  programs("many flows in the reference's form: all finish", async () => {
    start("node", "--serve");
    start("node", "--mode", "worker", "--concurrency", "16");
    const manifests = Array.from({ length: 40 }, () => crypto.randomUUID()).map((uid) => ({
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata: { name: uid },
      spec: { "request-uid": uid, job: "JOB1", state: "REQUESTED" },
    }));
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
    await runCommand(
      [join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, "create", "-n", namespace, "-f", "-"],
      {},
      list,
    );
    const items = await allOver();
    assert.is(items.length, 40);
    for (const item of items) assert.equal(historyOf(item), SIX);
  });

  const refusals: readonly [string, string[], RegExp][] = [
    [
      "without rights",
      ["--namespace", "default"],
      /: .* is forbidden: User "alice" cannot list resource "requeststates" in API group "com\.redhat\.ecosystem\.sample" in the namespace "default": grant it to this user/,
    ],
    [
      "in a namespace that does not exist",
      ["--namespace", "nowhere"],
      /^Namespace "nowhere" does not exist: create it with "kubectl create namespace nowhere"$/m,
    ],
  ];
  for (const [what, args, sentence] of refusals) {
    for (const runtime of ["node", "deno"] as const) {
      programs(`${what}, in ${runtime}: one sentence, nothing written`, async () => {
        const kubeconfig = what === "without rights" ? await alice() : server.kubeconfigPath;
        const program = startProgram(runtime, ["--kubeconfig", kubeconfig, ...args]);
        assert.is(await program.exited, 1);
        assert.match(program.errors, sentence);
        assert.not.match(program.errors, /\n\s+at /);
        assert.is(program.output, "");
      });
    }
  }

  /** A kubeconfig of a user who may do nothing. */
  async function alice(): Promise<string> {
    const path = `${server.kubeconfigPath}-alice`;
    const text = await runCommand([
      join(folder, "kubectl"),
      "--kubeconfig",
      server.kubeconfigPath,
      "config",
      "view",
      "--raw",
      "-o",
      "json",
    ]);
    const { writeFile } = await import("node:fs/promises");
    await writeFile(path, text.replace(/"current-context": "admin"/, `"current-context": "alice"`));
    return path;
  }

  if (kills) killing();
  programs.run();

  function killing(): void {
    programs("kill -9 of the API server in mid-flow: both carry on, nothing is written twice", async () => {
      startSlowWorker();
      const directing = start("node", "--mode", "director");
      await directing.until(/JOB1 {2}STARTED/);
      await server.kill("apiserver");
      await new Promise((resolve) => setTimeout(resolve, 2_500)); // the job ends meanwhile, its report finds no server
      await server.start();
      assert.is(await directing.exited, 0, directing.errors);
      const [request] = await requests();
      assert.equal(historyOf(request!), SIX);
      assert.is(request!.metadata.generation, 6);
      assert.match(directing.errors, /warn {2}Cannot follow requeststates/);
      assert.match(directing.errors, /info {2}Following requeststates again/);
    });

    programs("kill -9 of a serving director at any step, and its restart: the flow finishes", async () => {
      startSlowWorker();
      await kubectl("create", "-n", namespace, "-f", "fixtures/request-state.yaml");
      let director: Program = start("node", ...SERVE);
      for (let step = 2; step <= 5; step++) {
        for (let history = 0; history < step;) history = (await requests())[0]!.status?.history?.length ?? 0;
        await director.end("SIGKILL");
        director = start("node", ...SERVE);
      }
      const [request] = await allOver();
      assert.equal(historyOf(request!), SIX);
      assert.is(request!.metadata.generation, 6);
    });

    programs("kill -9 of a worker between jobs: another carries on", async () => {
      const first = start("node", "--mode", "worker");
      await kubectl("create", "-n", namespace, "-f", "fixtures/request-state.yaml");
      await first.until(/JOB1 {2}COMPLETED/);
      await first.end("SIGKILL");
      start("deno", "--mode", "worker");
      start("node", "--serve");
      const [request] = await allOver();
      assert.equal(historyOf(request!), SIX);
      assert.is(new Set(request!.status!.history!.filter(({ state }) => state === "COMPLETED").map(({ by }) => by)).size, 2);
    });
  }
}
