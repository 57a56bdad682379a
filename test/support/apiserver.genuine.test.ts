import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import { genuineAssets, startApiServer } from "./apiserver.ts";

const launcher = suite("launcher of genuine API servers");
const configMaps = { group: "", version: "v1", plural: "configmaps" };

launcher("keeps the data when a process is killed and started again", async () => {
  const server = await startApiServer({ assets: genuineAssets()[0]!.folder });
  try {
    assert.match(server.version, /^v1\.\d+/);
    const cluster = await connect({ kubeconfig: server.kubeconfigPath });
    const metadata = { name: "kept", namespace: "default" };
    await cluster.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
    for (const name of ["apiserver", "etcd"] as const) {
      await server.kill(name);
      await server.start();
      assert.is((await cluster.get(configMaps, metadata)).metadata.name, "kept");
    }
    await cluster.close();
  } finally {
    await server.stop();
  }
});

launcher("says why a server does not start", async () => {
  const assets = genuineAssets()[0]!.folder;
  const message = await startApiServer({ assets, flags: ["--no-such-flag"] }).then(() => "", (error) => error.message);
  assert.match(message, /does not start: kube-apiserver ended\n[^]*no-such-flag/);
});

launcher.run();
