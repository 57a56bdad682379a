/**
 * Bodies of the fuzz: objects, patches of each type, options of deletions; sound, and changed at some place.
 *
 * @module
 */
import { stringify } from "yaml";
import type { Dice } from "../../src/testing/dice.ts";
import type { Value } from "../recordings/scenario.ts";
import { securityLabels } from "./companions.ts";
import { type Place, weighted } from "./places.ts";

type Members = { [key: string]: Value };
type Container = Members | Value[];
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** Stands in a value for a token that JSON.stringify cannot write. */
const raw = (token: string): string => `@raw:${token}@`;
const withRaw = (text: string): string => text.replaceAll(/"@raw:(.*?)@"/g, "$1");

/** JSON values of each kind, and some that decoders stumble over. */
export function oddValue(dice: Dice): Value {
  return weighted<() => Value>(dice, [
    [4, () => null],
    [
      3,
      () =>
        dice.pick([
          "",
          "a",
          "text with space",
          "ü",
          "日本",
          "\u0000",
          "\u007f",
          "\u2028",
          "a\nb",
          '"',
          "\\",
          "<&>",
          "x".repeat(300),
        ]),
    ],
    [3, () => dice.pick([0, 1, -1, 1.5, 1e21, 2147483648])],
    [2, () => dice.pick([true, false])],
    [2, () => dice.pick<Value>([[], [1], ["a", null], [{}], [[]], ["a", "a"]])],
    [3, () => dice.pick<Value>([{}, { a: 1 }, { "": 1 }, { a: null }, { a: { b: {} } }, { "a/b": 1, "a~b": 2 }])],
    [
      1,
      () =>
        raw(
          dice.pick([
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "1.0",
            "-0",
            "1E2",
            "123456789012345678901234567890",
            "0.1e1",
          ]),
        ),
    ],
    [
      1,
      () =>
        raw(dice.pick(['"\\ud800"', '"\\udc00a"', '"\\u0061"', "tru", "01", "+1", ".5", "'a'", "NaN", "nul", '"\\x"', '"\t"'])),
    ],
  ])();
}

const labels: readonly Members[] = [{ a: "b" }, { a: "c", x: "1" }, { "example.com/a": "b" }, { a: "" }, { "a b": "c" }, {
  a: "x y",
}, { "": "a" }];

/** The metadata of an object. */
export function metadataOf(dice: Dice, name: string): Members {
  const metadata: Members = { name };
  if (dice.chance(0.35)) metadata.labels = dice.chance(0.15) ? securityLabels(dice) : dice.pick(labels);
  if (dice.chance(0.15)) metadata.annotations = dice.pick<Members>([{ a: "b" }, { "a b": "c" }, { A: "" }]);
  if (dice.chance(0.15)) {
    metadata.finalizers = dice.pick<Value[]>([["example.com/a"], ["example.com/a", "example.com/b"], ["a"], [""]]);
  }
  if (dice.chance(0.15)) metadata.namespace = dice.pick(["${ns}", "${ns}", "default", ""]);
  if (dice.chance(0.2)) metadata.resourceVersion = dice.pick(["${rv}", "${rv}", "${oldrv}", "0", "", "1", "x", "-1"]);
  if (dice.chance(0.08)) metadata.uid = dice.pick(["${uid}", "${uid}", "x", "00000000-0000-0000-0000-000000000000"]);
  if (dice.chance(0.05)) metadata.generateName = dice.pick(["gen-", "", "A_", "x".repeat(70)]);
  if (dice.chance(0.04)) metadata.generation = dice.pick([1, 5, -1, 0]);
  if (dice.chance(0.04)) metadata.creationTimestamp = dice.pick([null, "2020-01-01T00:00:00Z", "x", ""]);
  if (dice.chance(0.04)) metadata.deletionTimestamp = dice.pick([null, "2020-01-01T00:00:00Z"]);
  if (dice.chance(0.03)) metadata.deletionGracePeriodSeconds = dice.pick([0, 5, -1]);
  if (dice.chance(0.03)) metadata.selfLink = "x";
  if (dice.chance(0.05)) {
    metadata.ownerReferences = [{
      apiVersion: "v1",
      kind: "ConfigMap",
      name: "a",
      uid: dice.pick(["${uid}", "x", ""]),
      controller: dice.chance(0.5),
    }];
  }
  return metadata;
}

