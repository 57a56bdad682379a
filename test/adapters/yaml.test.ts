/** YAML as kubectl reads it: each value is what Go's `sigs.k8s.io/yaml` 1.6 makes of the text. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeYaml, parseYaml } from "../../src/adapters/config/yaml.ts";

const yaml = suite("yaml");
const texts: [text: string, value: unknown][] = [
  ["", null],
  ["\n# nothing\n", null],
  ["---\n", null],
  ["null", null],
  ["\ufeffa: 1", { a: 1 }],
  ["a: 1\r\nb:\r\n- 2\r\n", { a: 1, b: [2] }],
  ["a: 1\n---\nb: [", { a: 1 }],
  ["# c\n---\na: 1\n---\n", { a: 1 }],
  ["---\n---\na: 1\n", null],
  ["a: 1\n...\n]]", { a: 1 }],
  ["%YAML 1.1\n---\na: 1\n", { a: 1 }],
  ["a: |\n  x\n  --- y\n", { a: "x\n--- y\n" }],
  ["a: 1\na: 2\n", { a: 2 }],
  ["a: &x {b: 1}\nc: *x\n", { a: { b: 1 }, c: { b: 1 } }],
  ["a:\n  <<: {b: 1, c: 2}\n  b: 3\n", { a: { b: 3, c: 2 } }],
  ["[y, Y, yes, On, TRUE, 'y']", [true, true, true, true, true, "y"]],
  ["[n, No, off, 'False', False]", [false, false, false, "False", false]],
  ["[~, null, NULL, '']", [null, null, null, ""]],
  ["[2026-01-01, 2026-01-01T00:00:00Z, '12:30:45', 12:30:45]", ["2026-01-01", "2026-01-01T00:00:00Z", "12:30:45", "12:30:45"]],
  ["[1, -1, 0123, 0o17, 0x1F, 0b11, 1_000, 08]", [1, -1, 83, 15, 31, 3, 1000, 8]],
  ["[1.5, .5, 1e3, 1.2.3, 1e, '1']", [1.5, 0.5, 1000, "1.2.3", "1e", "1"]],
  ["[!!str 5, !!int '5', !!binary YWI=, !own x]", ["5", 5, "ab", "x"]],
  ["a: >-\n  b\n  c\n", { a: "b c" }],
  ['{"a": {"b": [1, "x"]}}', { a: { b: [1, "x"] } }],
  ['{"a": 1, "a": 2}', { a: 2 }],
  ["{a: 1,}", { a: 1 }],
  ['{\n# c\n"a": 1}', { a: 1 }],
  ["a: 1\u0085b: 2\u2028c: 3\n", { a: 1, b: 2, c: 3 }],
  ["%TAG ! tag:acme.io,2026:\n---\na: 1\n", { a: 1 }],
  ["[.inf, -.INF, .NaN]", [NaN, NaN, NaN]],
  ["__proto__: {a: 1}", JSON.parse('{"__proto__": {"a": 1}}')],
];
for (const [text, value] of texts) yaml(JSON.stringify(text), async () => assert.equal(await parseYaml(text), value));

for (
  const text of [
    "a: [b",
    "a:\n\tb: 1",
    "a: b: c",
    '{"a": 1}{"b": 2}',
    "a: \0",
    "# \x07\na: 1",
    "%YAML 1.2\n---\na: 1",
    "%FOO bar\n---\na: 1",
    "*unknown",
  ]
) {
  yaml(`${JSON.stringify(text)} is none`, async () => {
    assert.ok(await parseYaml(text).then(() => undefined, (error) => error) instanceof Error);
  });
}

for (
  const [what, bytes] of [
    ["UTF-8", [0x61, 0x3a, 0xc3, 0xa9]],
    ["UTF-16, little-endian", [0xff, 0xfe, 0x61, 0, 0x3a, 0, 0xe9, 0]],
    ["UTF-16, big-endian", [0xfe, 0xff, 0, 0x61, 0, 0x3a, 0, 0xe9]],
  ] as const
) {
  yaml(`bytes in ${what}`, () => assert.is(decodeYaml(new Uint8Array(bytes)), "a:é"));
}
yaml("bytes in neither", () => {
  assert.throws(() => decodeYaml(new Uint8Array([0x61, 0xe9])), /^it is not UTF-8$/);
  assert.throws(() => decodeYaml(new Uint8Array([0xff, 0xfe, 0x61])), /^it is not UTF-16LE$/);
});
yaml.run();
