import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, createVirtualClock, type Snapshot } from "../../src/fake/mod.ts";
import { parseManifests } from "../../src/fake/manifests.ts";
import { readYamlNumber } from "../../src/fake/http/yaml-numbers.ts";
import { goNumber } from "../../src/fake/types/go-value.ts";
import { isInteger, Numeral, readNumber, settledNumber } from "../../src/fake/types/numeral.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const setUp = (objects: readonly object[] = []) => {
  const fake = createFakeCluster({ crds: [widgets], objects, clock: createVirtualClock(Date.UTC(2026, 0, 1)), seed: 7 });
  return { fake, client: clientOf(fake) };
};
/** A widget as text, with what is written as it is in a member that no schema looks at. */
const withFree = (free: string, more = "") =>
  `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"${more}},"spec":{"size":1,"free":${free}}}`;
const freeIn = (text: string) => /"free":(\{[^}]*\})/.exec(text)?.[1];

const test = suite("fake: numbers as Go has them");

// [as it is written, its type in Go, as `%v` prints it, as it is stored]: fixtures/recordings/numbers has the server's answers.
const numbers: readonly (readonly [string, "int64" | "float64", string, string])[] = [
  ["0", "int64", "0", "0"],
  ["-0", "int64", "0", "0"],
  ["-0.0", "float64", "-0", "0"],
  ["1", "int64", "1", "1"],
  ["1.0", "float64", "1", "1"],
  ["10e-1", "float64", "1", "1"],
  ["1e3", "float64", "1000", "1000"],
  ["1E+6", "float64", "1e+06", "1000000"],
  ["1234567.5", "float64", "1.2345675e+06", "1234567.5"],
  ["1.50", "float64", "1.5", "1.5"],
  ["0.1e-400", "float64", "0", "0"],
  ["0.00001", "float64", "1e-05", "0.00001"],
  ["9007199254740991", "int64", "9007199254740991", "9007199254740991"],
  ["9007199254740992", "int64", "9007199254740992", "9007199254740992"],
  ["9007199254740993", "int64", "9007199254740993", "9007199254740993"],
  ["-9007199254740993", "int64", "-9007199254740993", "-9007199254740993"],
  ["9007199254740993.0", "float64", "9.007199254740992e+15", "9007199254740992"],
  ["9223372036854775807", "int64", "9223372036854775807", "9223372036854775807"],
  ["9223372036854775808", "float64", "9.223372036854776e+18", "9223372036854776000"],
  ["-9223372036854775808", "int64", "-9223372036854775808", "-9223372036854775808"],
  ["1e18", "float64", "1e+18", "1000000000000000000"],
  ["123456789012345678.0", "float64", "1.2345678901234568e+17", "123456789012345680"],
  ["100000000000000000000", "float64", "1e+20", "100000000000000000000"],
  ["1e21", "float64", "1e+21", "1e+21"],
];

test("which type a number has is told by how it is written", () => {
  for (const [literal, type, printed, stored] of numbers) {
    const read = readNumber(literal);
    const value = read instanceof Numeral ? read.value : read;
    assert.equal(
      [isInteger(value) ? "int64" : "float64", goNumber(value), String(settledNumber(value))],
      [type, printed, stored],
      literal,
    );
    assert.is(settledNumber(settledNumber(value)), settledNumber(value), literal);
  }
});

test("a digit is never lost: what is stored is what Go prints, byte for byte", async () => {
  const { client } = setUp();
  const free = `{${numbers.map(([literal], at) => `"n${String(at).padStart(2, "0")}":${literal}`).join(",")}}`;
  const kept = `{${numbers.map(([, , , stored], at) => `"n${String(at).padStart(2, "0")}":${stored}`).join(",")}}`;
  assert.is(freeIn((await client.post(widgetsPath, withFree(free))).text), kept);
  assert.is(freeIn((await client.get(`${widgetsPath}/a`)).text), kept);
  assert.is(freeIn((await client.get(widgetsPath)).text), kept);
  assert.is(freeIn((await client.patch(`${widgetsPath}/a`, { metadata: { labels: { a: "b" } } })).text), kept);
  assert.match((await client.get(`${widgetsPath}/a`, { accept: "application/yaml" })).text, /n14: 9007199254740993\n/);
});

