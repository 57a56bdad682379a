import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type CallWebhook,
  createFakeCluster,
  createVirtualClock,
  type FakeCluster,
  type WebhookTarget,
} from "../../src/fake/mod.ts";
import { callWebhooks } from "../../src/fake/server.ts";
import { send } from "./client.ts";
import { createCertificate } from "../../src/fake/http/certificate.ts";

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const MAPS = "/api/v1/namespaces/default/configmaps";

/** A configuration of one webhook, about config maps. */
const hook = (more: object = {}) => ({
  metadata: { name: "hooks" },
  webhooks: [{
    name: "maps.example.com",
    clientConfig: { url: "https://127.0.0.1:1/maps" },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["configmaps"] }],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    timeoutSeconds: 3,
    ...more,
  }],
});

interface Review {
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly object: { readonly data?: Record<string, string> };
  };
}

const says = (review: object, response: object = {}) => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  response: { uid: (review as Review).request.uid, allowed: true, ...response },
});
const patch = (...operations: object[]) => ({ patchType: "JSONPatch", patch: btoa(JSON.stringify(operations)) });

const webhooks = suite("webhooks that are functions");
const kinds = { mutating: "mutatingwebhookconfigurations", validating: "validatingwebhookconfigurations" } as const;

async function withHook(kind: keyof typeof kinds, webhooks: CallWebhook, more: object = {}, options: object = {}) {
  const fake = createFakeCluster({ webhooks, ...options });
  assert.is((await send(fake, "POST", `${GROUP}/${kinds[kind]}`, hook(more))).status, 201);
  return fake;
}

webhooks("a function is told which webhook it stands for, and changes what is written", async () => {
  const seen: WebhookTarget[] = [];
  const fake = await withHook("mutating", (review, webhook) => {
    seen.push(webhook);
    return says(review, patch({ op: "add", path: "/data", value: { by: webhook.name } }));
  });
  const made = await send(fake, "POST", MAPS, { metadata: { name: "a" } });
  assert.equal([made.status, made.body.data], [201, { by: "maps.example.com" }]);
  assert.equal(seen, [{
    name: "maps.example.com",
    configuration: "hooks",
    mutating: true,
    url: "https://127.0.0.1:1/maps",
    service: undefined,
    caBundle: undefined,
    timeoutSeconds: 3,
  }]);
  fake.close();
});

webhooks("what the function does not answer is refused with 501, and named", async () => {
  const fake = await withHook("validating", () => undefined);
  const { status, body } = await send(fake, "POST", MAPS, { metadata: { name: "a" } });
  assert.is(status, 501);
  assert.match(body.message, `the webhook "maps.example.com" of validatingwebhookconfigurations "hooks"`);
  fake.close();
});

for (const failurePolicy of ["Fail", "Ignore"]) {
  webhooks(`one that throws, ${failurePolicy}`, async () => {
    const fake = await withHook("validating", () => {
      throw new Error("out of order");
    }, { failurePolicy });
    const { status, body } = await send(fake, "POST", MAPS, { metadata: { name: "a" } });
    if (failurePolicy === "Ignore") assert.is(status, 201);
    else {
      assert.is(status, 500);
      assert.match(body.message, `failed calling webhook "maps.example.com": failed to call webhook: out of order`);
    }
    fake.close();
  });
}

webhooks("one that does not answer fails after its timeout, on the cluster's clock", async () => {
  const clock = createVirtualClock();
  const fake = await withHook("validating", () => new Promise(() => {}), {}, { clock });
  const answer = send(fake, "POST", MAPS, { metadata: { name: "a" } });
  await clock.advance(2_999);
  assert.is((await send(fake, "GET", `${MAPS}/a`)).status, 404);
  await clock.advance(1);
  assert.match((await answer).body.message, "context deadline exceeded");
  fake.close();
});

webhooks("a write in between: the patch is made anew of what is there then, and the webhook asked again", async () => {
  const seen: unknown[] = [];
  const fake: FakeCluster = await withHook("validating", async (review) => {
    const { request } = review as unknown as Review;
    seen.push(request.object.data);
    if (request.object.data?.["slow"] && seen.length === 2) await send(fake, "PATCH", `${MAPS}/a`, { data: { quick: "1" } });
    return says(review);
  });
  await send(fake, "POST", MAPS, { metadata: { name: "a" } });
  const { status, body } = await send(fake, "PATCH", `${MAPS}/a`, { data: { slow: "1" } });
  assert.equal([status, body.data], [200, { slow: "1", quick: "1" }]);
  assert.equal(seen, [undefined, { slow: "1" }, { quick: "1" }, { slow: "1", quick: "1" }]);
  fake.close();
});

