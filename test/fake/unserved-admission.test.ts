import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const MAPS = "/api/v1/namespaces/default/configmaps";

const unserved = suite("admission that the fake does not run");
let fake: FakeCluster;
const send = async (method: string, path: string, body?: unknown) => {
  const answer = await fake.fetch(
    new Request(`http://fake${path}`, {
      method,
      ...body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } },
    }),
  );
  return { status: answer.status, message: (await answer.json()).message as string };
};
const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };
const webhook = (more: object) => ({
  metadata: { name: "hooks" },
  webhooks: [{
    name: "w.example.com",
    clientConfig: { url: "https://example.com/w" },
    rules: [rule],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...more,
  }],
});
unserved.before.each(() => void (fake = createFakeCluster()));
unserved.after.each(() => fake.close());

for (const kind of ["mutating", "validating"]) {
  unserved(`a write that a ${kind} webhook is about is refused, and named; others are not`, async () => {
    const path = `${GROUP}/${kind}webhookconfigurations`;
    assert.is((await send("POST", path, webhook({ objectSelector: { matchLabels: { hooked: "yes" } } }))).status, 201);
    const { status, message } = await send("POST", MAPS, { metadata: { name: "a", labels: { hooked: "yes" } } });
    assert.is(status, 501);
    assert.match(message, `the webhook "w.example.com" of ${kind}webhookconfigurations "hooks"`);
    assert.is((await send("GET", `${MAPS}/a`)).status, 404);
    assert.is((await send("POST", MAPS, { metadata: { name: "b" } })).status, 201);
    assert.is((await send("PUT", `${MAPS}/b`, { metadata: { name: "b", labels: { hooked: "yes" } } })).status, 200);
    assert.is((await send("DELETE", `${path}/hooks`)).status, 200);
    assert.is((await send("POST", MAPS, { metadata: { name: "a", labels: { hooked: "yes" } } })).status, 201);
  });
}
unserved.run();
