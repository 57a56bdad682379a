import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Proxy, startProxy } from "../../bench/proxy.ts";
import {
  type Cluster,
  isOver,
  REQUEST_STATES,
  type RequestState,
  type Running,
  runWorker,
  SAMPLE,
  startFlow,
} from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { holderOf, type Lease, LEASES } from "../../src/runtime/leases/lease.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { endPrograms, type Program, runCommand, startProgram } from "../support/programs.ts";
import { historyOf, SIX } from "../support/scenario.ts";

/** The defaults are two and a half times as long. ELECTION=1 tries those. */
const FACTOR = process.env["ELECTION"] === undefined ? 0.4 : Number(process.env["ELECTION"]);
const TIMES = { leaseDuration: 15_000 * FACTOR, renewDeadline: 10_000 * FACTOR, retryPeriod: 2_000 * FACTOR };

const FLAGS = [
  `--leader-elect-lease-duration=${TIMES.leaseDuration}ms`,
  `--leader-elect-renew-deadline=${TIMES.renewDeadline}ms`,
  `--leader-elect-retry-period=${TIMES.retryPeriod}ms`,
];

/**
 * How long until another leads, in milliseconds. In virtual time it is a lease and a tenth of a period, and nothing where the
 * lease is given back; what a busy machine adds must not make this fail.
 */
const TAKEOVER = TIMES.leaseDuration + 10_000 * FACTOR + 6_000;
const HANDOVER = TIMES.leaseDuration;

for (const { folder, name } of genuineAssets().slice(0, 1)) tests(folder, name);

/** A director as a process, and what it sends. */
interface Director extends Program {
  readonly name: string;
  readonly proxy: Proxy;
  /** What it wrote, a request or the lease, and when, as `performance.now()` tells it. */
  readonly writes: { readonly what: "request" | "lease"; readonly at: number }[];
}

function tests(assets: string, name: string) {
  const elections = suite(`genuine API server ${name}: directors elect a leader`);
  const namespace = "default";
  let server: ApiServer;
  let cluster: Cluster;
  let folder: Folder;
  const directors: Director[] = [];
  const ending = new AbortController();
  let worker: Running | undefined;
  let loading = true;
  let load: Promise<void> | undefined;
  let started = 0;

  elections.before(async () => {
    server = await startApiServer({ assets });
    folder = temporaryFolder();
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    const kubectl = (...args: string[]) => runCommand([join(assets, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
    const handlers = { JOB1: async () => {}, JOB2: async () => {} };
    worker = runWorker(SAMPLE, handlers, { cluster, concurrency: 16, signal: ending.signal });
    await Promise.all(["a", "b", "c", "d"].map(async (name) => (await direct(name)).untilErrors(/(Leading by|Waiting to lead)/)));
    load = (async () => {
      for (; loading; started++) {
        await startFlow(SAMPLE, {}, { cluster });
        await pause(100);
      }
    })();
  });
  elections.after(async () => {
    loading = false;
    await load;
    ending.abort();
    await worker?.finished;
    await endPrograms();
    for (const { proxy } of directors) await proxy.close();
    await cluster?.close();
    await server?.stop();
    folder?.remove();
  });

  async function direct(name: string): Promise<Director> {
    const path = folder.write(`kubeconfig-${name}`, "");
    const writes: Director["writes"] = [];
    const proxy = await startProxy(server, path, ({ at, method, path }) => {
      if (method !== "GET") writes.push({ what: path.includes("/leases") ? "lease" : "request", at });
    });
    const program = startProgram("node", ["--serve", "--kubeconfig", path, "--namespace", namespace, ...FLAGS]);
    const [, identity] = await program.until(/^(\S+) drives flow/m);
    // Not spread: what it has printed is read later.
    const director: Director = Object.assign(Object.create(program), { name: identity!, proxy, writes });
    directors.push(director);
    return director;
  }
  const requests = async () => (await cluster.list<RequestState>(REQUEST_STATES, { namespace })).items;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Whose name stands in the lease. */
  async function holder(): Promise<string | undefined> {
    const labelSelector = "app.kubernetes.io/component=director";
    const { items: [lease] } = await cluster.list<Lease>(LEASES, { namespace, labelSelector });
    return lease && holderOf(lease)?.replace(/-[0-9a-f]{8}$/, "");
  }
  /** Waits until somebody else holds the lease. @returns Who, and how long that took, in milliseconds. */
  async function untilNot(name: string | undefined, since = performance.now()): Promise<{ leader: Director; ms: number }> {
    for (;;) {
      const now = await holder();
      const leader = directors.find((director) => director.name === now);
      if (leader && now !== name) return { leader, ms: Math.round(performance.now() - since) };
      await pause(10);
    }
  }

  /** What has befallen the leaders, for a look by hand. */
  const seen: Record<string, number> = {};

  elections("kill -9 of the leader: another leads when the lease is over", async () => {
    const { leader } = await untilNot(undefined);
    const killed = performance.now();
    await leader.end("SIGKILL");
    const { ms } = await untilNot(leader.name, killed);
    assert.ok(ms <= TAKEOVER, `${ms} ms after the kill`);
    seen["kill -9"] = ms;
  });

  elections("SIGTERM of the leader: another leads at once", async () => {
    const { leader } = await untilNot(undefined);
    const told = performance.now();
    const ended = leader.end("SIGTERM");
    const { ms } = await untilNot(leader.name, told);
    assert.is(await ended, 0, leader.errors);
    assert.ok(ms <= HANDOVER, `${ms} ms after SIGTERM`);
    seen["SIGTERM"] = ms;
  });

  for (const round of ["first", "second"]) {
    elections(`SIGSTOP of the leader past its lease, and SIGCONT, for the ${round} time: it sends no write`, async () => {
      const { leader } = await untilNot(undefined);
      await pause(500); // it is in the middle of its work
      leader.send("SIGSTOP");
      const { ms } = await untilNot(leader.name);
      assert.ok(ms <= TAKEOVER, `${ms} ms after SIGSTOP`);
      await pause(500);
      const resumed = performance.now();
      leader.send("SIGCONT");
      await pause(700);
      // It may have been elected again, where the machine is busy.
      const [first] = leader.writes.filter(({ at }) => at > resumed);
      assert.not(first?.what === "request");
      seen[`SIGSTOP, ${round}`] = ms;
    });
  }

  elections("each flow that was started meanwhile has its six entries", async () => {
    loading = false;
    await load;
    let all = await requests();
    for (const limit = performance.now() + 18_000; !all.every(isOver) && performance.now() < limit; all = await requests()) {
      await pause(100);
    }
    assert.is(all.length, started);
    assert.ok(started > 30, `${started} flows`);
    for (const request of all) assert.equal(historyOf(request), SIX);
    if (process.env["ELECTION"]) console.log({ ...seen, flows: started });
  });
  elections.run();
}