webhooks("a new object is made once, with the uid and the generated name that the webhook has seen", async () => {
  const seen: { readonly uid: string; readonly name: string }[] = [];
  const fake = await withHook("validating", (review) => {
    seen.push(
      (review as unknown as { request: { object: { metadata: { uid: string; name: string } } } }).request.object.metadata,
    );
    return says(review);
  });
  const { body } = await send(fake, "POST", MAPS, { metadata: { generateName: "a-" } });
  assert.equal(seen.map(({ uid, name }) => [uid, name]), [[body.metadata.uid, body.metadata.name]]);
  assert.is((await send(fake, "GET", MAPS)).body.items.length, 1);
  fake.close();
});

webhooks("numbers beyond 2^53: what is stored keeps its digits, a function is shown what JSON.parse gives", async () => {
  const seen: unknown[] = [];
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      }],
    },
  };
  const rules = [{ apiGroups: ["example.com"], apiVersions: ["v1"], operations: ["*"], resources: ["widgets"] }];
  const fake = await withHook(
    "mutating",
    (review) => {
      seen.push((review.request as unknown as { object: { n: number } }).object.n);
      return says(review, patch({ op: "add", path: "/label", value: "seen" }));
    },
    { rules },
    { crds: [crd] },
  );
  const path = "/apis/example.com/v1/namespaces/default/widgets";
  const answer = await fake.fetch(
    new Request(`http://fake${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"n":9007199254740993}',
    }),
  );
  const text = await answer.text();
  assert.is(answer.status, 201, text);
  assert.match(text, /"label":"seen"/);
  assert.match(text, /"n":9007199254740993\b/);
  assert.equal(seen, [9007199254740992]);
  fake.close();
});

webhooks("a collection is deleted up to the object that may not be", async () => {
  const fake = await withHook("validating", (review) => {
    const { operation, oldObject } =
      (review as unknown as { request: { operation: string; oldObject?: { data?: object } } }).request;
    return says(review, { allowed: operation !== "DELETE" || oldObject?.data === undefined });
  });
  for (const name of ["a", "b", "c"]) {
    await send(fake, "POST", MAPS, { metadata: { name }, ...name === "b" && { data: { keep: "1" } } });
  }
  assert.is((await send(fake, "DELETE", MAPS)).status, 400);
  const left = (await send(fake, "GET", MAPS)).body.items as { readonly metadata: { readonly name: string } }[];
  assert.equal(left.map(({ metadata }) => metadata.name), ["b", "c"]);
  fake.close();
});

webhooks("what is there from the start is not asked about", async () => {
  const asked: string[] = [];
  const configuration = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration", ...hook() };
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } };
  const fake = createFakeCluster({
    objects: [configuration, map],
    webhooks: (review, { name }) => (asked.push(name), says(review)),
  });
  assert.equal(asked, []);
  await send(fake, "PATCH", `${MAPS}/a`, { data: { x: "1" } });
  assert.equal(asked, ["maps.example.com"]);
  fake.close();
});

webhooks("a service is asked where it is said to be, by the name of its certificate", async () => {
  const { key, cert, ca } = createCertificate();
  const paths: string[] = [];
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    paths.push(incoming.url!);
    let text = "";
    incoming.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    incoming.on("end", () => void outgoing.end(JSON.stringify(says(JSON.parse(text)))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service = { namespace: "system", name: "webhook", path: "/maps" };
  const known = await withHook("validating", callWebhooks({ services: { "system/webhook": url } }), {
    clientConfig: { service, caBundle: btoa(ca) },
  });
  const { status, body } = await send(known, "POST", MAPS, { metadata: { name: "a" } });
  // The certificate is for 127.0.0.1 and localhost: a genuine server would refuse it, too.
  assert.is(status, 500);
  assert.match(body.message, /failed to call webhook: Post "https:\/\/webhook.system.svc:443\/maps\?timeout=3s": /);
  assert.equal(paths, []);
  const unknown = await withHook("validating", callWebhooks(), { clientConfig: { service, caBundle: btoa(ca) } });
  const refused = await send(unknown, "POST", MAPS, { metadata: { name: "a" } });
  assert.match(refused.body.message, `Post "https://webhook.system.svc:443/maps?timeout=3s": service "webhook" not found`);
  for (const fake of [known, unknown]) fake.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});
webhooks.run();
