/** What each adapter must do with genuine API servers. Every adapter's genuine test file runs these. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isAlreadyExists, isConflict, isExpired, isNoAnswer, isNotFound, isStatus } from "../../src/errors.ts";
import type { Cluster, KubernetesObject, WatchEvent } from "../../src/ports.ts";
import type { Connect } from "./adapter-suite.ts";
import { type ApiServer, genuineAssets, startApiServer } from "./apiserver.ts";
import { type Folder, kubeconfig, temporaryFolder } from "./files.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps" };
const namespace = "default";
const configMap = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
});
const rejection = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not reject"), (error) => error);

/** Runs the suite of an adapter, once for each version that is there. */
export function runGenuineSuite(name: string, connect: Connect): void {
  for (const { folder: assets, name: version } of genuineAssets()) {
    const genuine = suite(`${name} with ${version}`);
    let server: ApiServer;
    let folder: Folder;
    let cluster: Cluster;

    genuine.before(async () => {
      server = await startApiServer({ assets });
      folder = temporaryFolder();
      cluster = await connect({ kubeconfig: server.kubeconfigPath });
    });
    genuine.after(async () => {
      await cluster?.close();
      await server?.stop();
      folder?.remove();
    });

    genuine("creates, gets, patches and lists in pages", async () => {
      for (const letter of "abcde") await cluster.create(configMaps, configMap(`page-${letter}`, { suite: "pages" }));
      const list = await cluster.list(configMaps, { namespace, labelSelector: "suite=pages", limit: 2 });
      assert.equal(list.items.map((item) => item.metadata.name), ["page-a", "page-b", "page-c", "page-d", "page-e"]);
      assert.equal([list.items[4]!.apiVersion, list.items[4]!.kind], ["v1", "ConfigMap"]);
      const key = { namespace, name: "page-a" };
      const before = await cluster.get(configMaps, key);
      const patched = await cluster.patch<KubernetesObject & { data: object }>(configMaps, key, [
        { op: "replace", path: "/metadata/resourceVersion", value: before.metadata.resourceVersion },
        { op: "add", path: "/data", value: { text: "Zoë \u2028" } },
      ]);
      assert.equal(patched.data, { text: "Zoë \u2028" });
    });

    genuine("tells the refusals apart", async () => {
      await cluster.create(configMaps, configMap("once"));
      assert.ok(isAlreadyExists(await rejection(cluster.create(configMaps, configMap("once")))));
      assert.ok(isNotFound(await rejection(cluster.get(configMaps, { namespace, name: "none" }))));
      const stale = [{ op: "replace", path: "/metadata/resourceVersion", value: "1" }] as const;
      const conflict = await rejection(cluster.patch(configMaps, { namespace, name: "once" }, stale));
      assert.ok(isConflict(conflict), conflict.message);
      const unknown = { group: "acme.io", version: "v1", plural: "widgets" };
      const missing = await rejection(cluster.list(unknown, { namespace }));
      assert.is(missing.message, 'Cannot list widgets in namespace "default": the server does not serve widgets of acme.io/v1');
      assert.is(missing.status.code, 404);
    });

    genuine("a watch goes on from a version, and ends at its time", async () => {
      const { metadata } = await cluster.create(configMaps, configMap("watched"));
      const options = { namespace, fieldSelector: "metadata.name=watched", resourceVersion: metadata.resourceVersion! };
      const patch = (n: number) => cluster.patch(configMaps, metadata, [{ op: "add", path: "/data", value: { n: `${n}` } }]);
      await patch(1);
      const seen: string[] = [];
      for await (
        const event of await cluster.watch<KubernetesObject & { data?: { n: string } }>(configMaps, {
          ...options,
          timeoutSeconds: 2,
        })
      ) {
        if (event.type === "BOOKMARK") continue;
        seen.push(`${event.type} ${event.object.data?.n}`);
        if (seen.length === 1) await patch(2);
      }
      assert.equal(seen, ["MODIFIED 1", "MODIFIED 2"]);
    });

    genuine("an aborted watch rejects with the reason, before and after its first event", async () => {
      const { resourceVersion } = await cluster.list(configMaps, { namespace });
      await cluster.create(configMaps, configMap("seen"));
      const controller = new AbortController();
      const options = { namespace, resourceVersion, timeoutSeconds: 60, signal: controller.signal };
      const iterator = (await cluster.watch(configMaps, options))[Symbol.asyncIterator]();
      await iterator.next();
      const rest = (async () => {
        while (!(await iterator.next()).done);
      })();
      setTimeout(() => controller.abort("enough"), 50);
      assert.is(await rejection(rest), "enough");
      assert.is(await rejection(cluster.watch(configMaps, options)), "enough");
    });

    genuine("150 watches keep neither each other nor other calls waiting", async () => {
      const { resourceVersion } = await cluster.list(configMaps, { namespace });
      const controller = new AbortController();
      const options = { namespace, resourceVersion, timeoutSeconds: 60, signal: controller.signal };
      const watches = await Promise.all(Array.from({ length: 150 }, () => cluster.watch(configMaps, options)));
      await cluster.list(configMaps, { namespace });
      controller.abort("enough");
      for (const watch of watches) assert.is(await rejection(watch[Symbol.asyncIterator]().next()), "enough");
    });

    genuine("wrong credentials are 401, missing rights 403", async () => {
      const { url, caPath } = server;
      const cluster = { server: url, "certificate-authority": caPath };
      const stranger = await connect({ kubeconfig: folder.write("stranger", kubeconfig(cluster, { token: "wrong" })) });
      const alice = await connect({ kubeconfig: server.kubeconfigPath, context: "alice" });
      try {
        assert.is((await rejection(stranger.list(configMaps, { namespace }))).status.code, 401);
        const denied = await rejection(alice.list(configMaps, { namespace }));
        assert.is(denied.status.code, 403);
        assert.match(denied.message, /^Cannot list configmaps in namespace "default": .*"alice" cannot list/);
        const watch = async () => {
          for await (const _ of await alice.watch(configMaps, { namespace, resourceVersion: "0", timeoutSeconds: 5 }));
        };
        assert.is((await rejection(watch())).status.code, 403);
      } finally {
        await stranger.close();
        await alice.close();
      }
    });

    genuine("an authority that is not named is not trusted", async () => {
      const cluster = await connect({ master: server.url });
      const error = await rejection(cluster.list(configMaps, { namespace }));
      await cluster.close();
      assert.is(error.name, "SetupError");
      assert.match(error.message, /^Cannot list .* is not trusted \(.*\): name its authority/);
    });

    genuine("HTTP to its TLS port is told", async () => {
      const master = server.url.replace("https:", "http:");
      const cluster = await connect({ master });
      const error = await rejection(cluster.list(configMaps, { namespace }));
      await cluster.close();
      const told = `the server at ${master} speaks TLS, use https:// in its URL`;
      assert.is(error.message, `Cannot list configmaps in namespace "default": ${told}`);
    });

    genuine("a killed server breaks the watch and the calls; once it is back, the old versions are gone or served", async () => {
      const { resourceVersion } = await cluster.list(configMaps, { namespace });
      const watch = await cluster.watch(configMaps, { namespace, resourceVersion, timeoutSeconds: 60 });
      const broken = rejection(watch[Symbol.asyncIterator]().next());
      await server.kill("apiserver");
      assert.ok(isNoAnswer(await broken));
      assert.ok(isNoAnswer(await rejection(cluster.list(configMaps, { namespace }))));
      await server.start();
      await cluster.create(configMaps, configMap("after-the-crash"));
      const first = await firstEvent(cluster, resourceVersion);
      assert.is(first.type === "ADDED" && first.object.metadata.name, "after-the-crash");
    });

    genuine("a version that is too old is 410", async () => {
      // After its restart the server's cache begins at the version that it has read.
      const error = await rejection(firstEvent(cluster, "1"));
      assert.ok(isStatus(error) && isExpired(error), String(error));
    });

    genuine.run();
  }
}

async function firstEvent(cluster: Cluster, resourceVersion: string): Promise<WatchEvent<KubernetesObject>> {
  const options = { namespace, resourceVersion, timeoutSeconds: 10 };
  for await (const event of await cluster.watch<KubernetesObject>(configMaps, options)) {
    if (event.type !== "BOOKMARK") return event;
  }
  throw new Error("no event came");
}
