/** The package as its users have it: packed, unpacked below the node_modules of another project, and used from there. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXAMPLES as ENDS } from "../support/examples.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { pack } from "../support/package.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));
const manifest = await readJson(join(root, "package.json"));
const { imports: sources } = await readJson(join(root, "deno.json")) as { imports: Readonly<Record<string, string>> };
const names = Object.keys(manifest.exports as object).map((name) => name.replace(/^\./, "crd-watcher"));
const modules = names.filter((name) => !name.endsWith(".json"));
/** Those of examples/ that are run from there. */
const EXAMPLES = ["run-controller.ts", "run-order.ts"];

const packed = suite("the package");
let folder: Folder;
/** Of the user. */
let project = "";
let installed = "";
const inProject = (command: readonly string[]) => ["sh", "-c", 'cd "$0" && exec "$@"', project, ...command];

packed.before(async () => {
  folder = temporaryFolder();
  const tarball = await pack(folder);
  project = join(folder.path, "project");
  installed = join(project, "node_modules/crd-watcher");
  mkdirSync(installed, { recursive: true });
  await runCommand(["tar", "-xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const name of [...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }), "@types/node", "uvu"]) {
    mkdirSync(dirname(join(project, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  }
  const { dependencies } = manifest;
  folder.write("project/package.json", { type: "module", dependencies: { ...dependencies, "crd-watcher": manifest.version } });
  // As it stands in the checkout, but for where it imports from.
  for (const name of EXAMPLES) {
    let text = await readFile(join(root, "examples", name), "utf8");
    for (const [name, path] of Object.entries(sources)) text = text.replaceAll(`"../${path.slice(2)}"`, `"${name}"`);
    assert.not.match(text, /from "\.\.\//);
    folder.write(`project/${name}`, text);
  }
  cpSync(join(root, "examples/website-crd.yaml"), join(project, "website-crd.yaml"));
});
packed.after.each(endPrograms);
packed.after(() => folder.remove());

packed("holds what is compiled, the CRD, the overlays and the documents, and nothing else", async () => {
  const files = (await runCommand(["find", installed, "-type", "f", "-printf", "%P\\n"])).trim().split("\n");
  const outside = files.filter((path) => !/^dist\/(mod|(src|cli|chunks)\/.+)\.(js|js\.map|d\.ts)$/.test(path)).sort();
  const data = /^(crds|deploy)\//;
  assert.equal(outside.filter((path) => !data.test(path)), ["LICENSE", "README.md", "package.json"]);
  const source = await runCommand(["find", "crds", "deploy", "-type", "f"]);
  assert.equal(outside.filter((path) => data.test(path)), source.trim().split("\n").sort());
});

/** A program that loads these and says that there is something in each. */
const loading = (names: readonly string[]) =>
  `for (const name of ${JSON.stringify(names)}) console.log(name, Object.keys(await import(name)).length > 0)`;
const loaded = (names: readonly string[]) => names.map((name) => `${name} true\n`).join("");

packed("Node loads each entry below node_modules, without a loader", async () => {
  const program = [process.execPath, "--input-type=module", "-e", loading(modules)];
  assert.is(await runCommand(inProject(program)), loaded(modules));
});

packed("Deno loads each entry but MSW's", async () => {
  const names = modules.filter((name) => !name.endsWith("/msw"));
  folder.write("project/load.js", loading(names));
  assert.is(await runCommand(inProject(["deno", "run", "-q", "-A", "load.js"])), loaded(names));
});

for (const name of EXAMPLES) {
  for (const [runtime, command] of [["Node", [process.execPath]], ["Deno", ["deno", "run", "-q", "-A"]]] as const) {
    packed(`${name} runs in ${runtime}`, async () => {
      assert.match(await runCommand(inProject([...command, name])), ENDS[name]!);
    });
  }
}

/** Those that are asked for by nobody else, and that change what a declaration means. */
const STRICTEST = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  target: "es2022",
  types: ["node"],
  noEmit: true,
};
for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]] as const) {
  packed(`its types are checked at the strictest, without skipLibCheck, with ${moduleResolution}`, async () => {
    const uses = modules.map((name, index) => `import * as entry${index} from "${name}";\nexport { entry${index} };\n`);
    folder.write("project/entries.ts", uses.join(""));
    folder.write("project/consumer.ts", CONSUMER);
    const compilerOptions = { ...STRICTEST, module, moduleResolution };
    folder.write("project/tsconfig.json", { compilerOptions, files: ["entries.ts", "consumer.ts"] });
    const check = startCommand(inProject([process.execPath, join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"]));
    await check.exited;
    // What is wrong with the declarations of others is theirs.
    const lines = check.output.trim().split("\n").filter((line) => /^[^ ].*error TS/.test(line));
    assert.equal(lines.filter((line) => !/^node_modules\/(?!crd-watcher\/)/.test(line)), []);
  });
}

const CONSUMER = `
import { defineFlow, implementFlow, runWorker, type Running } from "crd-watcher";
import { connect } from "crd-watcher/node";
const order = defineFlow("order", ["charge", "ship"]);
const cluster = await connect();
// @ts-expect-error A misspelt job.
runWorker(order, { chrage: async () => {} }, { cluster });
const worker: Running = runWorker(order, { charge: async ({ signal }) => void signal.aborted, ship: async () => {} }, { cluster });
await worker.finished;
const trip = defineFlow("trip", { start: "a", jobs: { a: { on: { x: "b", y: "c" } }, b: { next: "c" }, c: {} } });
const trips = implementFlow(trip, { a: async () => ({ outcome: "x" }), b: async () => {}, c: async () => {} });
await Promise.all([runWorker(trips, { cluster }), runWorker([trips], { cluster })].map(({ finished }) => finished));
`;

packed("Deno checks its types, too", async () => {
  folder.write("project/tsconfig.json", { compilerOptions: { strict: true }, files: [] });
  await runCommand(inProject(["deno", "check", "-q", ...EXAMPLES]));
});

/** The blocks of the guide, as a user copies them. */
const blocks = [...(await readFile(join(root, "docs/testing.md"), "utf8")).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) =>
  text!
);
const [first = "", ...others] = blocks;
const IMPORT = /^import { test } from "node:test";.*$/m;
/** What stands in the place of that line, and at the end of the file; how it is run. */
const RUNNERS: Readonly<Record<string, readonly [head: string, tail: string, command: readonly string[]]>> = {
  "node:test": ['import { test } from "node:test";', "", [process.execPath, "--test"]],
  uvu: ['import { test } from "uvu";', "test.run();\n", [process.execPath]],
  // Without any permission.
  "Deno.test": ["const { test } = Deno;", "", ["deno", "test", "-q", "--no-prompt"]],
};
for (const [runner, [head, tail, command]] of Object.entries(RUNNERS)) {
  packed(`the first test of the guide passes in ${runner}, and fails there when it leaves something behind`, async () => {
    assert.match(first, IMPORT);
    const text = first.replace(IMPORT, head) + tail;
    folder.write("project/order.test.ts", text);
    await runCommand(inProject([...command, "order.test.ts"]));
    folder.write("project/left.test.ts", text.replace("  const run =", "  t.clock.setTimer(5_000, () => {});\n  const run ="));
    const failing = startCommand(inProject([...command, "left.test.ts"]));
    assert.is(await failing.exited, 1);
    assert.match(failing.output + failing.errors, /The test has left behind: a timer of t\.clock, due in 4\.75 s/);
  });
}

packed("all else that is in the guide runs, in Node and in Deno", async () => {
  assert.ok(others.length >= 8);
  const names = others.map((text, index) => {
    folder.write(`project/guide-${index}.ts`, text);
    return `./guide-${index}.ts`;
  });
  folder.write("project/guide.ts", names.map((name) => `await import("${name}");\n`).join(""));
  for (const command of [[process.execPath], ["deno", "run", "-q", "--no-prompt", "--check"]]) {
    assert.is(await runCommand(inProject([...command, "guide.ts"])), "");
  }
});

packed("its command runs cluster, worker and director", async () => {
  const main = join(installed, manifest.bin["crd-watcher"]);
  assert.match(await readFile(main, "utf8"), /^#!\/usr\/bin\/env node\n/);
  const kubeconfig = join(folder.path, "kubeconfig");
  const start = (...args: string[]) => startCommand(inProject([process.execPath, main, ...args]));
  const cluster = start("--mode", "cluster", "--write-kubeconfig", kubeconfig);
  await cluster.until(/^http:\/\/127\.0\.0\.1:\d+$/m);
  const worker = start("--mode", "worker", "--kubeconfig", kubeconfig);
  const director = start("--mode", "director", "--kubeconfig", kubeconfig);
  assert.is(await director.exited, 0, director.errors);
  assert.match(director.output, /^Succeeded, 6 transitions in /m);
  for (const program of [worker, cluster]) assert.is(await program.end(), 0, program.errors);
});

packed("a debugger finds the source in the maps", async () => {
  const chunks = (await readdir(join(installed, "dist/chunks"))).filter((name) => name.endsWith(".map"));
  const maps = await Promise.all(chunks.map((name) => readJson(join(installed, "dist/chunks", name))));
  const contents = maps.flatMap(({ sources, sourcesContent }) =>
    sources.flatMap((source: string, index: number) => /src\/flow\.ts$/.test(source) ? [sourcesContent[index]] : [])
  );
  assert.equal(contents, [await readFile(join(root, "src/flow.ts"), "utf8")]);
  assert.ok(existsSync(join(installed, "dist/mod.d.ts")));
});
packed.run();
