import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type CallConversion,
  type ConversionReview,
  type ConversionTarget,
  createFakeCluster,
  createVirtualClock,
  type FakeCluster,
} from "../../src/fake/mod.ts";
import type { Json, JsonObject } from "../../src/fake/types/json.ts";
import { crdOf } from "./conversion/cases.ts";
import { send } from "./client.ts";
import { answerTo, type Review } from "./conversion/converter.ts";

const GROUP = "example.com";
const CRD = crdOf(GROUP, {
  strategy: "Webhook",
  webhook: { conversionReviewVersions: ["v1"], clientConfig: { service: { namespace: "system", name: "webhook" } } },
});
const at = (version: string) => `/apis/${GROUP}/${version}/namespaces/default/widgets`;
const widget = (version: string, name: string, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: `${GROUP}/${version}`,
  kind: "Widget",
  metadata: { name, namespace: "default", ...metadata },
  spec: version === "v1" ? { hostPort: "h:1" } : { host: "h", port: "1" },
});

const convert: CallConversion = (review) => answerTo(review as unknown as Review, {});
const questions = (asked: readonly ConversionReview[]) =>
  asked.map(({ request }) => {
    const [object] = request.objects as { apiVersion: string; metadata: { name: string } }[];
    return `${object!.metadata.name}: ${object!.apiVersion.split("/")[1]} to ${request.desiredAPIVersion.split("/")[1]}`;
  });

/** A converter that notes what it is asked, and may be out of order. */
function watched(): { readonly call: CallConversion; readonly asked: ConversionReview[]; fails: string | undefined } {
  const asked: ConversionReview[] = [];
  const state = {
    asked,
    fails: undefined as string | undefined,
    call: ((review, webhook) => {
      asked.push(review);
      if (state.fails !== undefined && review.request.desiredAPIVersion.endsWith(state.fails)) throw new Error("out of order");
      return convert(review, webhook);
    }) as CallConversion,
  };
  return state;
}

async function* linesOf(fake: FakeCluster, path: string, signal: AbortSignal): AsyncGenerator<JsonObject> {
  const { body } = await fake.fetch(new Request(`http://fake${path}`, { signal }));
  let rest = "";
  for await (const chunk of body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as JsonObject;
  }
}
const told = ({ type, object }: JsonObject) => {
  const { metadata, spec } = object as { metadata: { name?: string }; spec?: Json };
  return `${type} ${metadata.name} ${JSON.stringify(spec)}`;
};

const conversion = suite("conversion by a function");

conversion("it is told which CRD it stands for, and answers with an object or a text", async () => {
  const targets: ConversionTarget[] = [];
  for (const read of [JSON.parse, String]) {
    const fake = createFakeCluster({
      crds: [CRD],
      conversions: (review, webhook) => {
        targets.push(webhook);
        return read(convert(review, webhook) as string) as unknown;
      },
    });
    assert.is((await send(fake, "POST", at("v1"), widget("v1", "a"))).status, 201);
    assert.equal((await send(fake, "GET", `${at("v2")}/a`)).body.spec, { dv2: "v2", host: "h", port: "1" });
    fake.close();
  }
  assert.equal(targets[0], {
    crd: "widgets.example.com",
    url: undefined,
    service: { namespace: "system", name: "webhook", path: "", port: 443 },
    caBundle: undefined,
    timeoutSeconds: 30,
  });
});

for (const [name, conversions] of [["without one", undefined], ["one that does not answer", () => undefined]] as const) {
  conversion(`${name}: what needs no conversion goes, the rest is refused with 501, and named`, async () => {
    const fake = createFakeCluster({ crds: [CRD], ...conversions && { conversions } });
    assert.is((await send(fake, "POST", at("v2"), widget("v2", "a"))).status, 201);
    assert.is((await send(fake, "GET", at("v2"))).body.items.length, 1);
    for (
      const [method, path, body] of [
        ["POST", at("v1"), widget("v1", "b")],
        ["GET", `${at("v1")}/a`],
        ["GET", at("v1")],
        ["PATCH", `${at("v3")}/a`, {}],
        ["DELETE", `${at("v1")}/a`],
      ] as const
    ) {
      const { status, body: said } = await send(fake, method, path, body);
      assert.is(status, 501, `${method} ${path}`);
      assert.match(said.message, `the conversion webhook of customresourcedefinitions "widgets.example.com"`);
    }
    const lines = linesOf(fake, `${at("v1")}?watch=1`, new AbortController().signal);
    const { value } = await lines.next() as { value: JsonObject };
    assert.equal([value.type, (value.object as JsonObject).code], ["ERROR", 501]);
    assert.ok((await lines.next()).done);
    assert.equal((await send(fake, "GET", at("v2"))).body.items.length, 1);
    fake.close();
  });
}