/** An object of a place. */
export function objectOf(dice: Dice, place: Place, name: string): Members {
  const { apiVersion, kind } = place;
  const object: Members = { apiVersion, kind, metadata: metadataOf(dice, name), ...place.content(dice) };
  if (dice.chance(0.03)) {
    object.apiVersion = dice.pick<Value>(["v1", "v2", "", "a/b/c", "apps/v1", 1, "/v1", "fuzz.example.com/v1"]);
  }
  if (dice.chance(0.03)) {
    object.kind = dice.pick<Value>(["ConfigMap", "Nothing", "", 1, "Widget", "WidgetList", "Status", "List"]);
  }
  if (dice.chance(0.02)) delete object.metadata;
  if (dice.chance(0.02)) delete object.kind;
  if (dice.chance(0.02)) delete object.apiVersion;
  return object;
}

/** Every container with its key. */
function spots(value: Container): { readonly container: Container; readonly key: string }[] {
  return Object.keys(value).flatMap((key) => {
    const below = (value as Members)[key];
    return [{ container: value, key }, ...isContainer(below) ? spots(below as Container) : []];
  });
}

/** Changes a value at some place. */
export function mutate<T extends Value>(dice: Dice, value: T): T {
  const changed = structuredClone(value);
  if (!isContainer(changed)) return oddValue(dice) as T;
  const all = spots(changed as Container);
  if (all.length === 0) return oddValue(dice) as T;
  const { container, key } = dice.pick(all);
  const members = container as Members;
  weighted<() => void>(dice, [
    [5, () => void (members[key] = oddValue(dice))],
    [2, () => {
      if (Array.isArray(container)) container.push(oddValue(dice));
      else members[dice.pick(["unknown", "Name", "a.b", "", "ü", "__proto__", "spec", "0", "a\nb"])] = oddValue(dice);
    }],
    [1, () => void (Array.isArray(container) ? container.splice(Number(key), 1) : delete members[key])],
    [1, () => {
      if (Array.isArray(container)) return;
      members[key.toUpperCase()] = members[key]!;
    }],
  ])();
  return changed;
}

/** Writes a value down as JSON, sometimes as few do. */
function json(dice: Dice, value: Value): string {
  const text = withRaw(JSON.stringify(value, null, dice.chance(0.05) ? 2 : 0));
  if (!dice.chance(0.07)) return text;
  return dice.pick<() => string>([
    () => `${text} `,
    () => `\n\t${text}\n`,
    () => `${text}x`,
    () => `${text}${text}`,
    () => text.slice(0, -1),
    () => text.slice(0, dice.roll(text.length)),
    () => `\uFEFF${text}`,
    () => text.replace("{", '{"kind":"Other",'),
    () => text.replace('"metadata":{', '"metadata":{"name":"a",'),
    () => text.replace('"spec":{', '"spec":{"dup":1,"dup":2,'),
    () => text.replace('"data":{', '"data":{"a":"1","a":"2",'),
    () => text.replace(/}$/, ',"metadata":{"labels":{"twice":"1"}}}'),
    () => text.replace(/}$/, ",}"),
    () => text.replace("{", "{/* */"),
    () => text.replaceAll('"', "'"),
    () => text.replace("{", `{"deep":${"[".repeat(200)}${"]".repeat(200)},`),
    () => text.replace('"name":', '"name":5,"name":'),
    () => text.replace(/"(labels|annotations|data)":\{/, '"$1":{"a":1,"a":"2",'),
    () => text.replace('"ports":[', '"ports":[{"port":1,"name":"z"}],"ports":['),
    () => text.replace(/"([a-z]+)"(?=[,}\]])/, '"$1\\ud800"'),
    () =>
      text.replace(
        /"([a-z])([a-z]*)"(?=[,}\]])/,
        (_, first: string, rest: string) => `"\\u00${first.charCodeAt(0).toString(16)}${rest}"`,
      ),
    () => "",
    () => " ",
  ])();
}

