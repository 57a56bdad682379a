/** Workers that die, stand still, are cut off or replaced in the middle of a job, as processes on a genuine API server. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, isOver, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type Lease, LEASES } from "../../src/runtime/leases/lease.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { endPrograms, runCommand, startProgram } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

/** A lease that runs out early: 5 s later the jobs are given to others. */
const LEASE = 3_000;

for (const [index, { folder, name }] of genuineAssets().entries()) {
  const takeover = suite(`genuine API server ${name}: a worker that is lost`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;
  let namespace = "";
  let count = 0;

  takeover.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });
  takeover.before.each(async () => {
    namespace = `test-${++count}`;
    await kubectl("create", "namespace", namespace);
  });
  takeover.after.each(endPrograms);
  takeover.after(async () => {
    await cluster.close();
    await server.stop();
  });

  const start = (...args: string[]) =>
    startProgram("node", ["--kubeconfig", server.kubeconfigPath, "--namespace", namespace, ...args]);
  const work = (duration: number, ...args: string[]) =>
    startProgram(
      "node",
      [
        ...["--kubeconfig", server.kubeconfigPath, "--namespace", namespace, "--flow", "test/support/flows/slow.ts"],
        ...["--mode", "worker", `--lease-duration=${LEASE / 1_000}s`, ...args],
      ],
      { JOB_DURATION: `${duration}` },
    );
  const create = () => kubectl("create", "-n", namespace, "-f", "fixtures/request-state.yaml");
  const only = async () => (await cluster.list<RequestState>(REQUEST_STATES, { namespace })).items[0]!;
  const until = async <T>(read: () => Promise<T | undefined | false>): Promise<T> => {
    for (;;) {
      const value = await read();
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const holder = () => until(async () => (await only()).status?.claim?.holderIdentity);

  takeover("kill -9 in mid-job: told of, taken over, done by another; kubectl shows why", async () => {
    const director = start("--serve");
    const victim = work(600_000);
    await victim.until(/does jobs of flow/);
    await create();
    const identity = await holder();
    await director.until(/JOB1 {2}REQUESTED|drives/);
    await until(async () => (await cluster.get<Lease>(LEASES, { namespace, name: identity })).spec?.renewTime);
    await victim.end("SIGKILL");
    const { spec } = await cluster.get<Lease>(LEASES, { namespace, name: identity });
    const renewed = Date.parse(spec!.renewTime!);
    work(100);
    const request = await until(async () => {
      const request = await only();
      return isOver(request) && request;
    });
    const { history, failures } = request.status!;
    const lost = history!.find(({ reason }) => reason === "WorkerLost")!;
    const after = Date.parse(lost.timestamp) - renewed;
    assert.ok(after >= LEASE + 5_000 && after <= LEASE + 10_000, `taken over ${after} ms after the last renewal`);
    assert.equal(historyOf(request), [...SIX.slice(0, 2), ...SIX]);
    assert.is(failures, undefined); // they were of JOB1
    assert.match(
      director.errors,
      new RegExp(`warn +Worker ${identity} has not renewed its lease since \\S+Z: 1 job is taken over at`),
    );
    const events = await until(async () => {
      const output = await kubectl("describe", "requeststates", "-n", namespace);
      return /WorkerLost/.test(output) && output;
    });
    assert.match(events, new RegExp(`Warning +WorkerSilent .* Worker ${identity}, which holds job JOB1, has not renewed`));
    assert.match(
      events,
      new RegExp(`Warning +WorkerLost .* Worker ${identity} was lost in job JOB1 \\(attempt 1\\), the job is tried again`),
    );
  });

  /** They take their time, and nothing in them depends on the version: on one of them. */
  const once = (what: string, test: () => Promise<void>) => index === 0 && takeover(what, test);

  once("SIGSTOP in mid-job, SIGCONT after the takeover: nothing it writes is accepted, its handler is aborted", async () => {
    start("--serve");
    const victim = work(2_500);
    await victim.until(/does jobs of flow/);
    await create();
    const identity = await holder();
    victim.send("SIGSTOP");
    await until(async () => (await only()).spec.attempt === 2);
    const other = work(1_500);
    await until(async () => (await only()).status?.claim?.attempt === 2);
    victim.send("SIGCONT");
    const request = await until(async () => {
      const request = await only();
      return isOver(request) && request;
    });
    assert.equal(historyOf(request).slice(0, 5), [...SIX.slice(0, 2), ...SIX.slice(0, 3)]);
    const late = request.status!.history!.slice(3, 5).filter(({ by }) => by === identity);
    assert.equal(late, [], victim.errors);
    assert.ok(other.output.includes("JOB1"));
    assert.match(victim.errors, /taken over/);
  });

  once("an outage of the API server that outlasts every lease costs no attempt", async () => {
    const director = start("--serve");
    work(LEASE + 10_000);
    await create();
    const identity = await holder();
    await server.kill("apiserver");
    await new Promise((resolve) => setTimeout(resolve, LEASE + 6_000));
    await server.start();
    await until(async () => historyOf(await only()).includes("JOB1 COMPLETED"));
    const request = await only();
    assert.equal(historyOf(request).slice(0, 3), SIX.slice(0, 3));
    assert.is(request.status!.history![2]!.by, identity);
    assert.not.match(director.errors, /Worker .* has not renewed/);
  });
  takeover.run();
}
