/** Events by the recorder, as kubectl shows them to a person. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import type { Cluster, KubernetesObject } from "../../src/ports.ts";
import { createEventRecorder, type EventRecorder } from "../../src/runtime/objects/event-recorder.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runCommand } from "../support/programs.ts";

const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps" };

for (const { folder, name } of genuineAssets()) {
  const events = suite(`events on ${name}`);
  const lines: string[] = [];
  const log = {
    debug: (line: string) => void lines.push(line),
    info() {},
    warn() {},
    error: (line: string) => void lines.push(line),
  };
  let server: ApiServer;
  let cluster: Cluster;
  let recorder: EventRecorder;
  let object: KubernetesObject;
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);

  events.before(async () => {
    server = await startApiServer({ assets: folder });
    cluster = await connect({ kubeconfig: server.kubeconfigPath });
    object = await cluster.create(CONFIG_MAPS, {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "page", namespace: "default" } },
    });
    recorder = createEventRecorder({ cluster, component: "example.com/websites", instance: "websites-1", log });
  });
  events.after(async () => {
    await cluster?.close();
    await server?.stop();
  });

  events("kubectl describe and kubectl events show what has happened, how often, and who tells", async () => {
    for (let count = 0; count < 3; count++) {
      recorder.record(object, { type: "Warning", reason: "TooLarge", message: `The page has 3 MiB: ${"ü".repeat(600)}` });
      await recorder.flush();
    }
    recorder.record(object, { reason: "Published", message: "It is on the air" });
    await recorder.flush();
    assert.equal(lines, []);
    const described = await kubectl("describe", "configmap", "page");
    assert.match(
      described,
      /Warning\s+TooLarge\s+\d+s \(x3 over \d+s\)\s+example\.com\/websites\s+The page has 3 MiB: ü+…\n/,
    );
    assert.match(described, /Normal\s+Published\s+\d+s\s+example\.com\/websites\s+It is on the air\n/);
    const listed = await kubectl("events", "--for", "configmap/page");
    assert.match(listed, /\d+s \(x3 over \d+s\)\s+Warning\s+TooLarge\s+ConfigMap\/page\s+The page has 3 MiB/);
    assert.match(
      await kubectl("get", "events", "--field-selector", "reason=Published"),
      /Normal\s+Published\s+configmap\/page\s+It is on/,
    );
    const [event] =
      JSON.parse(await kubectl("get", "events.v1.events.k8s.io", "-o", "json", "--field-selector", "reason=Published")).items;
    assert.equal([event.reportingController, event.reportingInstance, event.regarding.uid, event.note], [
      ...["example.com/websites", "websites-1", object.metadata.uid, "It is on the air"],
    ]);
  });

  events("an object in no namespace, and one whose name no event can have, are described with theirs", async () => {
    for (
      const [group, plural, name] of [["", "namespaces", "default"], ["rbac.authorization.k8s.io", "clusterroles", "system:node"]]
    ) {
      const about = await cluster.get({ group: group!, version: "v1", plural: plural! }, { name: name! });
      recorder.record(about, { reason: "Seen", message: `It is ${name}` });
      await recorder.flush();
      assert.equal(lines, []);
      assert.match(await kubectl("events", "-n", "default"), new RegExp(`Seen\\s+\\w+/${name}\\s+It is ${name}`));
    }
    assert.match(await kubectl("get", "events", "-n", "default", "-o", "name"), /^event\/event\.[0-9a-f]{16}$/m);
  });

  events("a namespace that is being deleted, or that is not there: one line at debug each", async () => {
    await kubectl("create", "namespace", "leaving");
    const page = { ...object, metadata: { ...object.metadata, namespace: "leaving" } };
    const held = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "held", namespace: "leaving", finalizers: ["a.b/c"] } };
    await cluster.create(CONFIG_MAPS, held);
    await kubectl("delete", "namespace", "leaving", "--wait=false");
    for (const message of ["one", "two"]) recorder.record(page, { reason: "Seen", message });
    recorder.record({ ...object, metadata: { ...object.metadata, namespace: "nowhere" } }, { reason: "Seen", message: "one" });
    await recorder.flush();
    assert.is(lines.length, 2, lines.join("\n"));
    assert.match(
      lines[0]!,
      /^Dropped event Seen of ConfigMap "leaving\/page".* namespace leaving because it is being terminated/,
    );
    assert.match(lines[1]!, /^Dropped event Seen of ConfigMap "nowhere\/page".* namespaces "nowhere" not found/);
    await kubectl(
      "patch",
      "configmap",
      "held",
      "-n",
      "leaving",
      "--type",
      "json",
      "-p",
      '[{"op":"remove","path":"/metadata/finalizers"}]',
    );
  });
  events.run();
}
