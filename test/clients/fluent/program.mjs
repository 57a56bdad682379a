/**
 * What kubernetes-fluent-client, on which Pepr is built, makes of a cluster: applies, patches, watches, finalizers, a status, a scale.
 * Prints a line for each thing that it sees: none of them names a time, a uid or a version.
 */
import { GenericKind, K8s, kind, RegisterKind, WatchEvent } from "kubernetes-fluent-client";

const namespace = "fluent";
const say = (...words) => console.log(words.map((word) => typeof word === "string" ? word : JSON.stringify(word)).join(" "));
const managers = ({ metadata }) =>
  metadata.managedFields?.map(({ manager, operation, subresource = "" }) => [manager, operation, subresource]);
const refusal = async (what, action) => {
  try {
    await action();
    say(what, "is taken");
  } catch (error) {
    say(what, error.status ?? "", error.data?.reason ?? "", error.data?.message ?? error.message ?? "");
  }
};
/** Waits for what other parts of the server do in their own time. */
const until = async (what, asked) => {
  for (let tries = 0; tries < 200; tries++) {
    if (await asked()) return say(what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain: ${what}`);
};

class Gauge extends GenericKind {}
RegisterKind(Gauge, { group: "fluent.example.com", version: "v1", kind: "Gauge", plural: "gauges" });

await K8s(kind.Namespace).Apply({ metadata: { name: namespace, labels: { team: "a" } } });

// Events come as they happen, those of what was there before first.
const seen = [];
const watched = (phase, name) => until(`watched ${phase} ${name}`, () => seen.includes(`${phase} ${name}`));
await K8s(kind.ConfigMap).Apply({ metadata: { name: "early", namespace }, data: { a: "1" } });
const watcher = K8s(kind.ConfigMap).InNamespace(namespace).Watch((object, phase) => {
  seen.push(`${phase} ${object.metadata.name}`);
}, { resyncDelaySec: 1 });
let connected = false;
watcher.events.on(WatchEvent.CONNECT, () => connected = true);
watcher.events.on(WatchEvent.WATCH_ERROR, (error) => say("watch error", String(error?.message ?? error)));
await watcher.start();
await until("connected", () => connected);
await watched("ADDED", "early");

const applied = await K8s(kind.ConfigMap).Apply({
  metadata: { name: "settings", namespace },
  data: { color: "green", size: "1" },
});
say("applied", applied.data, managers(applied));
await watched("ADDED", "settings");
const again = await K8s(kind.ConfigMap).Apply({
  metadata: { name: "settings", namespace, labels: { app: "x" } },
  data: { color: "blue" },
});
say("applied again", again.data, again.metadata.labels, managers(again));
await watched("MODIFIED", "settings");
const patched = await K8s(kind.ConfigMap, { name: "settings", namespace }).Patch([
  { op: "test", path: "/data/color", value: "blue" },
  { op: "add", path: "/data/shape", value: "round" },
  { op: "copy", from: "/data/shape", path: "/data/form" },
]);
say("patched", patched.data, managers(patched));
await refusal(
  "a test that fails",
  () => K8s(kind.ConfigMap, { name: "settings", namespace }).Patch([{ op: "test", path: "/data/color", value: "red" }]),
);
await refusal("created twice", () => K8s(kind.ConfigMap).Create({ metadata: { name: "settings", namespace } }));
await refusal("nowhere", () => K8s(kind.ConfigMap).InNamespace(namespace).Get("nowhere"));
await refusal("a bad label", () => K8s(kind.ConfigMap).Apply({ metadata: { name: "bad", namespace, labels: { "a b": "c" } } }));
await refusal(
  "a conflict",
  () => K8s(kind.ConfigMap).Apply({ metadata: { name: "settings", namespace }, data: { shape: "square" } }),
);
await refusal(
  "forced",
  () => K8s(kind.ConfigMap).Apply({ metadata: { name: "settings", namespace }, data: { shape: "square" } }, { force: true }),
);
say("read", (await K8s(kind.ConfigMap).InNamespace(namespace).Get("settings")).data);
const names = ({ items }) => items.map(({ metadata }) => metadata.name).sort();
say("listed", names(await K8s(kind.ConfigMap).InNamespace(namespace).Get()));
await K8s(kind.ConfigMap).Apply({ metadata: { name: "labelled", namespace, labels: { app: "x" } } });
say("by label", names(await K8s(kind.ConfigMap).InNamespace(namespace).WithLabel("app", "x").Get()));
say("by field", names(await K8s(kind.ConfigMap).InNamespace(namespace).WithField("metadata.name", "early").Get()));
await K8s(kind.ConfigMap).InNamespace(namespace).Delete("settings");
await watched("DELETED", "settings");
await K8s(kind.ConfigMap).InNamespace(namespace).Delete("settings");
say("deleted twice");

await K8s(kind.Secret).Apply({ metadata: { name: "hidden", namespace }, stringData: { key: "value" } });
say("secret", (await K8s(kind.Secret).InNamespace(namespace).Get("hidden")).data);

// A custom resource, with a status and a finalizer.
await K8s(kind.CustomResourceDefinition).Apply({
  metadata: { name: "gauges.fluent.example.com" },
  spec: {
    group: "fluent.example.com",
    scope: "Namespaced",
    names: { kind: "Gauge", plural: "gauges", singular: "gauge", listKind: "GaugeList" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: { type: "object", properties: { level: { type: "integer", maximum: 10, default: 3 } } },
            status: { type: "object", properties: { phase: { type: "string" } } },
          },
        },
      },
    }],
  },
});
await until("established", async () => {
  try {
    await K8s(Gauge).InNamespace(namespace).Get();
    return true;
  } catch {
    return false;
  }
});
const gauge = await K8s(Gauge).Create({ metadata: { name: "g", namespace }, spec: {} });
say("gauge", gauge.spec, gauge.metadata.generation);
await refusal("too high", () => K8s(Gauge).Apply({ metadata: { name: "g", namespace }, spec: { level: 11 } }));
await refusal("not a number", () => K8s(Gauge).Apply({ metadata: { name: "g", namespace }, spec: { level: "x" } }));
const told = await K8s(Gauge).PatchStatus({ metadata: { name: "g", namespace }, spec: {}, status: { phase: "Ready" } });
say("status", told.status, told.metadata.generation, managers(told));
await K8s(Gauge, { name: "g", namespace }).Finalize("add", "fluent.example.com/hold");
say("finalizers", (await K8s(Gauge).InNamespace(namespace).Get("g")).metadata.finalizers);
await K8s(Gauge).InNamespace(namespace).Delete("g");
say("held", (await K8s(Gauge).InNamespace(namespace).Get("g")).metadata.deletionTimestamp !== undefined);
await K8s(Gauge, { name: "g", namespace }).Finalize("remove", "fluent.example.com/hold");
await refusal("gone", () => K8s(Gauge).InNamespace(namespace).Get("g"));

// Workloads: a scale and an eviction.
const template = { metadata: { labels: { app: "w" } }, spec: { containers: [{ name: "c", image: "i" }] } };
await K8s(kind.Deployment).Apply({
  metadata: { name: "w", namespace },
  spec: { selector: { matchLabels: { app: "w" } }, template },
});
await K8s(kind.Deployment, { name: "w", namespace }).Scale(4);
const scaled = await K8s(kind.Deployment).InNamespace(namespace).Get("w");
say("scaled", scaled.spec.replicas, managers(scaled));
await K8s(kind.Pod).Create({ metadata: { name: "p", namespace }, spec: template.spec });
await K8s(kind.Pod).InNamespace(namespace).Evict("p");
await refusal("evicted", () => K8s(kind.Pod).InNamespace(namespace).Get("p"));

say("raw", (await K8s(kind.Namespace).Raw("/api")).versions);
watcher.close();
say("done");
process.exit(0);