test("a write of 1.0 over 1 is a change, and the next one of 1 is none", async () => {
  const { client } = setUp();
  const { body: { metadata: { resourceVersion } } } = await client.post(widgetsPath, withFree('{"n":1}'));
  const put = async (free: string, version: string) =>
    (await client.put(`${widgetsPath}/a`, withFree(free, `,"resourceVersion":"${version}"`))).body;
  const first = await put('{"n":1.0}', resourceVersion);
  assert.equal([first.metadata.generation, first.metadata.resourceVersion === resourceVersion], [2, false]);
  const second = await put('{"n":1}', first.metadata.resourceVersion);
  assert.equal([second.metadata.generation, second.metadata.resourceVersion], [2, first.metadata.resourceVersion]);
});

test("the generation after the largest is the least, and no server breaks on it", async () => {
  const { client } = setUp();
  const path = "/api/v1/namespaces/default/configmaps";
  const metadata = (generation: string) => `{"metadata":{"name":"a","generation":${generation},"finalizers":["a.b/c"]}}`;
  assert.match((await client.post(path, metadata("9223372036854775807"))).text, /"generation":9223372036854775807,/);
  const { text, status } = await client.delete(`${path}/a`);
  assert.is(status, 200);
  assert.match(text, /"generation":-9223372036854775808,/);
});

test("a snapshot keeps them, as a variable and as a file", async () => {
  const { fake, client } = setUp();
  await client.post(widgetsPath, withFree('{"n":9223372036854775807,"f":1.5}'));
  await client.post(widgetsPath, widget("plain"));
  const { text } = await client.get(widgetsPath);
  for (const snapshot of [fake.snapshot(), JSON.parse(JSON.stringify(fake.snapshot())) as Snapshot]) {
    const other = setUp();
    other.fake.restore(snapshot);
    assert.is((await other.client.get(widgetsPath)).text, text);
  }
});

test("who reads objects as values gets what JSON.parse makes of them", async () => {
  const { fake, client } = setUp();
  const seen: unknown[] = [];
  const end = fake.follow(
    "widgets.example.com",
    ({ object }) => void seen.push((object as { spec: { free: unknown } }).spec.free),
  );
  const { body } = await client.post(widgetsPath, withFree('{"n":9007199254740993,"f":1.0}'));
  end();
  assert.equal(seen, [{ n: 9007199254740992, f: 1 }]);
  assert.equal(body.spec.free, seen[0]);
});

test("objects that are there from the start may have bigints, and manifests do", async () => {
  const manifest = await parseManifests(
    "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a, namespace: default}\nspec: {size: 1, free: {big: 9007199254740993, hex: 0x10}}\n",
    "a.yaml",
  );
  const given = { ...widget("b"), metadata: { name: "b", namespace: "default" }, spec: { size: 1, free: { n: 2n ** 63n - 1n } } };
  const { client } = setUp([...manifest.map(({ object }) => object), given]);
  assert.is(freeIn((await client.get(`${widgetsPath}/a`)).text), '{"big":9007199254740993,"hex":16}');
  assert.is(freeIn((await client.get(`${widgetsPath}/b`)).text), '{"n":9223372036854775807}');
});

test("YAML: what looks like a number is one where the server's library says so", () => {
  const cases: readonly (readonly [string, number | bigint | string])[] = [
    ["017", 15],
    ["0o17", 15],
    ["08", 8],
    ["0x1F", 31],
    ["-0x10", -16],
    ["0b11_01", 13],
    ["1_000", 1000],
    ["1__0", 10],
    ["+1", 1],
    ["1.", 1],
    [".5", 0.5],
    ["-.5", -0.5],
    ["12e03", 12000],
    ["685.230_15e+03", 685230.15],
    ["1e400", "1e400"],
    ["1:30", "1:30"],
    ["0x", "0x"],
    ["-", "-"],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["0x7fffffffffffffff", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
  ];
  for (const [text, value] of cases) assert.is(readYamlNumber(text), value, text);
});

test.run();
