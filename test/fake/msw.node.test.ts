import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { gunzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CoreV1Api, CustomObjectsApi, KubeConfig, PatchStrategy, setHeaderOptions, Watch } from "@kubernetes/client-node";
import { createFakeCluster, gzip } from "../../src/fake/mod.ts";
import { mountFakeCluster } from "../../src/fake/msw.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: MSW mount");

const at = { group: "example.com", version: "v1", namespace: "default", plural: "widgets" };
const widget = (name: string) => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec: { size: 1 } });

function configFor(url: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "fake", server: url, skipTLSVerify: true }, { name: "fake" });
  return config;
}

test("client-node creates, lists, patches and watches", async () => {
  const fake = createFakeCluster({ crds: [widgets] });
  const mount = await mountFakeCluster(fake);
  try {
    const config = configFor(mount.url);
    const objects = config.makeApiClient(CustomObjectsApi);
    await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
    const list = await objects.listNamespacedCustomObject(at);
    assert.is(list.items.length, 1);

    const seen: string[] = [];
    const event = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const controller = await new Watch(config).watch(
      "/apis/example.com/v1/namespaces/default/widgets",
      { resourceVersion: list.metadata.resourceVersion },
      (type, object: { metadata: { name: string }; spec: { size: number } }) => {
        seen.push(`${type} ${object.metadata.name} ${object.spec.size}`);
        event.resolve();
      },
      () => ended.resolve(),
    );
    const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    await objects.patchNamespacedCustomObject({ ...at, name: "a", body: { spec: { size: 2 } } }, merge);
    await event.promise;
    assert.equal(seen, ["MODIFIED a 2"]);
    controller.abort();
    await ended.promise;
  } finally {
    await mount.close();
    fake.close();
  }
});

test("a refusal reaches client-node with its code", async () => {
  const fake = createFakeCluster();
  const mount = await mountFakeCluster(fake);
  try {
    const core = configFor(mount.url).makeApiClient(CoreV1Api);
    const error = await core.readNamespace({ name: "none" }).then(() => undefined, (reason) => reason as { code: number });
    assert.is(error?.code, 404);
  } finally {
    await mount.close();
    fake.close();
  }
});

test("closing the mount ends a watch", async () => {
  const fake = createFakeCluster();
  const mount = await mountFakeCluster(fake);
  const ended = Promise.withResolvers<unknown>();
  await new Watch(configFor(mount.url)).watch("/api/v1/namespaces", {}, () => {}, (error) => ended.resolve(error));
  await mount.close();
  await ended.promise;
  fake.close();
});

test("a warning in any script arrives as UTF-8", async () => {
  const fake = createFakeCluster();
  const mount = await mountFakeCluster(fake);
  try {
    const got = Promise.withResolvers<IncomingMessage>();
    const sent = request(`${mount.url}/api/v1/namespaces/default/configmaps`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    }, got.resolve);
    sent.on("error", got.reject).end(JSON.stringify({ metadata: { name: "a" }, "ключ": 1, "ü": 1 }));
    const answer = (await got.promise).resume();
    assert.is(answer.statusCode, 201);
    const warnings = answer.headers.warning as unknown as string;
    assert.is(
      Buffer.from(warnings, "latin1").toString("utf8"),
      `299 - "unknown field \\"ключ\\"", 299 - "unknown field \\"ü\\""`,
    );
  } finally {
    await mount.close();
    fake.close();
  }
});

test("compressed answers and watches, as on a wire", async () => {
  const fake = createFakeCluster();
  fake.faults.add({ fault: gzip(), times: Infinity });
  const mount = await mountFakeCluster(fake);
  try {
    const ask = async (path: string) => {
      const got = Promise.withResolvers<IncomingMessage>();
      request(mount.url + path, { headers: { "accept-encoding": "gzip" } }, got.resolve).on("error", got.reject).end();
      return await got.promise;
    };
    const list = await ask("/api/v1/namespaces");
    const chunks: Buffer[] = [];
    for await (const chunk of list) chunks.push(chunk as Buffer);
    assert.is(JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()).items.length, 4);
    const watch = await ask("/api/v1/namespaces?watch=1");
    assert.is(watch.headers["content-encoding"], "gzip");
    const first = await new Promise<Buffer>((resolve) => watch.once("data", resolve));
    assert.match(gunzipSync(first).toString(), /^{"type":"ADDED".*}\n$/);
    watch.destroy();
  } finally {
    await mount.close();
    fake.close();
  }
});

test.run();
