import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CoreV1Api, CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { conflict, cut, loseAnswer, refuse, tooManyRequests } from "../../src/fake/mod.ts";
import { at, mounts, onFake, type Widget, widget } from "./client-node.ts";

const failing = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not fail"), (error) => error);
const named = { ...at, name: "a" };

for (const [name, mount] of Object.entries(mounts)) {
  const test = suite(`client-node: CustomObjectsApi over ${name}`);

  test("create, get, replace, delete", () =>
    onFake(mount, async ({ config }) => {
      const objects = config.makeApiClient(CustomObjectsApi);
      const created: Widget = await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
      assert.is(created.spec.color, "red", "a default");
      const got: Widget = await objects.getNamespacedCustomObject(named);
      assert.equal(got, created);
      const body = { ...got, spec: { ...got.spec, size: 2 } };
      const replaced: Widget = await objects.replaceNamespacedCustomObject({ ...named, body });
      assert.is(replaced.spec.size, 2);
      const stale = await failing(objects.replaceNamespacedCustomObject({ ...named, body }));
      assert.is(stale.code, 409);
      assert.is(JSON.parse(stale.body).reason, "Conflict");
      const deleted = await objects.deleteNamespacedCustomObject(named);
      assert.equal([deleted.status, deleted.details.uid], ["Success", created.metadata.uid]);
      assert.is((await failing(objects.getNamespacedCustomObject(named))).code, 404);
    }));

  test("patches of both kinds; JSON patch is what it sends unasked", () =>
    onFake(mount, async ({ fake, config }) => {
      const objects = config.makeApiClient(CustomObjectsApi);
      await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
      const operations = [{ op: "replace", path: "/spec/size", value: 3 }];
      assert.is((await objects.patchNamespacedCustomObject({ ...named, body: operations })).spec.size, 3);
      const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      assert.is((await objects.patchNamespacedCustomObject({ ...named, body: { spec: { size: 4 } } }, merge)).spec.size, 4);
      const status = { status: { phase: "Ready" } };
      assert.is((await objects.patchNamespacedCustomObjectStatus({ ...named, body: status }, merge)).status.phase, "Ready");
      const strategic = setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch);
      const refused = await failing(objects.patchNamespacedCustomObject({ ...named, body: {} }, strategic));
      assert.is(refused.code, 415);
      assert.equal(fake.requests.matching({ verb: "patch" }).map(({ contentType }) => contentType), [
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
      ]);
    }));

  test("lists: of a namespace and of all, by label, by field, by page", () =>
    onFake(mount, async ({ config }) => {
      const objects = config.makeApiClient(CustomObjectsApi);
      const core = config.makeApiClient(CoreV1Api);
      await core.createNamespace({ body: { metadata: { name: "shop" } } });
      for (const each of ["a", "b", "c"]) {
        await objects.createNamespacedCustomObject({ ...at, body: widget(each, 1, { odd: String(each !== "b") }) });
      }
      await objects.createNamespacedCustomObject({
        ...at,
        namespace: "shop",
        body: { ...widget("d"), spec: { size: 1, color: "green" } },
      });
      const namesOf = (list: { items: Widget[] }) => list.items.map(({ metadata }) => metadata.name).join("");
      const { namespace: _, ...everywhere } = at;
      assert.is(namesOf(await objects.listNamespacedCustomObject(at)), "abc");
      assert.is(namesOf(await objects.listCustomObjectForAllNamespaces({ ...everywhere, resourcePlural: at.plural })), "abcd");
      assert.is(namesOf(await objects.listClusterCustomObject(everywhere)), "abcd");
      assert.is(namesOf(await objects.listNamespacedCustomObject({ ...at, labelSelector: "odd=true" })), "ac");
      assert.is(namesOf(await objects.listClusterCustomObject({ ...everywhere, fieldSelector: "spec.color=green" })), "d");
      const first = await objects.listNamespacedCustomObject({ ...at, limit: 2 });
      assert.equal([namesOf(first), first.metadata.remainingItemCount], ["ab", 1]);
      const rest = await objects.listNamespacedCustomObject({
        ...at,
        limit: 2,
        _continue: first.metadata._continue ?? first.metadata.continue,
      });
      assert.is(namesOf(rest), "c");
    }));

  test("faults: what a user of the client gets to see", () =>
    onFake(mount, async ({ fake, config }) => {
      const objects = config.makeApiClient(CustomObjectsApi);
      const create = (name: string) => objects.createNamespacedCustomObject({ ...at, body: widget(name) });
      fake.faults.add({ fault: cut() });
      const lost = await failing(create("a"));
      assert.is(lost.code, undefined, String(lost));
      assert.is((await failing(objects.getNamespacedCustomObject(named))).code, 404);
      fake.faults.add({ fault: loseAnswer() });
      await failing(create("a"));
      assert.is((await failing(create("a"))).code, 409, "it had taken effect");
      fake.faults.add({ fault: conflict() });
      const refused = await failing(objects.patchNamespacedCustomObject({ ...named, body: [] }));
      assert.match(JSON.parse(refused.body).message, /^Operation cannot be fulfilled on widgets\.example\.com "a"/);
      fake.faults.add({ fault: refuse({ code: 503, reason: "ServiceUnavailable", message: "no", retryAfter: 7 }) });
      const unavailable = await failing(objects.getNamespacedCustomObject(named));
      assert.equal([unavailable.code, unavailable.headers["retry-after"]], [503, "7"]);
      fake.faults.add({ times: 1, fault: tooManyRequests() });
      assert.is((await failing(objects.getNamespacedCustomObject(named))).code, 429);
    }));

  test("CoreV1Api: config maps", () =>
    onFake(mount, async ({ config }) => {
      const core = config.makeApiClient(CoreV1Api);
      const namespace = "default";
      const created = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "c" }, data: { a: "1" } } });
      assert.instance(created.metadata!.creationTimestamp, Date);
      await core.replaceNamespacedConfigMap({ namespace, name: "c", body: { ...created, data: { b: "2" } } });
      const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      await core.patchNamespacedConfigMap({ namespace, name: "c", body: { data: { c: "3" } } }, merge);
      assert.equal((await core.readNamespacedConfigMap({ namespace, name: "c" })).data, { b: "2", c: "3" });
      assert.is((await core.listConfigMapForAllNamespaces({ labelSelector: "app" })).items.length, 0);
      await core.deleteNamespacedConfigMap({ namespace, name: "c" });
      assert.is((await core.listNamespacedConfigMap({ namespace })).items.length, 0);
    }));

  test.run();
}
