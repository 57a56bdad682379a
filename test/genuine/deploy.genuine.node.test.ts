/** Programs that are replaced, or that were given one name, while flows are in flight: as processes on a genuine API server. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type ClientOptions,
  type Cluster,
  type FlowRun,
  getFlow,
  hasSucceeded,
  type HistoryEntry,
  isOver,
  listFlows,
  type RequestState,
  resultOf,
  resumeFlow,
  SAMPLE,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { type Held, now, old } from "../support/flows/upgrade.ts";
import { endPrograms, type Program, runCommand, RUNTIMES, startProgram } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

// They take their time, and nothing in them depends on the version of the server.
for (const assets of genuineAssets().slice(0, 1)) tests(assets);

function tests({ folder, name }: Assets) {
  const deploys = suite(`genuine API server ${name}: programs that are replaced, or have one name`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;
  let namespace = "";
  let count = 0;

  deploys.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });
  deploys.before.each(async () => {
    namespace = `test-${++count}`;
    await kubectl("create", "namespace", namespace);
  });
  deploys.after.each(endPrograms);
  deploys.after(async () => {
    await cluster.close();
    await server.stop();
  });

  const options = (): ClientOptions => ({ cluster, namespace });
  const all = async () => (await listFlows({}, options())).map(({ request }) => request);
  const until = async <T>(look: () => Promise<T | undefined | false>): Promise<T> => {
    for (;;) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const start = (runtime: "node" | "deno", ...args: string[]) =>
    startProgram(runtime, ["--kubeconfig", server.kubeconfigPath, "--namespace", namespace, ...args]);

  for (const runtime of RUNTIMES) {
    deploys(
      `an upgrade from one graph to another, with flows in flight in each state (${runtime}): all are finished`,
      async () => {
        const program = async (version: "before" | "after", ...args: string[]) => {
          const started = start(runtime, "--flow", `test/support/flows/${version}-upgrade.ts`, ...args);
          await started.until(/ (drives|does jobs of) flow/);
          return started;
        };
        const worker = (version: "before" | "after") => program(version, "--mode", "worker", "--concurrency=4", "--grace=500ms");
        const before = await Promise.all([worker("before"), worker("before"), program("before", "--serve")]);
        const order = (version: typeof old, held: Held = {}) =>
          startFlow(version.flow, { input: { ...held }, labels: { held: held.by ?? "no" } }, options());
        const approve = (run: FlowRun) => signalFlow(run, "approve", "yes");
        const at = (run: FlowRun, place: string) =>
          until(async () => placeOf((await getFlow(run.name, options())).request) === place);
        const seen = (run: FlowRun, entry: string) =>
          until(async () => historyOf((await getFlow(run.name, options())).request).includes(entry));

        // What is suspended in a job stands still after it.
        const between = await twice(() => order(old, { by: "work" }));
        for (const run of between) await at(run, "charge STARTED");
        for (const run of between) await suspendFlow(run);
        const waiting = await twice(() => order(old));
        for (const run of waiting) await at(run, "approve REQUESTED");
        for (const run of between) await at(run, "charge COMPLETED");
        const [failing, polling] = [
          await twice(() => order(old, { by: "failure" })),
          await twice(() => order(old, { by: "poll" })),
        ];
        for (const run of [...failing, ...polling]) await approve(run);
        for (const run of [...failing, ...polling]) await seen(run, "ship FAILED");
        const cooling = await twice(() => order(old));
        const working = await twice(() => order(old, { by: "work", ms: 60_000 })); // it is given back
        for (const run of working) await at(run, "charge STARTED");
        const stood = await all();
        assert.is(stood.length, 12);
        // One that rests after a failure rests as long as the lot has it.
        assert.ok(!stood.some((request) => isOver(request) && request.metadata.labels!["held"] !== "failure"));

        // A rolling deploy: old ones are told to end one after the other, once the new ones are there.
        const after: readonly Program[] = await Promise.all([worker("after"), worker("after"), program("after", "--serve")]);
        const young: FlowRun[] = [];
        for (const leaving of before) {
          young.push(await order(now, leaving === before[0] ? { by: "work" } : {}));
          assert.is(await leaving.end("SIGTERM"), 0, leaving.errors);
        }
        young.push(await order(now));
        for (const run of [...waiting, ...between, ...cooling, ...working, ...young]) await approve(run);
        for (const run of between) await resumeFlow(run);

        const over = await until(async () => {
          const requests = await all();
          return requests.every(isOver) && requests;
        });
        assert.is(over.length, 16);
        const told = [...before, ...after].map(({ errors }) => errors).join("");
        for (const request of over) {
          assert.ok(hasSucceeded(request), `${JSON.stringify(request)}\n${told}`);
          const isYoung = request.spec.flowDigest === now.flow.digest;
          assert.equal(isYoung, young.some((run) => run.name === request.metadata.name));
          assert.equal(resultOf(request).path, (isYoung ? now : old).flow.jobs);
          // The only failure is the one that was asked for.
          const failed = request.status!.history!.filter(({ state }) => state === "FAILED").length;
          const held = request.metadata.labels!["held"];
          assert.is(failed, held === "failure" || held === "poll" ? 1 : 0);
          const reasons = request.status!.history!.flatMap(({ reason }) => reason === undefined ? [] : [reason]);
          const expected = held === "failure" ? ["Retrying"] : held === "poll" ? ["RetryAfter"] : [];
          assert.equal(reasons.filter((reason) => reason !== "Released"), expected, JSON.stringify(request.status!.history));
          assert.is(request.status!.failures, undefined);
        }
        for (const run of working) {
          const { history } = over.find(({ metadata }) => metadata.name === run.name)!.status!;
          assert.is(history!.filter(({ reason }) => reason === "Released").length, 1);
        }
        assert.not.match(told, /^\S+ (warn|error) .*(WorkerLost|TimedOut|lost|Cannot)/m);
        for (const each of after) assert.is(await each.end("SIGTERM"), 0, each.errors);
      },
    );
  }

  deploys("two workers that were given one name: nothing is handed back, each job is done once", async () => {
    start("node", "--serve", "--concurrency=16");
    // Unless told otherwise a worker has the name of its host.
    const workers = [1, 2].map(() => start("node", "--mode", "worker", "--concurrency=4"));
    const identities = await Promise.all(workers.map(async (worker) => (await worker.until(/^(\S+) does jobs of/m))[1]!));
    const [one, other] = identities.map((identity) => identity.replace(/-[0-9a-f]{8}$/, ""));
    assert.is(one, other);
    for (let index = 0; index < 60; index++) await startFlow(SAMPLE, { key: `${index}` }, options());
    const over = await until(async () => {
      const requests = await all();
      return requests.every(isOver) && requests;
    });
    assert.is(over.length, 60);
    const done = new Map<string, number>(); // by who did it
    for (const request of over) {
      assert.equal(historyOf(request), SIX, JSON.stringify(request.status!.history));
      const history: readonly HistoryEntry[] = request.status!.history!;
      assert.equal(history.filter(({ reason }) => reason !== undefined), []);
      for (const [index, { state, by }] of history.entries()) {
        if (state !== "STARTED") continue;
        assert.is(history[index + 1]!.by, by);
        done.set(by!, (done.get(by!) ?? 0) + 1);
      }
    }
    assert.equal([...done.keys()].sort(), [...identities].sort());
    for (const worker of workers) assert.is(await worker.end("SIGTERM"), 0, worker.errors);
  });
  deploys.run();
}

const placeOf = ({ spec }: RequestState): string => `${spec.job} ${spec.state}`;
const twice = async <T>(make: () => Promise<T>): Promise<readonly T[]> => [await make(), await make()];
