import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CustomObjectsApi, type KubernetesListObject, type KubernetesObject, makeInformer, Watch } from "@kubernetes/client-node";
import { cutWatch, endWatch, expired, until } from "../../src/fake/mod.ts";
import { at, mounts, onFake, type Place, type Widget, widget } from "./client-node.ts";

const path = "/apis/example.com/v1/namespaces/default/widgets";

/** An informer on the widgets, as the examples of client-node make one, with all that it tells. */
function inform({ config }: Place) {
  const objects = config.makeApiClient(CustomObjectsApi);
  const list = () => objects.listNamespacedCustomObject(at) as Promise<KubernetesListObject<Widget & KubernetesObject>>;
  const informer = makeInformer<Widget & KubernetesObject>(config, path, list);
  const told: string[] = [];
  const errors: unknown[] = [];
  for (const event of ["add", "update", "delete"] as const) {
    informer.on(event, ({ metadata, spec }) => void told.push(`${event} ${metadata!.name} ${spec.size}`));
  }
  informer.on("error", (error) => void errors.push(error));
  return { objects, informer, told, errors };
}
const watches = ({ fake }: Place) => fake.requests.matching({ verb: "watch" }).length;
const lists = ({ fake }: Place) => fake.requests.matching({ verb: "list" }).length;

for (const [name, mount] of Object.entries(mounts)) {
  const test = suite(`client-node: informer and watch over ${name}`);

  test("what is there, what changes, what goes", () =>
    onFake(mount, async (place) => {
      const { objects, informer, told, errors } = inform(place);
      await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
      await informer.start();
      await until(() => told.length === 1 && watches(place) === 1);
      await objects.createNamespacedCustomObject({ ...at, body: widget("b") });
      await objects.patchNamespacedCustomObject({ ...at, name: "a", body: [{ op: "add", path: "/spec/size", value: 2 }] });
      await objects.deleteNamespacedCustomObject({ ...at, name: "b" });
      await until(() => told.length === 4, { what: "four events were told" });
      assert.equal(told, ["add a 1", "add b 1", "update a 2", "delete b 1"]);
      assert.is(informer.get("a", "default")?.spec.size, 2);
      await informer.stop();
      assert.equal(errors, []);
    }));

  test("goes on from where it was when the server ends the watch", () =>
    onFake(mount, async (place) => {
      const { objects, informer, told, errors } = inform(place);
      place.fake.faults.add({ match: { verb: "watch" }, fault: endWatch(1) });
      await informer.start();
      await until(() => watches(place) === 1);
      await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
      await until(() => watches(place) === 2, { what: "it watches again" });
      await objects.createNamespacedCustomObject({ ...at, body: widget("b") });
      await until(() => told.length === 2, { what: "two events were told" });
      assert.equal(told, ["add a 1", "add b 1"]);
      assert.is(lists(place), 1);
      await informer.stop();
      assert.equal(errors, []);
    }));

  for (const fault of [expired(), expired({ inStream: true })]) {
    test(`lists again after 410 (${fault.name})`, () =>
      onFake(mount, async (place) => {
        const { objects, informer, told, errors } = inform(place);
        place.fake.faults.add({ match: { verb: "watch" }, fault });
        await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
        await informer.start();
        await until(() => lists(place) === 2 && watches(place) === 2, { what: "it has listed again" });
        await objects.createNamespacedCustomObject({ ...at, body: widget("b") });
        await until(() => informer.get("b", "default"), { what: "it follows again" });
        assert.ok(told.includes("add a 1"));
        await informer.stop();
        assert.equal(errors, []);
      }));
  }

  test("tells of a connection that breaks, and can be started again", () =>
    onFake(mount, async (place) => {
      const { objects, informer, told, errors } = inform(place);
      place.fake.faults.add({ match: { verb: "watch" }, fault: cutWatch(1) });
      await informer.start();
      await until(() => watches(place) === 1);
      await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
      await until(() => errors.length === 1, { what: "the error was told" });
      assert.equal(told, ["add a 1"], "what came before it was told");
      await informer.start();
      await objects.createNamespacedCustomObject({ ...at, body: widget("b") });
      await until(() => informer.get("b", "default"), { what: "it follows again" });
      await informer.stop();
    }));

  test("Watch: events, a bookmark at the end of what is there, an abort", () =>
    onFake(mount, async ({ config }) => {
      const objects = config.makeApiClient(CustomObjectsApi);
      await objects.createNamespacedCustomObject({ ...at, body: widget("a") });
      const seen: string[] = [];
      const ended = Promise.withResolvers<void>();
      const query = { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true };
      const onEvent = (type: string, { metadata }: KubernetesObject) => void seen.push(`${type} ${metadata!.name ?? ""}`);
      const controller = await new Watch(config).watch(path, query, onEvent, () => ended.resolve());
      await until(() => seen.length === 2);
      await objects.deleteNamespacedCustomObject({ ...at, name: "a" });
      await until(() => seen.length === 3);
      assert.equal(seen, ["ADDED a", "BOOKMARK ", "DELETED a"]);
      controller.abort();
      await ended.promise;
    }));

  test.run();
}