function yaml(dice: Dice, value: Value): string {
  const text = withRaw(stringify(value, { version: "1.1" }));
  if (!dice.chance(0.25)) return text;
  return dice.pick<() => string>([
    () => `---\n${text}`,
    () => `${text}---\n${text}`,
    () => `${text}...\n`,
    () => `# comment\n${text}`,
    () => `${text}\nspec: 1\n`,
    () => `${text}extra: yes\n`,
    () => `${text}extra: 2024-01-01\n`,
    () => `${text}extra: 0x1F\n`,
    () => `${text}extra: 1_000\n`,
    () => `${text}extra: .inf\n`,
    () => `${text}extra: ~\n`,
    () => `${text}1: a\n`,
    () => `${text}extra: &x {a: 1}\nother: *x\n`,
    () => `${text}extra: !!binary YQ==\n`,
    () => `${text}? [a]\n: b\n`,
    () => `${text}\textra: 1\n`,
    () => `%YAML 1.${dice.pick([1, 2])}\n---\n${text}`,
    () => `%FOO\n---\n${text}`,
    () => `${text}extra: "\\ud800"\n`,
    () => `${text}extra: "\\/"\n`,
    () => `${text}extra: "\u0001"\n`,
    () => `${text}~: a\n`,
    () => `${text}<<: text\n`,
    () => `${text}<<: {extra: 1}\n`,
    () => `${text}extra: &x [*x]\n`,
    () => `${text}extra: !!set {a, b}\n`,
    () => `${text}extra: !!binary "!"\n`,
    () => text.replaceAll("\n", dice.pick(["\r\n", "\r"])),
    () => dice.pick(["# nothing\n", "---\n---\n", "...\n"]),
    () => `${text}extra: [1\n`,
    () => JSON.stringify(value),
  ])();
}

const scraps = [
  "",
  "null",
  "1",
  '"a"',
  "[]",
  "{}",
  "[null]",
  "true",
  "{",
  "{}{}",
  "x",
  "\n",
  '{"a":1}',
  "[[]]",
  '{"kind":"Status"}',
];

/** A body, written down. */
export interface Written {
  readonly text: string;
  readonly yaml: boolean;
}

/** The body of a POST or PUT. */
export function objectBody(dice: Dice, place: Place, name: string): Written {
  const asYaml = dice.chance(0.08);
  if (dice.chance(0.03)) return { text: dice.pick(scraps), yaml: asYaml };
  let object: Members = objectOf(dice, place, name);
  while (dice.chance(0.3)) object = mutate(dice, object);
  return { text: (asYaml ? yaml : json)(dice, object), yaml: asYaml };
}

/** The options of a deletion. */
export function deleteBody(dice: Dice): Written {
  let options: Members = { kind: "DeleteOptions", apiVersion: "v1" };
  if (dice.chance(0.2)) options = {};
  if (dice.chance(0.3)) {
    options.propagationPolicy = dice.pick<Value>(["Background", "Foreground", "Orphan", "Sideways", "", null]);
  }
  if (dice.chance(0.2)) options.gracePeriodSeconds = dice.pick<Value>([0, 30, -1, "1", null, 1.5]);
  if (dice.chance(0.2)) options.orphanDependents = dice.pick<Value>([true, false, null, "true"]);
  if (dice.chance(0.3)) {
    options.preconditions = dice.pick<Value>([
      { uid: "${uid}" },
      { uid: "x" },
      { resourceVersion: "${rv}" },
      { resourceVersion: "1" },
      { uid: "${uid}", resourceVersion: "${oldrv}" },
      {},
      null,
      { uid: "" },
    ]);
  }
  if (dice.chance(0.2)) options.dryRun = dice.pick<Value>([["All"], ["all"], [], ["All", "All"], "All", [""]]);
  if (dice.chance(0.05)) options.apiVersion = dice.pick(["meta.k8s.io/v1", "v2", "apps/v1", "fuzz.example.com/v1", ""]);
  if (dice.chance(0.05)) options.kind = dice.pick(["ConfigMap", "Widget", "", "CreateOptions", "Status"]);
  if (dice.chance(0.15)) options = mutate(dice, options);
  const asYaml = dice.chance(0.08);
  if (dice.chance(0.05)) return { text: dice.pick(scraps), yaml: asYaml };
  return { text: (asYaml ? yaml : json)(dice, options), yaml: asYaml };
}

const pointers = [
  ...[
    "/metadata/labels",
    "/metadata/labels/a",
    "/metadata/annotations/x",
    "/metadata/finalizers",
    "/metadata/finalizers/0",
    "/metadata/finalizers/-",
  ],
  ...[
    "/spec",
    "/spec/size",
    "/spec/text",
    "/spec/tags/0",
    "/spec/tags/-",
    "/spec/list/1",
    "/data",
    "/data/a",
    "/metadata/name",
    "/metadata/uid",
  ],
  ...[
    "/metadata/resourceVersion",
    "",
    "/",
    "/kind",
    "/status",
    "/status/phase",
    "/unknown",
    "/spec/list/9",
    "/spec/list/-1",
    "/spec/list/01",
    "/spec/list/-",
    "/spec/list/1e0",
    "/spec/template/spec/containers/0/name",
    "/spec/template/metadata/labels/a",
    "/spec/selector",
    "/metadata/labels/~01",
    "spec",
    "/a~1b",
    "/a~2",
    "/metadata/managedFields",
    "/spec/free",
    "/metadata/generation",
  ],
];

