import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import {
  cancelFlow,
  type Cluster,
  type FlowRun,
  type FlowSelection,
  forkFlow,
  getFlow,
  isDenied,
  listFlows,
  NeverRetryError,
  REQUEST_STATES,
  resultOf,
  resumeFlow,
  retryFlow,
  runDirector,
  runWorker,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { applyCrd } from "../fake/cel-transitions.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runKeySuite } from "../support/key-suite.ts";
import { good, messageOf, order } from "../support/orders.ts";
import { sendOver } from "./send.ts";

const input = { amount: 12 };
const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

for (const assets of genuineAssets()) tests(assets);

function tests({ folder, name }: Assets) {
  const client = suite(`genuine API server ${name}: the client`);
  let server: ApiServer;
  let cluster: Cluster;
  const options = () => ({ cluster, identity: "client-1" });

  client.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
  });

  client("says what to do where RequestStates are not installed", async () => {
    const told = [startFlow(order, { input }, options()), getFlow("a", options()), listFlows({}, options())];
    for (const text of await Promise.all(told.map(messageOf))) {
      assert.match(
        text,
        /does not serve requeststates\..*: install the resource with "kubectl apply -f node_modules\/crd-watcher\/crds" \(in a checkout: -f crds\)$/,
      );
    }
    await applyCrd(sendOver(server));
  });

  client("says what to do where the namespace or the flow is not there, and who may not", async () => {
    const there = { ...options(), namespace: "nowhere" };
    assert.is(
      await messageOf(startFlow(order, { input }, there)),
      'Namespace "nowhere" does not exist: create it with "kubectl create namespace nowhere"',
    );
    assert.is(
      await messageOf(cancelFlow("order-1", there)),
      'Cannot cancel requeststates "nowhere/order-1": there is none; look with "kubectl get requeststates -n nowhere"',
    );
    assert.is(
      await messageOf(getFlow("Order_1", options())),
      'Cannot get requeststates "default/Order_1": there is none; look with "kubectl get requeststates -n default"',
    );
    const alice = await connect({ kubeconfig: server.kubeconfigPath, context: "alice" });
    try {
      const error = await getFlow("order-1", { cluster: alice }).catch((error: unknown) => error);
      assert.ok(isDenied(error));
      assert.match((error as Error).message, /^Cannot get requeststates "default\/order-1": .*"alice" cannot get/);
    } finally {
      await alice.close();
    }
  });

  client("starts, approves, suspends, cancels, retries, forks, lists; the strict policy takes all of it", async () => {
    const send = sendOver(server);
    for (
      const document of parseAllDocuments(await readFile(new URL("../../deploy/strict/policy.yaml", import.meta.url), "utf8"))
    ) {
      const object = document.toJS() as { kind: string };
      const isPolicy = object.kind === "ValidatingAdmissionPolicy";
      await send("POST", isPolicy ? policies : `${policies.slice(0, -"policies".length)}policybindings`, object);
    }
    // It takes the server a moment to go by it.
    const approveAs = async (by: string) => {
      const probe = await startFlow(order, { input, labels: { tenant: "b" } }, options());
      return await signalFlow(probe, "approve", "yes", undefined, { by }).then(() => undefined, ({ message }: Error) => message);
    };
    let refusal: string | undefined;
    while (!refusal) refusal = await approveAs("ann");
    assert.match(refusal, /^Cannot patch requeststates .*must be given by admin, who is asking/);
    for (const { request } of await listFlows({ labelSelector: "tenant=b" }, options())) {
      const { name, namespace } = request.metadata;
      await cluster.delete(REQUEST_STATES, { name, namespace });
    }
    const ending = new AbortController();
    let vans = 0;
    const running = [
      runDirector([order], { cluster, signal: ending.signal }),
      runWorker(order, {
        ...good,
        ship: async () => {
          if (vans === 0) throw new NeverRetryError("no van");
        },
      }, { cluster, signal: ending.signal, concurrency: 4 }),
    ];
    try {
      const start = (key: string) => startFlow(order, { key, input, labels: { tenant: "a" } }, options());
      const [approved, refused, cancelled] = await Promise.all(["yes", "no", "cancelled"].map(start)) as [Run, Run, Run];
      await suspendFlow(cancelled);
      assert.equal((await signalFlow(refused, "approve", "no", { why: "too dear" })).request.spec.signals, {
        approve: { outcome: "no", data: { why: "too dear" }, by: "admin" },
      });
      await signalFlow({ key: "yes" }, "approve", "yes", undefined, { ...options(), flow: order });
      await resumeFlow(cancelled);
      await cancelFlow(cancelled.name, options());
      assert.equal(resultOf(await refused.finished).path, ["charge", "approve", "refund"]);
      assert.is(resultOf(await cancelled.finished).status, "cancelled");
      for await (const { status } of approved) {
        if (status?.conditions?.some(({ reason }) => reason === "Parked")) break;
      }
      const found = async (selection: FlowSelection) => (await listFlows(selection, options())).map(({ name }) => name).sort();
      const finished = [refused.name, cancelled.name].sort();
      assert.equal(await found({ status: "parked" }), [approved.name]);
      assert.equal(await found({ status: ["failed", "cancelled", "succeeded"], flow: order }), finished);
      assert.equal(await found({ status: "cancelled", labelSelector: "tenant=a", allNamespaces: true }), [cancelled.name]);
      assert.equal(await found({ status: ["waiting", "running"] }), []);
      vans = 1;
      assert.is((await retryFlow(approved)).name, approved.name);
      assert.is(resultOf(await approved.finished).status, "succeeded");
      const fork = await forkFlow(cancelled, { from: "ship", key: "fork" });
      const result = resultOf(await fork.finished);
      assert.equal([result.status, result.path], ["succeeded", ["ship", "notify"]]);
      assert.is((await forkFlow(cancelled, { from: "ship", key: "fork" })).name, fork.name);
    } finally {
      ending.abort();
      await Promise.all(running.map(({ finished }) => finished));
    }
  });
  client.run();

  runKeySuite(`genuine API server ${name}: one key, one flow`, async () => ({
    options: options(),
    async close() {
      await cluster.close();
      await server.stop();
    },
  }));
}

type Run = FlowRun<typeof order>;
