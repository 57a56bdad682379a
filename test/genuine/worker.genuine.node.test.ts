import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, hasSucceeded, isOver, isStatus, type Json, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { conditionOf } from "../../src/request-state.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { endPrograms, runCommand, RUNTIMES, startProgram } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

genuineAssets().forEach((assets, index) => tests(assets, index === 0));

/** @param isFirst Whether to try also what takes its time, and does not depend on the version of the server. */
function tests({ folder, name }: Assets, isFirst: boolean) {
  const workers = suite(`genuine API server ${name}: workers that are stopped, told to end, or have too much to say`);
  const kubectl = (...args: string[]) =>
    runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, "-n", namespace, ...args]);
  let server: ApiServer;
  let cluster: Cluster;
  let namespace = "";
  let count = 0;

  workers.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });
  workers.before.each(async () => {
    namespace = `test-${++count}`;
    await runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, "create", "namespace", namespace]);
  });
  workers.after.each(endPrograms);
  workers.after(async () => {
    await cluster.close();
    await server.stop();
  });

  const flow = ["--flow", "test/support/flows/telling.ts"];
  const start = (runtime: "node" | "deno", args: readonly string[], duration = 1_000) =>
    startProgram(runtime, ["--kubeconfig", server.kubeconfigPath, "--namespace", namespace, ...flow, ...args], {
      JOB_DURATION: `${duration}`,
    });
  const requests = async () => (await cluster.list<RequestState>(REQUEST_STATES, { namespace })).items;
  const until = async <T>(look: () => Promise<T | undefined | false>): Promise<T> => {
    for (;;) {
      const found = await look();
      if (found) return found;
      await pause(50);
    }
  };
  const create = async (
    uid: string,
    others: { readonly input?: Json; readonly outputs?: { readonly [job: string]: Json } } = {},
  ) => {
    const { input, outputs } = others;
    await cluster.create(
      REQUEST_STATES,
      {
        apiVersion: "com.redhat.ecosystem.sample/v1",
        kind: "RequestState",
        metadata: { name: uid, namespace },
        spec: { "request-uid": uid, job: "JOB1", state: "REQUESTED", ...input !== undefined && { input } },
        ...outputs && { status: { outputs } },
      } as Parameters<Cluster["create"]>[1],
    );
  };

  const once = (what: string, test: () => Promise<void>) => isFirst && workers(what, test);

  for (const runtime of RUNTIMES) {
    once(
      `SIGSTOP, a takeover by hand after the lease, SIGCONT (${runtime}): nothing is written, the handler is told, the worker goes on`,
      async () => {
        const worker = start(runtime, ["--mode", "worker", "--lease-duration=6s"], 60_000);
        await create("r-1");
        await worker.untilErrors(BEGUN);
        const held = (await requests())[0]!;
        worker.send("SIGSTOP");
        await pause(7_000);
        const entry = {
          job: "JOB1",
          state: "REQUESTED",
          timestamp: new Date().toISOString(),
          seq: 3,
          attempt: 2,
          by: "somebody",
          reason: "WorkerLost",
        };
        await kubectl(
          "patch",
          "requeststates",
          "r-1",
          "--type=json",
          "-p",
          JSON.stringify([
            { op: "replace", path: "/spec/state", value: "REQUESTED" },
            { op: "replace", path: "/spec/attempt", value: 2 },
            { op: "add", path: "/spec/desiredState", value: "Suspended" },
            { op: "remove", path: "/status/claim" },
            { op: "add", path: "/status/history/-", value: entry },
          ]),
        );
        const { resourceVersion } = (await requests())[0]!.metadata;
        worker.send("SIGCONT");
        await worker.untilErrors(/warn {2}The handler of attempt 1 was told to stop: LeaseLost .*job=JOB1/);
        assert.match(
          worker.errors,
          new RegExp(
            `warn {2}Job JOB1 is not this worker's any more: .* object=${namespace}/r-1 job=JOB1 claim=${held.status!.claim!.id}`,
          ),
        );
        await pause(2_000);
        assert.is((await requests())[0]!.metadata.resourceVersion, resourceVersion);
        await kubectl("patch", "requeststates", "r-1", "--type=merge", "-p", `{"spec":{"desiredState":"Running"}}`);
        const again = await until(async () => (await requests()).find(({ spec }) => spec.state === "STARTED"));
        assert.equal([again.spec.attempt, again.status!.claim!.holderIdentity], [2, held.status!.claim!.holderIdentity]);
      },
    );
  }

  once("SIGTERM of every worker in turn (a rolling deploy): no failure, each job is done once", async () => {
    start("node", ["--serve"]);
    let working = [start("node", ["--mode", "worker"], 500), start("node", ["--mode", "worker"], 500)];
    const names = Array.from({ length: 8 }, (_, index) => `r-${index}`);
    for (const each of names) await create(each);
    for (const _ of [1, 2]) {
      await until(async () => (await requests()).some(({ spec }) => spec.state === "STARTED"));
      const [oldest, ...others] = working;
      working = [...others, start("node", ["--mode", "worker"], 500)];
      await oldest!.until(/does jobs of flow/);
      assert.is(await oldest!.end("SIGTERM"), 0, oldest!.errors);
    }
    const over = await until(async () => {
      const all = await requests();
      return all.every(isOver) && all;
    });
    assert.ok(over.every(hasSucceeded));
    for (const request of over) {
      // Who was told to end while its claim was being written has given the job back: STARTED, and REQUESTED again.
      const history = request.status!.history!;
      const kept = history.filter((entry, at) => entry.reason !== "Released" && history[at + 1]?.reason !== "Released");
      assert.equal(kept.map(({ job, state }) => `${job} ${state}`), SIX);
      assert.is(request.status!.failures, undefined);
    }
  });

  once(
    "SIGTERM in the middle of jobs that take longer than the grace period: they are given back, and none has failed",
    async () => {
      start("node", ["--serve"]);
      const args = ["--mode", "worker", "--grace=200ms"];
      let working = [start("node", args, 2_500), start("node", args, 2_500)];
      for (const each of ["r-0", "r-1"]) await create(each);
      await until(async () => (await requests()).every(({ spec }) => spec.state === "STARTED"));
      await Promise.all(working.map((worker) => worker.untilErrors(BEGUN)));
      const [oldest, ...others] = working;
      working = [...others, start("node", args, 2_500)];
      assert.is(await oldest!.end("SIGTERM"), 0, oldest!.errors);
      assert.match(oldest!.errors, /warn {2}The handler of attempt 1 was told to stop: Draining/);
      const over = await until(async () => {
        const all = await requests();
        return all.every(isOver) && all;
      });
      const reasons = over.flatMap(({ status }) => status!.history!.map(({ reason }) => reason)).filter((reason) =>
        reason !== undefined
      );
      assert.equal(reasons, ["Released"]);
      for (const request of over) assert.equal([hasSucceeded(request), request.status!.failures], [true, undefined]);
    },
  );

  workers("kubectl patch of desiredState: the handler is told, and the worker ends the flow at once", async () => {
    const worker = start("node", ["--mode", "worker"], 60_000);
    await create("r-1");
    await worker.untilErrors(BEGUN);
    await kubectl("patch", "requeststates", "r-1", "--type=merge", "-p", `{"spec":{"desiredState":"Cancelled"}}`);
    await kubectl("wait", "--for=condition=Finished", "requeststates/r-1", "--timeout=10s");
    const [over] = await requests();
    assert.equal(historyOf(over!), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 CANCELLED"]);
    assert.match(worker.errors, /warn {2}The handler of attempt 1 was told to stop: Cancelled/);
  });

  workers(
    "an object that its claim would make too large: its end is written without its outputs, or it is said that it cannot be",
    async () => {
      const full = "x".repeat(
        await largest(async (size) => {
          const fits = await create("probe", { input: "x".repeat(size) }).then(() => true, (error: unknown) => {
            if (!isStatus(error) || !error.status.message.includes("request is too large")) throw error;
            return false;
          });
          if (fits) await cluster.delete(REQUEST_STATES, { namespace, name: "probe" });
          return fits;
        }),
      );
      const worker = start("node", ["--mode", "worker"]);
      await create("outputs", { outputs: { JOB0: full.slice(30) } });
      await create("input0", { input: full });
      await worker.untilErrors(/error Cannot even end the flow, .*etcdserver: request is too large object=test-\d+\/input0/);
      const over = await until(async () => (await requests()).find(isOver));
      assert.is(over.metadata.name, "outputs");
      assert.is(conditionOf(over, "Succeeded")!.reason, "ObjectTooLarge");
      assert.is(over.status!.outputs, undefined);
      await pause(2_000);
      assert.is(worker.errors.match(/error /g)!.length, 1);
    },
  );
  workers.run();
}

/** Who is stopped or told to end before this has no handler to tell: a claim stands in the cluster before its answer is read. */
const BEGUN = /The handler of attempt 1 has begun/;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The largest size that fits, to within 30 bytes. */
async function largest(fits: (size: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [1_560_000, 1_573_000];
  while (high - low > 30) {
    const middle = (low + high) >> 1;
    if (await fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
