/** The package in each Node that it is for, in one that is too old, and for the oldest compiler that understands it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { installOthers, nodePackage } from "../support/others.ts";
import { createProject, type UserProject } from "../support/package.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";
import { skip } from "../support/skip.ts";
import { RESOLUTIONS, typeErrors } from "../support/strictest.ts";

const manifest = JSON.parse(await readFile(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8"));
const names = Object.keys(manifest.exports as object).map((name) => name.replace(/^\./, "crd-watcher"));
const modules = names.filter((name) => !name.endsWith(".json"));

/** Beside the project's own, in which everything else runs. */
const GOOD = ["22", "26"];
const OLD = "20";
/** NoInfer came with it. */
const COMPILER = "5.4";

const versions = suite("other versions");
let folder: Folder;
let project: UserProject;
let others: string | undefined;
versions.before(async () => {
  folder = temporaryFolder();
  project = await createProject(folder);
  folder.write("project/kit.js", KIT);
  const nodes = nodePackage === undefined ? [] : [...GOOD, OLD].map((version) => [`node${version}`, `${nodePackage}@${version}`]);
  others = await installOthers(folder, { typescript5: `typescript@${COMPILER}`, ...Object.fromEntries(nodes) });
});
versions.after.each(endPrograms);
versions.after(() => folder.remove());

/** Defines a test that needs what is installed, or says that it is not. */
function inOthers(name: string, there: boolean, test: (others: string) => Promise<void>): void {
  versions(name, async () => {
    if (others === undefined || !there) {
      skip(name, others === undefined ? "no npm registry is reached" : "npm has no Node for this machine");
    } else await test(others);
  });
}
const node = (others: string, version: string) => join(others, `node${version}`, "bin/node");

const KIT = `
import { defineFlow, implementFlow } from "crd-watcher";
import { testFlow } from "crd-watcher/testing";
const order = defineFlow("order", { start: "charge", jobs: { charge: { retry: { limit: 2 }, next: "rest" }, rest: { after: 86_400_000, next: "ship" }, ship: {} } });
const t = await testFlow(implementFlow(order, { charge: async ({ attempt }) => { if (attempt === 1) throw new Error("no"); }, ship: async () => {} }));
const run = await t.start();
const { status } = await t.untilOver(run);
console.log(status, t.path(run).join());
await t.close();
`;

for (const version of GOOD) {
  inOthers(`Node ${version} loads each entry and runs a flow in the test kit`, nodePackage !== undefined, async (others) => {
    const load = `for (const name of ${
      JSON.stringify(modules)
    }) if (Object.keys(await import(name)).length === 0) throw new Error(name);
await import("./kit.js");
console.log(process.versions.node.split(".")[0]);`;
    const program = startCommand(project.inside([node(others, version), "--input-type=module", "-e", load]));
    assert.is(await program.exited, 0, program.errors);
    assert.equal([program.output, program.errors], [`succeeded charge,rest,ship\n${version}\n`, ""]);
  });

  inOthers(`Node ${version} runs cluster, worker, director and verbs`, nodePackage !== undefined, async (others) => {
    const main = join(project.installed, manifest.bin["crd-watcher"]);
    const kubeconfig = join(folder.path, `kubeconfig-${version}`);
    const start = (...args: string[]) => startCommand(project.inside([node(others, version), main, ...args]));
    const cluster = start("--mode", "cluster", "--write-kubeconfig", kubeconfig);
    await cluster.until(/^http:/m);
    const worker = start("--mode", "worker", "--kubeconfig", kubeconfig, "--metrics-bind-address", "127.0.0.1:0");
    const director = start("--mode", "director", "--kubeconfig", kubeconfig);
    assert.is(await director.exited, 0, director.errors);
    const list = start("list", "-o", "name", "--kubeconfig", kubeconfig);
    assert.is(await list.exited, 0, list.errors);
    assert.match(list.output, /^\S+\n$/);
    for (const program of [worker, cluster]) assert.is(await program.end(), 0, program.errors);
  });
}

inOthers(`Node ${OLD} is told what is needed, in one sentence`, nodePackage !== undefined, async (others) => {
  const main = join(project.installed, manifest.bin["crd-watcher"]);
  const command = startCommand(project.inside([node(others, OLD), main, "list"]));
  assert.is(await command.exited, 1);
  const said = command.errors.replace(/20\.\d+\.\d+/, "20");
  assert.equal([command.output, said], ["", `crd-watcher needs Node 22.19 or newer: this is Node ${OLD}\n`]);

  const load = `for (const name of ${JSON.stringify(modules)}) {
  await import(name).then(() => console.log(name), ({ message }) => console.log(name, message));
}`;
  const lines = (await runCommand(project.inside([node(others, OLD), "--input-type=module", "-e", load]))).trim().split("\n");
  const sentence = "crd-watcher needs Node 22.19, Deno 2.5 or a newer one: this runtime has no Promise.withResolvers";
  // They work in older ones, too, and are of no use without another of them.
  const alone = /^crd-watcher\/(prometheus|fake\/server)$/;
  assert.equal(lines, modules.map((name) => alone.test(name) ? name : `${name} ${sentence}`));
});

for (const resolution of RESOLUTIONS) {
  inOthers(
    `TypeScript ${COMPILER} takes its types at the strictest, with ${resolution.moduleResolution}`,
    true,
    async (others) => {
      const compiler = join(others, "typescript5/bin/tsc");
      assert.match(await runCommand([process.execPath, compiler, "--version"]), new RegExp(`^Version ${COMPILER}\\.`));
      assert.equal(await typeErrors(project, folder, compiler, { modules, resolution }), []);
    },
  );
}
versions.run();