function jsonPatch(dice: Dice): Value {
  const operations = Array.from({ length: dice.between(0, 3) }, (): Value => {
    const op = dice.pick(["add", "add", "replace", "replace", "remove", "test", "copy", "move"]);
    const operation: Members = { op, path: dice.pick(pointers) };
    if (op === "copy" || op === "move") operation.from = dice.pick(pointers);
    else if (op !== "remove") {
      operation.value = dice.pick<Value>([
        "a",
        "<",
        raw('"\\u003c"'),
        raw('{"a":"1","a":"2"}'),
        1,
        { a: "b" },
        ["a"],
        null,
        ["example.com/a"],
        "${rv}",
        "${uid}",
        true,
        {
          size: 1,
        },
      ]);
    }
    return operation;
  });
  return dice.chance(0.2) ? mutate(dice, operations) : operations;
}

function mergePatch(dice: Dice, place: Place, name: string): Value {
  const object = objectOf(dice, place, name);
  const patch: Members = {};
  for (const key of Object.keys(object)) if (dice.chance(0.4)) patch[key] = object[key]!;
  if (dice.chance(0.5)) {
    patch.metadata = dice.pick<Value>([
      { labels: { a: null } },
      { labels: null },
      { finalizers: null },
      { annotations: { x: "y" } },
      { resourceVersion: "${rv}" },
      { resourceVersion: "1" },
      { uid: "x" },
      { name: "other" },
      { finalizers: [] },
      null,
    ]);
  }
  let changed: Value = patch;
  while (dice.chance(0.25)) changed = mutate(dice, changed);
  return changed;
}

function strategicPatch(dice: Dice, place: Place, name: string): Value {
  const patch = mergePatch(dice, place, name);
  if (!isContainer(patch) || Array.isArray(patch) || !dice.chance(0.35)) return patch;
  return {
    ...patch,
    ...dice.pick<Members>([
      { $patch: "replace" },
      { $patch: "delete" },
      { $patch: "merge" },
      { $patch: "x" },
      { $retainKeys: ["metadata", "data"] },
      { metadata: { $patch: "replace", name } },
      { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/a"] } },
      { metadata: { "$setElementOrder/finalizers": ["example.com/b", "example.com/a"], finalizers: ["example.com/b"] } },
      { metadata: { labels: { $patch: "replace", z: "1" } } },
      { data: { $patch: "delete" } },
      { data: { $retainKeys: ["a"], a: "1" } },
      { metadata: { ownerReferences: [{ $patch: "delete", uid: "x" }] } },
      { spec: { template: { spec: { containers: [{ name: "c", $patch: dice.pick(["delete", "replace", "x"]) }] } } } },
      { spec: { template: { spec: { containers: [{ $patch: "replace" }, { name: "d", image: "j" }] } } } },
      {
        spec: {
          template: {
            spec: { "$setElementOrder/containers": [{ name: "d" }, { name: "c" }], containers: [{ name: "d", image: "j" }] },
          },
        },
      },
      { spec: { template: { spec: { containers: [{ image: "j" }] } } } },
      { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } },
      { spec: { selector: { matchLabels: { $patch: "replace", a: "b" } } } },
      { spec: { ports: [{ port: 80, $patch: "delete" }, { port: 82, name: "n" }] } },
    ]),
  };
}

/** A patch with its type. */
export function patchBody(dice: Dice, place: Place, name: string): { readonly text: string; readonly type: string } {
  const [type, body] = weighted<() => [string, Written]>(dice, [
    [5, () => ["application/merge-patch+json", { text: json(dice, mergePatch(dice, place, name)), yaml: false }]],
    [5, () => ["application/json-patch+json", { text: json(dice, jsonPatch(dice)), yaml: false }]],
    [
      place.custom ? 0.5 : 4,
      () => ["application/strategic-merge-patch+json", { text: json(dice, strategicPatch(dice, place, name)), yaml: false }],
    ],
    [3, () => ["application/apply-patch+yaml", objectBody(dice, place, name)]],
    [
      0.4,
      () => [
        dice.pick([
          "application/json",
          "",
          "text/plain",
          "application/apply-patch+json",
          "application/yaml",
          "application/merge-patch+json;x",
          "application/merge-patch+json; charset=utf-8",
          "application/apply-patch+cbor",
        ]),
        { text: json(dice, mergePatch(dice, place, name)), yaml: false },
      ],
    ],
  ])();
  return { text: dice.chance(0.03) ? dice.pick(scraps) : body.text, type };
}
