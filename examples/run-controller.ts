/** A controller for Websites, on a fake cluster in this process: `npx tsx examples/run-controller.ts`, `npx deno run -P ...`. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { createFetchCluster } from "crd-watcher/fetch";
import { createFakeCluster } from "crd-watcher/fake";
import { controllerReference, ensure, runController, setCondition, updateStatus, withFinalizer } from "crd-watcher/runtime";
import type { Condition, KubernetesObject, Reconcile } from "crd-watcher/runtime";

interface Website extends KubernetesObject {
  readonly spec: { readonly title: string };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}
const WEBSITES = { group: "example.com", version: "v1", plural: "websites" };
const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps" };

const reconcile: Reconcile<Website> = async (_key, { object, cluster, owned, now }) => {
  if (!object) return; // gone, and with it what it owned
  await withFinalizer({
    ...{ cluster, resource: WEBSITES, object, finalizer: "example.com/published" },
    async apply(site) {
      const { name, namespace, generation } = site.metadata;
      const { result } = await ensure(cluster, CONFIG_MAPS, owned(CONFIG_MAPS)[0], {
        ...{ apiVersion: "v1", kind: "ConfigMap" },
        metadata: { name: `${name}-page`, namespace, ownerReferences: [controllerReference(site)] },
        data: { "index.html": `<h1>${site.spec.title}</h1>` },
      });
      const ready = { type: "Ready", status: "True", reason: "Published", observedGeneration: generation } as const;
      const conditions = setCondition(site.status?.conditions, ready, now);
      await updateStatus(cluster, WEBSITES, site, { observedGeneration: generation, conditions });
      if (result !== "unchanged") console.log(`${name}: page ${result}`);
    },
    cleanup: async ({ metadata }) => console.log(`${metadata.name}: taken off the air`), // what is outside of the cluster
  });
};

const crd = parse(await readFile(new URL("website-crd.yaml", import.meta.url), "utf8"));
const cluster = createFetchCluster(createFakeCluster({ crds: [crd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const what = { cluster, resource: WEBSITES, owns: [{ resource: CONFIG_MAPS }], namespace: "default", signal: ending.signal };
const controller = runController<Website>({ ...what, reconcile });

// From here on it plays the user.
const blog = { namespace: "default", name: "blog" };
const seen = async (holds: (site?: Website) => boolean) => {
  while (!holds(controller.store.get("default/blog"))) await new Promise((resolve) => setTimeout(resolve, 5));
};
const site = { apiVersion: "example.com/v1", kind: "Website", metadata: blog, spec: { title: "Hello" } };
await cluster.create(WEBSITES, site);
await seen((site) => site?.status?.observedGeneration === 1);
await cluster.patch(WEBSITES, blog, [{ op: "replace", path: "/spec/title", value: "Hello again" }]);
await seen((site) => site?.status?.observedGeneration === 2);
await cluster.delete(WEBSITES, blog);
await seen((site) => site === undefined);
ending.abort();
await controller.finished;
