// What a genuine 1.35.4 with --allow-privileged answered to the same requests: the servers that scenarios are recorded from refuse
// privileged containers before their level of security is asked for.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { clientOf } from "./client.ts";

const test = suite("levels of pod security");
const label = (name: string) => `pod-security.kubernetes.io/${name}`;

async function scene(labels: Record<string, string>) {
  const fake = createFakeCluster();
  const client = clientOf(fake);
  const named = Object.fromEntries(Object.entries(labels).map(([name, value]) => [label(name), value]));
  await client.post("/api/v1/namespaces", { metadata: { name: "a", labels: named } });
  const pod = async (spec: object, metadata: object = {}) => {
    const { headers, status, body } = await client.post("/api/v1/namespaces/a/pods", {
      metadata: { generateName: "p-", ...metadata },
      spec,
    });
    return { status, message: body.message, warning: headers.get("warning")?.replaceAll('\\"', "'") };
  };
  return { fake, client, pod };
}

const privileged = { securityContext: { privileged: true } };
const hostProcess = { securityContext: { windowsOptions: { hostProcess: true } } };
const both = ["a", "b"].map((name) => ({ name, image: "i" }));

test("privileged containers", async () => {
  const { fake, pod } = await scene({ warn: "restricted", "warn-version": "v1.0" });
  const { status, warning } = await pod({ containers: both.map((each) => ({ ...each, ...privileged })) });
  assert.is(status, 201);
  assert.is(
    warning,
    `299 - "would violate PodSecurity 'restricted:v1.0': privileged (containers 'a', 'b' must not set securityContext.privileged=true), ` +
      `runAsNonRoot != true (pod or containers 'a', 'b' must set securityContext.runAsNonRoot=true)"`,
  );
  fake.close();
});

test("processes of the host", async () => {
  const { fake, pod } = await scene({ warn: "restricted", "warn-version": "v1.0" });
  const windows = { hostNetwork: true, os: { name: "windows" } };
  const [one, other] = both;
  const rest = "runAsNonRoot != true (pod or containers 'a', 'b' must set securityContext.runAsNonRoot=true)";
  const says = (who: string) =>
    `299 - "would violate PodSecurity 'restricted:v1.0': host namespaces (hostNetwork=true), ` +
    `hostProcess (${who} must not set securityContext.windowsOptions.hostProcess=true), ${rest}"`;
  assert.is(
    (await pod({ ...windows, ...hostProcess, containers: [{ ...one, ...hostProcess }, other] })).warning,
    says("pod and container 'a'"),
  );
  assert.is(
    (await pod({ ...windows, containers: both.map((each) => ({ ...each, ...hostProcess })) })).warning,
    says("containers 'a', 'b'"),
  );
  fake.close();
});

test("filters that annotations name, before there was a field for it", async () => {
  const { fake, pod } = await scene({ warn: "baseline", "warn-version": "v1.18" });
  const own = "seccomp.security.alpha.kubernetes.io/pod";
  const ofContainer = "container.seccomp.security.alpha.kubernetes.io/a";
  const spec = { containers: [{ name: "a", image: "i" }] };
  const says = (words: string) => `299 - "would violate PodSecurity 'baseline:v1.18': seccompProfile (${words})"`;
  // The genuine server warns of the annotations themselves before that.
  const last = async (annotations: object) => (await pod(spec, { annotations })).warning?.replace(/^.*(?=299 - "would)/, "");
  assert.is(await last({ [own]: "unconfined" }), says(`forbidden annotation ${own}='unconfined'`));
  assert.is(
    await last({ [own]: "unconfined", [ofContainer]: "unconfined" }),
    says(`forbidden annotations ${ofContainer}='unconfined', ${own}='unconfined'`),
  );
  for (const sound of ["runtime/default", "localhost/x", "docker/default"]) {
    const warned = await last({ [own]: sound });
    assert.is(warned?.includes("would violate") ?? false, false);
  }
  fake.close();
});

test("a cluster that is set up holds what nobody might make, and labels that are no good stay", async () => {
  const metadata = { name: "a", labels: { [label("enforce")]: "restricted", [label("warn")]: "foo" } };
  const pod = { metadata: { name: "p", namespace: "a" }, spec: { containers: [{ name: "c", image: "i" }] } };
  const fake = createFakeCluster({
    objects: [{ apiVersion: "v1", kind: "Namespace", metadata }, { apiVersion: "v1", kind: "Pod", ...pod }],
  });
  const client = clientOf(fake);
  assert.is((await client.get("/api/v1/namespaces/a/pods/p")).status, 200);
  assert.is((await client.post("/api/v1/namespaces/a/pods", { ...pod, metadata: { name: "q" } })).status, 403);
  assert.is((await client.patch("/api/v1/namespaces/a", { metadata: { labels: { x: "y" } } })).status, 200);
  fake.close();
});

test.run();
