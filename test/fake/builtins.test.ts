import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { builtinTypes, coverage, isStored } from "../../src/fake/builtin/builtin.ts";
import { recordedDocuments } from "../../src/fake/discovery/documents.ts";
import { inflate } from "../../src/fake/discovery/inflate.ts";
import { canonicalQuantity } from "../../src/fake/types/quantity.ts";
import { groupVersion } from "../../src/fake/types/resource.ts";
import { decodeShape, type Shape, type Struct } from "../../src/fake/types/shape.ts";

const test = suite("fake: built-in kinds");

test("each has its Go type, whose parts can all be read, and columns with cells", () => {
  const seen = new Set<Struct>();
  const visit = (shape: Shape): void => {
    if (shape.type === "list" || shape.type === "map" || shape.type === "orBool") return visit(shape.of);
    if (shape.type !== "struct" || seen.has(shape)) return;
    seen.add(shape);
    for (const field of shape.fields) visit(field.shape);
  };
  for (const type of builtinTypes) {
    visit(type.shape!);
    decodeShape(type.shape!, { metadata: {} });
    if (!isStored(type)) continue;
    const empty = { apiVersion: "v1", kind: type.kind, metadata: { name: "a" } };
    for (const column of type.columns) {
      assert.not.type(column.cell(type.arrange(empty), 0), "undefined", `${type.kind} ${column.name}`);
    }
  }
  assert.ok(seen.size > 400, `${seen.size} types`);
});

test("docs/fake.md says which of them have rules", () => {
  const text = readFileSync(new URL("../../docs/fake.md", import.meta.url), "utf8");
  const lines = coverage.filter(([, served]) => served !== "no").map(([type, served]) =>
    `| ${groupVersion(type)} | ${type.kind} | ${served === "rules" ? "schema and rules" : "schema only"} |`
  );
  assert.equal(text.split("\n").filter((line) => /^\| \S+ \| \w+ \| schema/.test(line)), lines);
});

test("the documents are those of the genuine server", () => {
  const { documents, hashes } = recordedDocuments();
  assert.equal(Object.keys(documents), Object.keys(hashes));
  const { schemas } = documents["apis/apps/v1"]!.components as { schemas: Record<string, { required: string[] }> };
  assert.equal(schemas["io.k8s.api.apps.v1.DeploymentSpec"]!.required, ["selector", "template"]);
});

/** Packed by zlib at level 9, 0 and 1. */
const packed: readonly [string, string][] = [
  ["", "AwA="],
  ["abcabcabcabcabcabc", "S0xKTkRFAA=="],
  ["stored", "AQYA+f9zdG9yZWQ="],
];

for (const [text, base64] of packed) {
  test(`inflate: ${JSON.stringify(text)}`, () => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    assert.is(new TextDecoder().decode(inflate(bytes)), text);
  });
}

/** What a genuine server makes of quantities; in lists of resources it rounds what is less than a thousandth. */
const quantities: readonly [string, string | undefined][] = [
  ["1", "1"],
  ["1000", "1k"],
  ["1500m", "1500m"],
  ["1000m", "1"],
  ["0.1", "100m"],
  ["+1.50", "1500m"],
  ["-2", "-2"],
  [".5Gi", "512Mi"],
  ["1024Mi", "1Gi"],
  ["1000Ki", "1000Ki"],
  ["1.5", "1500m"],
  ["1e3", "1e3"],
  ["12e4", "120e3"],
  ["0", "0"],
  ["0Gi", "0"],
  ["1n", "1n"],
  ["0.0000000001", "1n"],
  ["1100000", "1100k"],
  ["512Ki", "512Ki"],
  ["0.5Ki", "512"],
  ["", undefined],
  ["1 Gi", undefined],
  ["a", undefined],
  ["1GI", undefined],
];

for (const [given, canonical] of quantities) test(`quantity ${given}`, () => assert.is(canonicalQuantity(given), canonical));

test.run();
