/** The package as its users have it, used from another project. The code of the documents: guide.node.test.ts. */
import { cpSync, existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXAMPLES as ENDS } from "../support/examples.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { deadLinks } from "../support/links.ts";
import { createProject, type UserProject } from "../support/package.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";
import { RESOLUTIONS, typeErrors } from "../support/strictest.ts";

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
let project: UserProject;
let installed = "";
const inProject = (command: readonly string[]) => project.inside(command);

packed.before(async () => {
  folder = temporaryFolder();
  project = await createProject(folder);
  installed = project.installed;
  // As it stands in the checkout, but for where it imports from.
  for (const name of EXAMPLES) {
    let text = await readFile(join(root, "examples", name), "utf8");
    for (const [name, path] of Object.entries(sources)) text = text.replaceAll(`"../${path.slice(2)}"`, `"${name}"`);
    assert.not.match(text, /from "\.\.\//);
    folder.write(`project/${name}`, text);
  }
  cpSync(join(root, "examples/website-crd.yaml"), join(project.path, "website-crd.yaml"));
});
packed.after.each(endPrograms);
packed.after(() => folder.remove());

packed("holds what is compiled, the CRD, the overlays, the examples and the documents, and nothing else", async () => {
  const files = (await runCommand(["find", installed, "-type", "f", "-printf", "%P\\n"])).trim().split("\n");
  const outside = files.filter((path) => !/^dist\/(mod|(src|cli|chunks)\/.+)\.(js|js\.map|d\.ts)$/.test(path)).sort();
  const data = /^(crds|deploy|examples)\//;
  const documents = /^(docs\/([\w/-]+\.md|order\.svg)|bench\/README\.md|[A-Z]+\.md|llms\.txt)$/;
  const others = outside.filter((path) => !data.test(path) && !documents.test(path));
  assert.equal(others, ["LICENSE", "package.json"]);
  const source = await runCommand(["find", "crds", "deploy", "examples", "-type", "f"]);
  assert.equal(outside.filter((path) => data.test(path)), source.trim().split("\n").sort());
});

packed("holds what its documents lead to", async () => {
  assert.equal(await deadLinks(installed), []);
});

/** A program that loads these and says that there is something in each. */
const loading = (names: readonly string[]) =>
  `for (const name of ${JSON.stringify(names)}) console.log(name, Object.keys(await import(name)).length > 0)`;
const loaded = (names: readonly string[]) => names.map((name) => `${name} true\n`).join("");

packed("Node loads each entry below node_modules, without a loader", async () => {
  const program = [process.execPath, "--input-type=module", "-e", loading(modules)];
  assert.is(await runCommand(inProject(program)), loaded(modules));
});

packed("so does Deno, without any permission", async () => {
  folder.write("project/load.js", loading(modules));
  assert.is(await runCommand(inProject(["deno", "run", "-q", "--no-prompt", "load.js"])), loaded(modules));
});

packed("Deno is told in plain words why it is not the client of JSR that connects", async () => {
  const log = "{ debug() {}, info: (text) => console.log(text), warn() {}, error() {} }";
  const connecting = `await (await connect({ master: "http://127.0.0.1:9999", log: ${log} })).close();\n`;
  folder.write("project/connect.js", `import { connect } from "crd-watcher/deno";\n${connecting}`);
  assert.match(
    await runCommand(inProject(["deno", "run", "-q", "-A", "connect.js"])),
    /^Using the client of crd-watcher itself, because a package of npm cannot load @cloudydeno\/kubernetes-client@[\d.]+, which is on JSR\n$/,
  );
});

for (const name of EXAMPLES) {
  for (const [runtime, command] of [["Node", [process.execPath]], ["Deno", ["deno", "run", "-q", "-A"]]] as const) {
    packed(`${name} runs in ${runtime}`, async () => {
      assert.match(await runCommand(inProject([...command, name])), ENDS[name]!);
    });
  }
}

for (const resolution of RESOLUTIONS) {
  packed(`its types are checked at the strictest, without skipLibCheck, with ${resolution.moduleResolution}`, async () => {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    assert.equal(await typeErrors(project, folder, compiler, { modules, resolution }), []);
  });
}

packed("Deno checks its types, too", async () => {
  folder.write("project/tsconfig.json", { compilerOptions: { strict: true }, files: [] });
  await runCommand(inProject(["deno", "check", "-q", ...EXAMPLES]));
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

for (const [runtime, command] of [["Node", [process.execPath]], ["Deno", ["deno", "run", "-q", "-A"]]] as const) {
  packed(`its demonstration finds its threads, and is ended, in ${runtime}`, async () => {
    const main = join(installed, manifest.bin["crd-watcher"]);
    const demo = startCommand(inProject([...command, main, "--mode", "demo"]));
    await demo.until(/claims charge, attempt 2/);
    assert.is(await demo.end("SIGINT"), 1, demo.errors);
    assert.match(demo.errors, /^Ended before the story was over$/m);
  });
}

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