conversion("one that throws, or does not answer for 30 seconds on the cluster's clock, fails the request", async () => {
  const clock = createVirtualClock();
  const broken = createFakeCluster({
    crds: [CRD],
    objects: [widget("v2", "a")],
    conversions: () => {
      throw new Error("out of order");
    },
  });
  assert.equal(await send(broken, "GET", `${at("v1")}/a`).then(({ status, body }) => [status, body.message]), [
    500,
    "conversion webhook for example.com/v2, Kind=Widget failed: out of order",
  ]);
  broken.close();
  const fake = createFakeCluster({ crds: [CRD], objects: [widget("v2", "a")], clock, conversions: () => new Promise(() => {}) });
  const answer = send(fake, "GET", `${at("v1")}/a`);
  await clock.advance(29_999);
  assert.is((await send(fake, "GET", `${at("v2")}/a`)).status, 200);
  await clock.advance(1);
  assert.match((await answer).body.message, "failed: context deadline exceeded");
  fake.close();
});

conversion("one object is asked about at a time; what was listed once is known until it is written", async () => {
  const { call, asked } = watched();
  const fake = createFakeCluster({
    crds: [CRD],
    objects: ["a", "b", "c"].map((name) => widget("v2", name)),
    conversions: call,
  });
  const listed = async (version: string) => {
    asked.length = 0;
    assert.is((await send(fake, "GET", at(version))).body.items.length, 3);
    return questions(asked);
  };
  assert.equal(await listed("v2"), []);
  assert.equal(await listed("v1"), ["a: v2 to v1", "b: v2 to v1", "c: v2 to v1"]);
  assert.equal(await listed("v1"), []);
  assert.equal(await listed("v3"), ["a: v2 to v3", "b: v2 to v3", "c: v2 to v3"]);
  await send(fake, "PATCH", `${at("v2")}/b`, { spec: { n: 1 } });
  assert.equal(await listed("v1"), ["b: v2 to v1"]);
  asked.length = 0;
  for (let time = 0; time < 2; time++) await send(fake, "GET", `${at("v1")}/a`);
  assert.equal(questions(asked), ["a: v2 to v1", "a: v2 to v1"]);
  fake.close();
});

conversion("objects from the start are stored as they are given, and in the storage version once they are written", async () => {
  const { call, asked } = watched();
  const fake = createFakeCluster({ crds: [CRD], objects: [widget("v1", "a")], conversions: call });
  assert.equal((await send(fake, "GET", `${at("v1")}/a`)).body.spec, { dv1: "v1", hostPort: "h:1" });
  assert.equal(questions(asked), []);
  assert.equal((await send(fake, "GET", `${at("v2")}/a`)).body.spec, { host: "h", port: "1" });
  assert.equal(questions(asked), ["a: v1 to v2"]);
  await send(fake, "PATCH", `${at("v1")}/a`, {});
  asked.length = 0;
  assert.equal((await send(fake, "GET", `${at("v2")}/a`)).body.spec, { dv2: "v2", host: "h", port: "1" });
  assert.equal(questions(asked), []);
  fake.close();
});

