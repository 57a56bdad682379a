/** What an operator sees of flows with `kubectl get`. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, REQUEST_STATES, startFlow, suspendFlow } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { order } from "../support/orders.ts";
import { runCommand } from "../support/programs.ts";

for (const assets of genuineAssets()) tests(assets);

function tests({ folder, name }: Assets) {
  const columns = suite(`genuine API server ${name}: columns of kubectl get`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;
  columns.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });
  columns.after(async () => {
    await cluster.close();
    await server.stop();
  });

  columns("a suspended flow is seen to be suspended, one that waits to wait for what, on some 100 columns", async () => {
    const namespace = "default";
    const run = await startFlow(order, { key: "order-42", input: { amount: 12 } }, { cluster, namespace });
    await cluster.patch(REQUEST_STATES, { namespace, name: run.name }, [
      { op: "replace", path: "/spec/state", value: "STARTED" },
      { op: "add", path: "/status/waitingFor", value: "signal yes|no until 2026-11-27T08:00:00Z" },
    ]);
    const suspended = await startFlow(order, { input: { amount: 13 } }, { cluster, namespace });
    await suspendFlow(suspended);
    const [header, ...lines] = (await kubectl("get", "rqs")).trimEnd().split("\n");
    assert.equal(header!.trim().split(/\s{2,}/), ["NAME", "JOB", "STATE", "WANTED", "SUCCEEDED", "AGE", "WAITING FOR"]);
    const lineOf = (name: string) => lines.find((line) => line.startsWith(name))!.slice(0, 105);
    assert.match(lineOf(suspended.name), /^\S+ +charge +REQUESTED +Suspended +\d+s/);
    assert.match(lineOf(run.name), /^\S+ +charge +STARTED +\d+s +signal yes\|no/);
    const wide = await kubectl("get", "rqs", "-o", "wide");
    assert.match(wide, / ATTEMPT +FLOW +KEY +HOLDER +REASON +FINISHED +TTL +AGE +WAITING FOR\n/);
    assert.match(wide, new RegExp(`^${run.name} .* order +order-42 +`, "m"));
    assert.match(wide, new RegExp(`^${suspended.name} .* order +86400 +\\d+s`, "m"));
  });
  columns.run();
}
