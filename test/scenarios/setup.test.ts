import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkSetup } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { crd, createScenario } from "../support/scenario.ts";

const setup = suite("scenario: checking the setup");

setup("finds nothing to complain of, writes nothing and leaves nothing open", async () => {
  const story = createScenario();
  await checkSetup(story.connect(), { namespace: "default", writes: ["create", "patch"], clock: story.clock });
  assert.equal(story.writes(), []);
  await story.clock.settle();
  assert.is(story.clock.pending, 0);
});

setup("asks everything at once", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  let waiting = 0;
  const all = Promise.withResolvers<void>();
  const cluster = createFetchCluster(async (request) => {
    if (++waiting === 5) all.resolve(); // list, watch, namespace, create, patch
    await all.promise;
    return await fake.fetch(request);
  });
  await checkSetup(cluster, { namespace: "default", writes: ["create", "patch"] });
  assert.is(waiting, 5);
  fake.close();
});

setup("a director that contends for the lead needs the rights to leases, and so does a worker", async () => {
  const fake = createFakeCluster({
    crds: [crd],
    tokens: { t: { user: "ann", allow: ({ verb, resource }) => !(resource === "leases" && verb === "update") } },
  });
  const cluster = createFetchCluster((request) => {
    const authorized = new Request(request);
    authorized.headers.set("authorization", "Bearer t");
    return fake.fetch(authorized);
  });
  await checkSetup(cluster, { namespace: "default", writes: ["patch"] });
  const said = await checkSetup(cluster, { namespace: "default", writes: ["patch"], leases: "lead" }).catch(String);
  assert.is(
    said,
    'SetupError: This user cannot update resource "leases" in API group "coordination.k8s.io" in the namespace "default": ' +
      "grant it to this user, docs/operations.md lists all verbs that are needed, or run a single director with --leader-elect=false",
  );
  const worker = await checkSetup(cluster, { namespace: "default", writes: ["patch"], leases: "live" }).catch(String);
  assert.is(
    worker,
    'SetupError: This user cannot update resource "leases" in API group "coordination.k8s.io" in the namespace "default": ' +
      "grant it to this user, docs/operations.md lists all verbs that are needed",
  );
  fake.close();
});

const editionOfTheReference = structuredClone(crd) as { spec: { versions: { selectableFields?: unknown }[] } };
delete editionOfTheReference.spec.versions[0]!.selectableFields;
const allow = (user: string, verbs: string[]) => ({
  [`${user}-token`]: { user, allow: ({ verb }: { verb: string }) => verbs.includes(verb) },
});

const complaints: Record<string, [Parameters<typeof createFakeCluster>[0], string, RegExp]> = {
  "a cluster without the resource": [
    {},
    "default",
    /^The server http:\/\/cluster.invalid does not serve requeststates.com.redhat.ecosystem.sample\/v1: install the resource with "kubectl apply -f node_modules\/crd-watcher\/crds" \(in a checkout: -f crds\)$/,
  ],
  "another edition of the resource": [
    { crds: [editionOfTheReference] },
    "default",
    /serves another edition of requeststates \(field label not supported: status.completionTime\): install this one with "kubectl apply -f node_modules\/crd-watcher\/crds" \(in a checkout: -f crds\)$/,
  ],
  "a namespace that does not exist": [
    { crds: [crd] },
    "shop",
    /^Namespace "shop" does not exist: create it with "kubectl create namespace shop"$/,
  ],
  "no right to watch": [
    { crds: [crd], tokens: allow("ann", ["list", "get"]) },
    "default",
    /User "ann" cannot watch resource "requeststates" in API group "com.redhat.ecosystem.sample" in the namespace "default": grant it to this user/,
  ],
  "no right to patch": [
    { crds: [crd], tokens: allow("ann", ["list", "get", "watch", "create"]) },
    "default",
    /This user cannot patch resource "requeststates" in API group "com.redhat.ecosystem.sample" in the namespace "default": grant it to this user/,
  ],
  "a token that is not known": [
    { crds: [crd], tokens: {} },
    "default",
    /: Unauthorized: the server does not accept these credentials/,
  ],
};
for (const [what, [options, namespace, sentence]] of Object.entries(complaints)) {
  setup(`complains of ${what}`, async () => {
    const fake = createFakeCluster(options);
    const cluster = createFetchCluster((request) => {
      const authorized = new Request(request);
      if (options?.tokens) authorized.headers.set("authorization", "Bearer ann-token");
      return fake.fetch(authorized);
    });
    let said = "";
    await checkSetup(cluster, { namespace, writes: ["create", "patch"] }).catch((error: Error) =>
      said = `${error.name} ${error.message}`
    );
    assert.match(said.replace("SetupError ", ""), sentence);
    assert.match(said, /^SetupError /);
    fake.close();
  });
}
setup.run();