conversion("a watch waits for a converter that is out of order, and goes on where it was, in order", async () => {
  const clock = createVirtualClock();
  const state = watched();
  const fake = createFakeCluster({ crds: [CRD], objects: [widget("v2", "a")], conversions: state.call, clock });
  const controller = new AbortController();
  const lines = linesOf(fake, `${at("v1")}?watch=1`, controller.signal);
  const next = async () => told((await lines.next()).value as JsonObject);
  assert.is(await next(), `ADDED a {"hostPort":"h:1"}`);
  state.fails = "v1";
  await send(fake, "POST", at("v2"), widget("v2", "b"));
  await send(fake, "PATCH", `${at("v2")}/a`, { spec: { port: "2" } });
  await send(fake, "DELETE", `${at("v2")}/b`);
  let seen = "";
  const first = next().then((line) => seen = line);
  await clock.advance(5_000);
  assert.is(seen, "");
  state.fails = undefined;
  await clock.advance(1_000);
  assert.equal([await first, await next(), await next()], [
    `ADDED b {"hostPort":"h:1"}`,
    `MODIFIED a {"hostPort":"h:2"}`,
    `DELETED b {"hostPort":"h:1"}`,
  ]);
  controller.abort();
  fake.close();
});

conversion("a write in between: the patch is made anew of what is there then", async () => {
  const state = watched();
  let once = true;
  const fake: FakeCluster = createFakeCluster({
    crds: [CRD],
    objects: [widget("v2", "a")],
    conversions: async (review, webhook) => {
      if (once && review.request.desiredAPIVersion.endsWith("v2")) {
        once = false;
        await send(fake, "PATCH", `${at("v2")}/a`, { spec: { port: "9" } });
      }
      return state.call(review, webhook);
    },
  });
  const { status, body } = await send(fake, "PATCH", `${at("v1")}/a`, { spec: { n: 7 } });
  assert.equal([status, body.spec], [200, { hostPort: "h:9", n: 7 }]);
  fake.close();
});

conversion("a collection with finalizers is deleted in another version; a namespace without asking", async () => {
  const state = watched();
  const objects = ["a", "b"].map((name) => widget("v2", name, { finalizers: ["example.com/f"] }));
  const fake = createFakeCluster({ crds: [CRD], objects: [...objects, widget("v1", "c")], conversions: state.call });
  const { status, body } = await send(fake, "DELETE", at("v3"));
  assert.equal([status, body.items.length], [200, 3]);
  const left = (await send(fake, "GET", at("v1"))).body.items as { metadata: { name: string; deletionTimestamp?: string } }[];
  assert.equal(left.map(({ metadata }) => [metadata.name, metadata.deletionTimestamp !== undefined]), [["a", true], ["b", true]]);
  for (const name of ["a", "b"]) await send(fake, "PATCH", `${at("v3")}/${name}`, { metadata: { finalizers: null } });
  assert.is((await send(fake, "GET", at("v2"))).body.items.length, 0);
  const other = createFakeCluster({
    crds: [CRD],
    objects: [{ ...widget("v1", "a"), metadata: { name: "a", namespace: "gone" } }],
  });
  await send(other, "DELETE", "/api/v1/namespaces/gone");
  assert.is((await send(other, "GET", `/apis/${GROUP}/v2/widgets`)).body.items.length, 0);
  for (const each of [fake, other]) each.close();
});

conversion("integers beyond 2^53 would lose digits: refused with 501, and nothing is stored", async () => {
  const fake = createFakeCluster({ crds: [CRD], conversions: convert });
  const answer = await fake.fetch(
    new Request(`http://fake${at("v1")}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"n":9007199254740993}}',
    }),
  );
  assert.is(answer.status, 501);
  assert.match((await answer.json()).message, "integers beyond 2^53");
  assert.is((await send(fake, "GET", at("v2"))).body.items.length, 0);
  fake.close();
});

conversion("a snapshot keeps what is stored, in the version that it is stored in", async () => {
  const state = watched();
  const fake = createFakeCluster({ crds: [CRD], objects: [widget("v1", "a")], conversions: state.call });
  const other = createFakeCluster({ conversions: state.call });
  other.restore(JSON.parse(JSON.stringify(fake.snapshot())));
  assert.equal((await send(other, "GET", `${at("v3")}/a`)).body.spec, { address: { host: "h", port: "1" } });
  assert.equal(questions(state.asked), ["a: v1 to v3"]);
  for (const each of [fake, other]) each.close();
});

conversion.run();
