import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: lists");

const names = (list: { items: { metadata: { name: string } }[] }) => list.items.map(({ metadata }) => metadata.name).join();

const setUp = async (options: { history?: number } = {}) => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: [widgets], clock, ...options });
  const client = clientOf(fake);
  for (const name of ["c", "a", "b"]) await client.post(widgetsPath, widget(name, { size: 1 }, { labels: { name } }));
  return { client, clock };
};

test("pages show the state of the first page", async () => {
  const { client } = await setUp();
  const first = (await client.get(`${widgetsPath}?limit=2`)).body;
  assert.equal([names(first), first.metadata.remainingItemCount], ["a,b", 1]);
  await client.delete(`${widgetsPath}/c`);
  await client.post(widgetsPath, widget("d"));
  const second = (await client.get(`${widgetsPath}?limit=2&continue=${first.metadata.continue}`)).body;
  assert.equal([names(second), second.metadata.continue], ["c", ""]);
  assert.is(second.metadata.resourceVersion, first.metadata.resourceVersion);
});

test("a token that is too old comes with one that goes on anyway", async () => {
  const { client } = await setUp({ history: 1 });
  const first = (await client.get(`${widgetsPath}?limit=1`)).body;
  for (const name of ["d", "e"]) await client.post(widgetsPath, widget(name));
  const gone = await client.get(`${widgetsPath}?limit=1&continue=${first.metadata.continue}`);
  assert.equal([gone.status, gone.body.reason], [410, "Expired"]);
  const rest = (await client.get(`${widgetsPath}?continue=${gone.body.metadata.continue}`)).body;
  assert.is(names(rest), "b,c,d,e");
});

test("Exact shows the past", async () => {
  const { client } = await setUp();
  const { metadata } = (await client.get(widgetsPath)).body;
  await client.delete(`${widgetsPath}/a`);
  await client.patch(`${widgetsPath}/b`, { spec: { size: 9 } });
  const past = (await client.get(`${widgetsPath}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`)).body;
  assert.equal([names(past), past.items[1].spec.size, past.metadata.resourceVersion], ["a,b,c", 1, metadata.resourceVersion]);
});

test("a version from the future is waited for, then refused", async () => {
  const { client, clock } = await setUp();
  const answer = client.get(`${widgetsPath}?resourceVersion=999`);
  await clock.advance(3000);
  const { status, body } = await answer;
  assert.equal([status, body.message.slice(0, 44)], [504, "Timeout: Too large resource version: 999, cu"]);
});

const refusals: [string, number, RegExp][] = [
  ["resourceVersion=abc", 400, /^invalid resource version: resourceVersion: Invalid value: "abc"/],
  ["limit=x", 400, /strconv.ParseInt: parsing "x": invalid syntax/],
  ["resourceVersionMatch=Exact", 422, /resourceVersionMatch is forbidden unless resourceVersion is provided/],
  ["sendInitialEvents=true", 422, /sendInitialEvents is forbidden for list/],
  ["continue=abc", 400, /^invalid continue token: continue key is not valid: /],
  ["labelSelector==", 400, /^found '=', expected: !, identifier, or 'end of string'$/],
  ["fieldSelector=spec.n%3D1", 400, /^field label not supported: spec.n$/],
];
for (const [query, code, message] of refusals) {
  test(`refused: ${query}`, async () => {
    const { client } = await setUp();
    const { status, body } = await client.get(`${widgetsPath}?${query}`);
    assert.is(status, code);
    assert.match(body.message, message);
  });
}

test("selectors", async () => {
  const { client } = await setUp();
  assert.is(names((await client.get(`${widgetsPath}?labelSelector=name+in+(a,c)`)).body), "a,c");
  assert.is(names((await client.get(`${widgetsPath}?fieldSelector=metadata.name%3Db`)).body), "b");
  assert.is(names((await client.get(`${widgetsPath}?fieldSelector=spec.color!%3Dred`)).body), "");
});

test("deletecollection answers what it found", async () => {
  const { client } = await setUp();
  const { body } = await client.delete(`${widgetsPath}?labelSelector=name!%3Db`);
  assert.equal([body.kind, names(body)], ["WidgetList", "a,c"]);
  assert.is(names((await client.get(widgetsPath)).body), "b");
});

test("Table, metadata only, YAML", async () => {
  const { client } = await setUp();
  const table = (await client.get(widgetsPath, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" })).body;
  assert.equal(table.rows.map(({ cells }: { cells: unknown[] }) => cells), [["a", 1, "0s"], ["b", 1, "0s"], ["c", 1, "0s"]]);
  const partial =
    (await client.get(widgetsPath, { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" })).body;
  assert.equal([partial.kind, partial.items[0].kind, partial.items[0].spec], [
    "PartialObjectMetadataList",
    "PartialObjectMetadata",
    undefined,
  ]);
  const yaml = await client.get(`${widgetsPath}/a`, { accept: "application/yaml" });
  assert.match(yaml.text, "kind: Widget\nmetadata:\n");
});

test("fault 2: a malformed field selector deletes objects: it is refused, and nothing is deleted", async () => {
  const { client } = await setUp();
  for (
    const [selector, fault] of [
      ["spec.color=re\\d", "invalid escape sequence: \\d"],
      ["spec.color=red\\", "invalid escape sequence: \\"],
      ["spec.color=a=b", "unescaped character in value: 61"],
    ]
  ) {
    const path = `${widgetsPath}?fieldSelector=${encodeURIComponent(selector!)}`;
    for (const method of ["DELETE", "GET"]) {
      const { status, body } = await client.ask(method, path);
      assert.equal([status, body.message], [400, `invalid field selector: ${fault}`], `${method} ${selector}`);
    }
  }
  assert.is(names((await client.get(widgetsPath)).body), "a,b,c");
  assert.is((await client.delete(`${widgetsPath}?fieldSelector=spec.color%3Dred`)).status, 200);
  assert.is(names((await client.get(widgetsPath)).body), "");
});

test.run();
