/** What the rules of this project's CRD say of an object that an older edition of it has let through. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { requestStateCrd } from "../../src/request-state-crd.ts";

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: readonly { readonly schema: unknown }[] };
}
const crd = requestStateCrd as Crd;

/** One that takes anything. */
const loose = {
  ...crd,
  spec: {
    ...crd.spec,
    versions: [{
      ...crd.spec.versions[0]!,
      selectableFields: undefined,
      additionalPrinterColumns: undefined,
      schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    }],
  },
};

const OBJECTS = "/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates";
const OWN = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;

const rules = suite("rules of the own CRD");
rules("a rule that cannot be evaluated is told by its sentence, not by its text", async () => {
  const fake = createFakeCluster({ crds: [loose] });
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = { "content-type": "application/json" };
    return await (await fake.fetch(new Request(`http://fake${path}`, { method, headers, body: JSON.stringify(body) }))).json();
  };
  const made = await send("POST", OBJECTS, {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "a" },
    spec: { "request-uid": "a", job: "JOB1", state: "STARTED" },
    status: "x",
  });
  const { metadata: { resourceVersion } } = await send("GET", OWN);
  await send("PUT", OWN, { ...crd, metadata: { ...crd.metadata, resourceVersion } });
  const answer = await send("PUT", `${OBJECTS}/a`, { ...made, metadata: { ...made.metadata, labels: { a: "b" } } });
  // A genuine 1.35 says the same.
  const why = 'Invalid value: "object": invalid data, expected a map for the provided schema with type=object evaluating rule: ';
  assert.equal(answer.details.causes.map(({ field, message }: { field: string; message: string }) => `${field} ${message}`), [
    `<nil> ${why}The flow is over, only its metadata and spec.ttlSecondsAfterFinished may still be changed`,
    `<nil> ${why}status.completionTime is set by the write that ends the flow, with the condition Finished; to end a flow set ` +
    "spec.desiredState to Cancelled",
    `<nil> ${why}status.history is append-only, and its last entry is the job and state that this write enters or leaves`,
    `status ${why}status.history is append-only: at most two entries are added by one write, none is changed or moved, and only the ` +
    "oldest are dropped, counted by status.historyDropped, while 32 stay",
  ]);
  fake.close();
});
rules.run();
