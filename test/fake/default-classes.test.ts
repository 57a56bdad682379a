// What a genuine 1.35.4 answered to the same requests: classes of the whole cluster would change what other scenarios record.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { clientOf } from "./client.ts";

const test = suite("classes that are meant where none is named");

async function scene() {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock });
  const client = clientOf(fake);
  const annotations = (name: string) => ({ [`${name}.kubernetes.io/is-default-class`]: "true" });
  const storageClass = (name: string) =>
    client.post("/apis/storage.k8s.io/v1/storageclasses", {
      metadata: { name, annotations: annotations("storageclass") },
      provisioner: "x",
    });
  const claim = async (spec: object = {}, metadata: object = {}) => {
    const resources = { requests: { storage: "1Gi" } };
    const { body } = await client.post("/api/v1/namespaces/default/persistentvolumeclaims?dryRun=All", {
      metadata: { name: "c", ...metadata },
      spec: { accessModes: ["ReadWriteOnce"], resources, ...spec },
    });
    return body;
  };
  return { clock, fake, client, annotations, storageClass, claim };
}

test("claims get the newest class of storage, and of those of one second the first by name", async () => {
  const { clock, fake, storageClass, claim } = await scene();
  assert.is((await claim()).spec.storageClassName, undefined);
  await storageClass("b");
  await storageClass("a");
  assert.is((await claim()).spec.storageClassName, "a");
  await clock.advance(1000);
  await storageClass("c");
  assert.is((await claim()).spec.storageClassName, "c");
  fake.close();
});

test("claims that say which class they want, even if none, keep it, and nobody owns what was added", async () => {
  const { fake, storageClass, claim } = await scene();
  await storageClass("a");
  assert.is((await claim({ storageClassName: "" })).spec.storageClassName, "");
  const annotations = { "volume.beta.kubernetes.io/storage-class": "z" };
  assert.is((await claim({}, { annotations })).spec.storageClassName, undefined);
  assert.not.match(JSON.stringify((await claim()).metadata.managedFields), "storageClassName");
  fake.close();
});

test("ingresses get a class, but for those with the annotation of old", async () => {
  const { fake, client, annotations } = await scene();
  await client.post("/apis/networking.k8s.io/v1/ingressclasses", {
    metadata: { name: "i", annotations: annotations("ingressclass") },
    spec: { controller: "x.y/z" },
  });
  const ingress = async (metadata: object) => {
    const { body } = await client.post("/apis/networking.k8s.io/v1/namespaces/default/ingresses?dryRun=All", {
      metadata: { name: "c", ...metadata },
      spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } },
    });
    return body.spec.ingressClassName;
  };
  assert.is(await ingress({}), "i");
  assert.is(await ingress({ annotations: { "kubernetes.io/ingress.class": "z" } }), undefined);
  fake.close();
});

test("there is one class of priorities for pods that name none, and no second one", async () => {
  const { fake, client } = await scene();
  const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
  assert.is((await client.post(classes, { metadata: { name: "p" }, value: 5, globalDefault: true })).status, 201);
  const second = await client.post(classes, { metadata: { name: "q" }, value: 6, globalDefault: true });
  assert.equal([second.status, second.body.message], [
    403,
    'priorityclasses.scheduling.k8s.io "q" is forbidden: PriorityClass p is already marked as default. Only one default can exist',
  ]);
  assert.is((await client.patch(`${classes}/p`, { description: "x", globalDefault: true }, "merge")).status, 200);
  const { body } = await client.post("/api/v1/namespaces/default/pods?dryRun=All", {
    metadata: { name: "c" },
    spec: { containers: [{ name: "a", image: "i" }] },
  });
  assert.equal([body.spec.priorityClassName, body.spec.priority], ["p", 5]);
  fake.close();
});

test("where a cluster is set up, limits of its namespaces change nothing, and quotas count nothing", async () => {
  const metadata = { name: "a", namespace: "default" };
  const hard = { pods: "0" };
  const fake = createFakeCluster({
    objects: [
      { apiVersion: "v1", kind: "LimitRange", metadata, spec: { limits: [{ type: "Container", default: { cpu: "1" } }] } },
      { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard }, status: { hard, used: hard } },
      { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "a", image: "i" }] } },
    ],
  });
  const { body } = await clientOf(fake).get("/api/v1/namespaces/default/pods/a");
  assert.equal([body.spec.containers[0].resources, body.spec.priority], [{}, 0]);
  fake.close();
});

test.run();
