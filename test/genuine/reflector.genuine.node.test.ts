/**
 * A reflector beside a genuine server that forgets what was seen, and stands still: its store is a fresh list in the end. What
 * happens to it and to flows when kube-apiserver and etcd are killed is in test/soak/, with a short form.
 */
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import type { Cluster } from "../../src/ports.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";
import { followGenuine, type GenuineFollowing } from "../support/following-genuine.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

// What differs between versions of the server is tried elsewhere: this is about its client.
for (const { folder: assets, name } of genuineAssets().slice(0, 1)) {
  const genuine = suite(`a reflector beside ${name}`);
  let server: ApiServer;
  let proxy: TcpProxy;
  let folder: Folder;
  let cluster: Cluster;
  let f: GenuineFollowing;

  genuine.before(async () => {
    server = await startApiServer({ assets });
    proxy = await startTcpProxy(Number(new URL(server.url).port));
    folder = temporaryFolder();
    const through = { server: `https://${proxy.address}`, "certificate-authority": server.caPath };
    cluster = await connect({ kubeconfig: folder.write("through", kubeconfig(through, { token: server.token })) });
    f = await followGenuine(cluster, await connect({ kubeconfig: server.kubeconfigPath }));
  });
  genuine.after(async () => {
    await f?.end();
    await cluster?.close();
    await proxy?.close();
    await server?.stop();
    folder?.remove();
  });

  genuine("what was seen is forgotten while it is not connected: 410, and everything is listed again", async () => {
    await f.write("forgotten", 10);
    await f.untilSame();
    const before = f.counted.filter((count) => count === "relists expired").length;
    const old = f.reflector.store.get("default/forgotten-0")!;
    proxy.cut();
    await f.write("forgotten", 30);
    for (const key of ["forgotten-0", "forgotten-1"]) await f.remove(key);
    await f.write("forgotten", 1);
    // Neither its storage nor its memory knows the version that was last seen.
    await server.compact();
    await server.kill("apiserver");
    await server.start();
    await server.compact();
    f.events.length = 0;
    proxy.mend();
    assert.ok(await f.untilSame() < 10_000);
    assert.is(f.counted.filter((count) => count === "relists expired").length, before + 1, f.counted.join());
    const told = f.events.filter((event) => /forgotten-[01]@/.test(event)).map((event) => event.split("@")[0]);
    assert.equal(told.sort(), ["ADDED forgotten-0", "DELETED forgotten-0", "DELETED forgotten-1"]);
    assert.is.not(f.reflector.store.get("default/forgotten-0")!.metadata.uid, old.metadata.uid);
  });

  genuine("a server that stands still for two seconds is followed at once when it goes on", async () => {
    process.kill(server.pid("apiserver")!, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    process.kill(server.pid("apiserver")!, "SIGCONT");
    await f.write("frozen", 10);
    assert.ok(await f.untilSame() < 5_000);
  });

  genuine("it has said each thing once, and holds no more connections than it needs", () => {
    const warnings = f.lines.filter((line) => line.startsWith("warn"));
    assert.is(new Set(warnings).size, warnings.length, warnings.join("\n"));
    assert.ok(proxy.connections <= 3, `${proxy.connections} connections`);
    assert.is(f.reflector.health().failing, undefined);
  });
  genuine.run();
}
