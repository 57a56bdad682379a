import { join } from "node:path";
import { suite } from "uvu";
import type { Cluster } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { endPrograms, runCommand } from "../support/programs.ts";
import { buildReference, sharings, whyNoReference } from "../support/reference.ts";
import { skip } from "../support/skip.ts";

const missing = await whyNoReference();
if (missing) skip("the Go reference on genuine API servers", missing);
else genuineAssets().forEach(tests);

function tests({ folder, name }: Assets) {
  const reference = suite(`genuine API server ${name}: the Go reference`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;

  reference.before(buildReference);
  reference.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
    await kubectl("create", "namespace", "shared");
  });
  reference.after.each(async () => {
    await endPrograms();
    // A finished request of any namespace would end the next director of the reference at once.
    await kubectl("delete", "requeststates", "--all", "--all-namespaces");
  });
  reference.after(async () => {
    await cluster.close();
    await server.stop();
  });

  for (const { name, run } of sharings()) {
    reference(name, () => run({ cluster, kubeconfig: server.kubeconfigPath, namespace: "shared" }));
  }
  reference.run();
}
