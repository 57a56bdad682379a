import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { type FakeServer, listen } from "../../src/fake/server.ts";
import { endPrograms, type Program, startProgram } from "../support/programs.ts";
import { crd } from "../support/scenario.ts";

const monitoring = suite("programs: dashboard, alerts and scaling");
const read = (path: string) => readFile(new URL(`../../deploy/${path}`, import.meta.url), "utf8");
let fake: FakeCluster;
let server: FakeServer;
monitoring.before(async () => {
  fake = createFakeCluster({ crds: [crd] });
  server = await listen(fake);
});
monitoring.after(async () => {
  await endPrograms();
  await server.close();
});

/** A metric, with those of its labels that the expression names. */
interface Use {
  readonly name: string;
  readonly labels: readonly string[];
}

/** Labels that Prometheus adds to whatever it scrapes from pods, and that of buckets. */
const ADDED = new Set(["namespace", "pod", "le"]);
const WORDS = new Set(["by", "sum", "max", "rate", "increase", "histogram_quantile", "label_values", "and", "or", "unless"]);

/** The metrics of an expression. Labels of `by (...)` belong to all of them. Pure. */
function usesOf(expression: string): Use[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(/, */));
  const bare = expression.replaceAll(/\bby \([^)]*\)/g, "").replaceAll(/"[^"]*"/g, '""');
  return [...bare.matchAll(/([a-z][a-z_]*[a-z])(?:\{([^}]*)\})?/g)]
    .map(([, name, inner = ""]) => ({ name: name!, labels: [...inner.matchAll(/([a-z_]+)(?==|!)/g)].map(([label]) => label) }))
    .filter(({ name }) => !WORDS.has(name) && name.includes("_"))
    .map(({ name, labels }) => ({ name, labels: [...new Set([...labels, ...grouped])].filter((label) => !ADDED.has(label)) }));
}

async function expressions(): Promise<string[]> {
  const dashboard = JSON.parse(await read("monitoring/dashboard.json")) as {
    panels: { targets: { expr: string }[] }[];
  };
  const [rules] = parseAllDocuments(await read("monitoring/rules.yaml")).map((document) => document.toJS()) as [
    { spec: { groups: { rules: { expr: string }[] }[] } },
  ];
  const [scaled] = parseAllDocuments(await read("keda/scaled-object.yaml")).map((document) => document.toJS()) as [
    { spec: { triggers: { metadata: { query: string } }[] } },
  ];
  return [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...rules.spec.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...scaled.spec.triggers.map(({ metadata }) => metadata.query),
  ].map((expression) => expression.replaceAll(/\[\w+\]/g, ""));
}

monitoring("each metric and label that they name is exposed by a director or a worker after one flow", async () => {
  const on = ["--master", server.url, "--metrics-bind-address", "127.0.0.1:0"];
  const director = startProgram("node", ["--serve", ...on]);
  const worker = startProgram("node", ["--mode", "worker", ...on]);
  const urlOf = async (program: Program) => (await program.untilErrors(/Serving (http:\S+)\/metrics$/m))[1]! + "/metrics";
  const urls = await Promise.all([director, worker].map(urlOf));
  const flow = startProgram("node", ["--mode", "director", "--master", server.url]);
  assert.is(await flow.exited, 0, flow.errors);
  const texts = await Promise.all(urls.map(async (url) => await (await fetch(url)).text()));
  const exposed = new Map<string, Set<string>>();
  for (const line of texts.join("\n").split("\n")) {
    const [, name, inner = ""] = /^([a-z_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const labels = exposed.get(name) ?? new Set();
    for (const [, label] of inner.matchAll(/(\w+)="/g)) labels.add(label!);
    exposed.set(name, labels);
  }
  const uses = (await expressions()).flatMap(usesOf);
  assert.ok(uses.length > 25, `${uses.length} uses`);
  const missing = uses.filter(({ name }) => !exposed.has(name)).map(({ name }) => name);
  assert.equal([...new Set(missing)], [], "metrics that nobody exposes");
  for (const { name, labels } of uses) {
    assert.equal(labels.filter((label) => !exposed.get(name)!.has(label)), [], `labels that ${name} does not have`);
  }
});
monitoring.run();
