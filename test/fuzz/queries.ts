/**
 * Queries and headers of the fuzz: every option, with good, bad, empty and repeated values.
 *
 * @module
 */
import type { Dice } from "../../src/testing/dice.ts";
import { weighted } from "./places.ts";

const bools = ["true", "false", "", "1", "0", "True", "FALSE", "yes", "no", "2"];
const ints = [
  "0",
  "1",
  "2",
  "500",
  "-1",
  "",
  "x",
  "1.5",
  "+1",
  " 1",
  "1e3",
  "0x10",
  "9223372036854775807",
  "9223372036854775808",
];
const versions = [
  "",
  "0",
  "1",
  "${rv}",
  "${oldrv}",
  "${listrv}",
  "-1",
  "abc",
  "00",
  "1.5",
  " 1",
  "+1",
  "18446744073709551615",
  "0x1",
];
const managers = ["", "fuzz", "ü", "a\nb", "x".repeat(128), "x".repeat(129), "a\u007fb", "日本"];
const validations = ["Strict", "Warn", "Ignore", "", "strict", "Foo"];
const dryRuns = ["All", "All", "", "all", "None", "All,All"];
const policies = ["Background", "Foreground", "Orphan", "", "background", "Sideways"];
const selectors = [
  "a=b",
  "a",
  "!a",
  "a in (b,c)",
  "a notin (b)",
  "a!=b",
  "x>1",
  "",
  "a=b,x=1",
  "a==b",
  "a=b,",
  "a in b",
  "(",
  "a=b c",
  "%",
];
const fields = [
  "metadata.name=a",
  "metadata.name!=a",
  "metadata.namespace=${ns}",
  "spec.color=red",
  "x=y",
  "metadata.name",
  "",
  "metadata.name=a,metadata.name=b",
  "metadata.name=a\\b",
];
const matches = ["Exact", "NotOlderThan", "", "exact", "Foo"];

type Option = readonly [weight: number, name: string, values: readonly string[]];

