import { suite } from "uvu";
import * as assert from "uvu/assert";
import { impatient } from "../../cli/impatient.ts";
import { type Cluster, createVirtualClock, REQUEST_STATES } from "../../mod.ts";
import { createScenario } from "../support/scenario.ts";

const test = suite("a server that does not answer");
test("is told of after 5 s, once for each call; each page is an answer", async () => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const log = { debug() {}, info() {}, warn: (text: string) => void told.push(text), error() {} };
  let answer = () => {};
  const page = { resourceVersion: "1", items: [] };
  const hanging = { server: "https://shop:6443" } as Cluster;
  const cluster = impatient({
    ...hanging,
    get: () => new Promise((resolve) => answer = () => resolve({} as never)),
    async list(_resource, { onPage } = {}) {
      for (let pages = 0; pages < 3; pages++) {
        await clock.advance(4_000);
        onPage?.(page);
      }
      return page;
    },
  }, { log, clock });

  const getting = cluster.get(REQUEST_STATES, { namespace: "shop", name: "a" });
  await clock.advance(4_999);
  assert.equal(told, []);
  await clock.advance(60_000);
  assert.equal(told, ["Waiting for https://shop:6443: no answer for 5 s about requeststates"]);
  answer();
  await getting;
  told.length = 0;
  await cluster.list(REQUEST_STATES, { onPage() {} });
  assert.equal(told, []);
  await cluster.list(REQUEST_STATES);
  assert.is(told.length, 1);
  await clock.advance(60_000);
  assert.is(told.length, 1);
});

test("hands every call on, with what it is given and what comes back", async () => {
  const { connect } = createScenario();
  const cluster = impatient(connect(), { log: { debug() {}, info() {}, warn() {}, error() {} } });
  const configMaps = { group: "", version: "v1", plural: "configmaps" };
  const key = { namespace: "default", name: "a" };
  const made = { apiVersion: "v1", kind: "ConfigMap", metadata: key };
  await cluster.create(configMaps, made);
  await cluster.patch(configMaps, key, [{ op: "add", path: "/data", value: { a: "1" } }]);
  const found = await cluster.get<typeof made & { data: object } & { metadata: { resourceVersion: string; uid: string } }>(
    configMaps,
    key,
  );
  assert.equal(found.data, { a: "1" });
  await cluster.replace(configMaps, { ...found, data: { a: "2" } } as never);
  assert.is((await cluster.list(configMaps, { namespace: "default" })).items.length, 1);
  await cluster.delete(configMaps, key);
  assert.is((await cluster.list(configMaps, { namespace: "default" })).items.length, 0);
});
test.run();
