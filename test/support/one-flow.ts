import * as assert from "uvu/assert";
import { type Cluster, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { crd, historyOf, SIX } from "./scenario.ts";

/** Runs one sample flow in real time, each party with a connection of its own, and looks at what it took. */
export async function runOneFlow(fake: FakeCluster, connect: () => Promise<Cluster>): Promise<void> {
  const ending = new AbortController();
  const [director, worker, client] = await Promise.all([connect(), connect(), connect()]);
  const running = [
    runDirector([SAMPLE], { cluster: director, signal: ending.signal }),
    runWorker(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} }, { cluster: worker, signal: ending.signal }),
  ];
  try {
    const over = await (await startFlow(SAMPLE, {}, { cluster: client })).finished;
    assert.equal(historyOf(over), SIX);
    const writes = fake.requests.writes({ resource: "requeststates" });
    assert.equal(writes.map(({ verb, status }) => `${verb} ${status}`), ["create 201", ...Array(5).fill("patch 200")]);
  } finally {
    ending.abort();
    await Promise.all(running.map(({ finished }) => finished));
    await Promise.all([director, worker, client].map((cluster) => cluster.close()));
  }
}

/** Runs one sample flow over loopback HTTP. @param connect Connects to the fake cluster at this URL. */
export async function runOneFlowOverLoopback(connect: (options: { master: string }) => Promise<Cluster>): Promise<void> {
  const fake = createFakeCluster({ crds: [crd] });
  const server = await listen(fake);
  try {
    await runOneFlow(fake, () => connect({ master: server.url }));
  } finally {
    await server.close();
  }
}