const forWrites: readonly Option[] = [
  [5, "dryRun", dryRuns],
  [5, "fieldValidation", validations],
  [4, "fieldManager", managers],
  [2, "force", bools],
  [2, "pretty", bools],
];
const forDeletes: readonly Option[] = [
  [4, "dryRun", dryRuns],
  [4, "propagationPolicy", policies],
  [4, "gracePeriodSeconds", ints],
  [3, "orphanDependents", bools],
  [1, "pretty", bools],
  [1, "fieldManager", managers],
  [1, "ignoreStoreReadErrorWithClusterBreakingPotential", bools],
  [1, "preconditions", ["", "x"]],
  [1, "uid", ["", "x", "${uid}"]],
  [1, "resourceVersion", versions],
];
const forReads: readonly Option[] = [
  [3, "resourceVersion", versions],
  [2, "resourceVersionMatch", matches],
  [2, "pretty", bools],
  [1, "includeObject", ["None", "Metadata", "Object", "", "Foo", "none"]],
];
const forLists: readonly Option[] = [
  ...forReads,
  [4, "limit", ints],
  [3, "continue", [
    ...["", "abc", "${token}", "${token}", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "e30", "bnVsbA", "!", "W10"],
    // Of another type, from the future, with a start that is none.
    ...[
      "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6IjEiLCJzdGFydCI6ImEifQ",
      "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6OTk5OTk5OTk5LCJzdGFydCI6ImEifQ",
    ],
    ...["eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIuLi8uLi9hIn0", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0"],
  ]],
  [3, "labelSelector", selectors],
  [3, "fieldSelector", fields],
  [1, "timeoutSeconds", ints],
  [1, "sendInitialEvents", bools],
  [1, "allowWatchBookmarks", bools],
  [1, "watch", ["0", "false", "False"]],
];
const forWatches: readonly Option[] = [
  [3, "resourceVersion", versions],
  [2, "resourceVersionMatch", matches],
  [2, "sendInitialEvents", bools],
  [2, "allowWatchBookmarks", bools],
  [2, "labelSelector", selectors],
  [2, "fieldSelector", fields],
  [1, "limit", ints],
  [1, "timeoutSeconds", ["60", "x", "1.5", "9223372036854775808"]],
  [1, "continue", ["", "abc"]],
];
const byVerb: Readonly<Record<QueryFor, readonly Option[]>> = {
  write: forWrites,
  delete: forDeletes,
  read: forReads,
  list: forLists,
  watch: forWatches,
};

/** What a query is for. */
export type QueryFor = "write" | "delete" | "read" | "list" | "watch";

const pair = (name: string, value: string): string =>
  `${name}=${encodeURIComponent(value).replaceAll("%24%7B", "${").replaceAll("%7D", "}")}`;

/** A query, without the question mark; empty as often as not. */
export function queryOf(dice: Dice, use: QueryFor): string {
  const count = weighted(dice, [[use === "watch" ? 2 : 6, 0], [5, 1], [3, 2], [1, 3]]);
  const pairs = Array.from({ length: count }, () => {
    const [, name, values] = weighted(dice, byVerb[use].map((option) => [option[0], option] as const));
    return pair(name, dice.pick(values));
  });
  if (dice.chance(0.04)) {
    pairs.push(dice.pick(["", "=", "unknown=1", "a=%zz", "dryRun", "limit", "%20=1", "a;b=1", "dryRun=All&dryRun=All"]));
  }
  if (use === "watch") pairs.push(dice.pick(["watch=1", "watch=true", "watch", "watch=yes"]));
  return pairs.join("&");
}

const accepts = [
  ...["application/json", "*/*", "application/*", "application/yaml", "text/plain", "text/*", "", ",", "application/json;q=0"],
  ...[
    "application/yaml;q=0.5,application/json;q=0.4",
    "application/json;q=0.4,application/yaml;q=0.5",
    "application/xml,application/json",
  ],
  ...["application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"],
  ...[
    "application/json;as=Table;v=v2;g=meta.k8s.io",
    "application/json;as=Table;v=v2;g=meta.k8s.io,application/json",
    "application/yaml;as=Table;v=v1;g=meta.k8s.io",
  ],
  ...[
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  ],
  ...[
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io",
    "application/json;as=Foo;v=v1;g=meta.k8s.io",
    "application/json;as=Table",
    "application/json;pretty=1",
  ],
  ...[
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/json;stream=watch",
    "application/json;as=Table;v=v1;g=meta.k8s.io;stream=watch",
    "json",
    "application/json;q=x",
    "*",
    "application/cbor",
  ],
];
const jsonTypes = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json;",
  "Application/JSON",
  "application/json;charset=latin1",
];
const yamlTypes = ["application/yaml", "application/yaml; charset=utf-8"];
const oddTypes = [
  "",
  "text/plain",
  "application/cbor",
  "application/x-www-form-urlencoded",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/json-patch+json",
  "*/*",
  "json",
  "application/json, application/yaml",
  ";",
  "application/apply-patch+yaml",
  "application/x-yaml",
  "text/yaml",
];

/** Headers beside the type of the body. */
export function headersOf(dice: Dice): Record<string, string> {
  const headers: Record<string, string> = {};
  if (dice.chance(0.25)) headers.accept = dice.pick(accepts);
  if (dice.chance(0.03)) headers["if-match"] = dice.pick(['"x"', "*", "${rv}"]);
  if (dice.chance(0.02)) headers["if-none-match"] = dice.pick(['"x"', "*"]);
  if (dice.chance(0.03)) {
    headers["user-agent"] = dice.pick(["curl/8", "Mozilla/5.0 x", "Wget/1", "a/b c", "x", "kubectl/v1 (linux)"]);
  }
  if (dice.chance(0.02)) headers["x-http-method-override"] = "DELETE";
  return headers;
}

/** The type of a body that is JSON or YAML. */
export function bodyType(dice: Dice, yaml: boolean): string {
  if (dice.chance(0.04)) return dice.pick(oddTypes);
  return dice.chance(0.85) ? (yaml ? yamlTypes : jsonTypes)[0]! : dice.pick(yaml ? yamlTypes : jsonTypes);
}
