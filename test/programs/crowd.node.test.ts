import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasSucceeded, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { type FakeServer, listen } from "../../src/fake/server.ts";
import { endPrograms, RUNTIMES, startProgram } from "../support/programs.ts";
import { crd, historyOf, SIX } from "../support/scenario.ts";

const crowd = suite("programs: a crowd of six processes of both runtimes");
let folder = "";
let server: FakeServer;
crowd.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "crd-watcher-"));
});
crowd.after.each(async () => {
  await endPrograms();
  await server.close();
});
crowd.after(() => rm(folder, { recursive: true }));

crowd("all directors end well, no worker minds a lost race", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  server = await listen(fake);
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, server.kubeconfig());
  const workers = [...RUNTIMES, "node" as const].map((runtime) =>
    startProgram(runtime, ["--mode", "worker", "--kubeconfig", kubeconfig])
  );
  for (const worker of workers) await worker.until(/does jobs of flow/);
  const directors = [...RUNTIMES, "deno" as const].map((runtime) => startProgram(runtime, ["--kubeconfig", kubeconfig]));
  for (const director of directors) {
    assert.is(await director.exited, 0, director.errors);
    assert.match(director.output, /\nSucceeded, 6 transitions in /);
  }
  for (const worker of workers) assert.is(await worker.end(), 0, worker.errors);
  const { items } = await createFetchCluster(fake.fetch).list<RequestState>(REQUEST_STATES);
  assert.is(items.length, 3);
  for (const item of items) {
    assert.ok(hasSucceeded(item));
    assert.equal(historyOf(item), SIX);
  }
});
crowd.run();
