import { copyFileSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const compiled = suite("programs: compiled to JavaScript");
let folder: Folder;
let main = "";
compiled.before(async () => {
  folder = temporaryFolder();
  // Laid out as the project is once it is built: beside what dist/ needs of it.
  for (const name of ["node_modules", "crds"]) symlinkSync(join(root, name), join(folder.path, name));
  copyFileSync(join(root, "package.json"), join(folder.path, "package.json"));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  await runCommand([process.execPath, tsc, "-p", "tsconfig.build.json", "--outDir", join(folder.path, "dist")]);
  main = join(folder.path, "dist/cli/main.js");
});
compiled.after.each(endPrograms);
compiled.after(() => folder.remove());

compiled("cluster, worker and director run the sample flow without a loader", async () => {
  const kubeconfig = join(folder.path, "kubeconfig");
  const start = (...args: string[]) => startCommand([process.execPath, main, ...args]);
  const cluster = start("--mode", "cluster", "--write-kubeconfig", kubeconfig);
  await cluster.until(/^http:\/\/127\.0\.0\.1:\d+$/m);
  const worker = start("--mode", "worker", "--kubeconfig", kubeconfig);
  const director = start("--mode", "director", "--kubeconfig", kubeconfig);
  assert.is(await director.exited, 0, director.errors);
  assert.match(director.output, /^Succeeded, 6 transitions in /m);
  for (const program of [worker, cluster]) assert.is(await program.end(), 0, program.errors);
});

compiled("each entry of the package is compiled and loads without a loader", async () => {
  const { exports } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { exports: Record<string, string> };
  const paths = Object.values(exports).map((path) => join(folder.path, "dist", path.replace(/\.ts$/, ".js")));
  const nodeOnly = paths.filter((path) => !path.endsWith("deno.js"));
  const code = `for (const path of ${JSON.stringify(nodeOnly)}) console.log(Object.keys(await import(path)).length > 0)`;
  const output = await runCommand([process.execPath, "--input-type=module", "-e", code]);
  assert.equal(output.trim().split("\n"), nodeOnly.map(() => "true"));
});

compiled("declarations and source maps lie beside it", async () => {
  const read = (name: string) => readFile(join(folder.path, "dist", name), "utf8");
  assert.match(await read("mod.d.ts"), /from "\.\/src\/flow\.(ts|js)"/);
  const map = JSON.parse(await read("src/flow.js.map"));
  assert.equal(map.sources.length, 1);
  assert.match(map.sources[0], /src\/flow\.ts$/);
});
compiled.run();
