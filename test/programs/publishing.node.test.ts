/** What is wrong with a package is found by those who install it, unless somebody looks before it is published. */
import { mkdirSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { pack } from "../support/package.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

/** What a program needs that imports the core, gzip, in bytes. It grows on purpose only. */
const CORE_LIMIT = 68_000;
/** Types that the compiler makes to check a flow of fifty jobs and its handlers; the time is a matter of the machine. */
const INSTANTIATIONS_LIMIT = 20_000;

const publishing = suite("the package before it is published");
let folder: Folder;
let tarball: Uint8Array;
let installed = "";
publishing.before(async () => {
  folder = temporaryFolder();
  const path = await pack();
  tarball = new Uint8Array(await readFile(path));
  installed = join(folder.path, "node_modules/crd-watcher");
  mkdirSync(installed, { recursive: true });
  await runCommand(["tar", "-xzf", path, "-C", installed, "--strip-components=1"]);
});
publishing.after.each(endPrograms);
publishing.after(() => folder.remove());

publishing("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  assert.equal(messages.map((message) => formatMessage(message, manifest, { color: false })), []);
});

publishing(
  "the types of each entry are found by whoever resolves it, but by a require of CommonJS before Node could do that",
  async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball));
    assert.ok(result.types);
    const problems = result.problems.filter(({ kind }) => kind !== "CJSResolvesToESM");
    const named = problems.map((problem) =>
      `${problem.kind} ${"entrypoint" in problem ? problem.entrypoint : ""} ${
        "resolutionKind" in problem ? problem.resolutionKind : ""
      }`
    );
    // The oldest resolution knows no exports at all: only what is named "main" is found by it.
    assert.equal(named.filter((name) => !name.endsWith("node10")), []);
  },
);

publishing("JSR is given nothing that it warns of", async () => {
  const publish = startCommand(["deno", "publish", "--dry-run", "--allow-dirty", "--no-check"]);
  assert.is(await publish.exited, 0, publish.errors);
  const said = publish.output + publish.errors;
  assert.match(said, /^Simulating publish of @crd-watcher\/crd-watcher@/m);
  assert.equal(said.match(/^(warning|error)\[.*$[^]*?(?=\n\n)/gm) ?? [], []);
});

publishing("the reference of the library is made, with a page for what each entry exports", async () => {
  const reference = join(folder.path, "reference");
  const words = (manifest.scripts.reference as string).replace("--output=reference", `--output=${reference}`).split(" ");
  await runCommand(words);
  const pages = (await readdir(reference, { recursive: true })).filter((path) => path.endsWith(".html"));
  for (
    const name of ["defineFlow", "connect", "createFetchCluster", "runController", "createFakeCluster", "listen", "testFlow"]
  ) {
    assert.ok(pages.some((path) => path.endsWith(`/${name}.html`)), name);
  }
});

/** A program of one file, as a bundler makes it. */
async function bundle(text: string, format: "esm" | "cjs"): Promise<Uint8Array> {
  const { outputFiles } = await build({
    bundle: true,
    format,
    platform: "node",
    target: "node22",
    minify: true,
    write: false,
    nodePaths: [join(root, "node_modules")],
    stdin: { contents: text, resolveDir: folder.path, sourcefile: "program.ts", loader: "ts" },
  });
  return outputFiles[0]!.contents;
}

publishing("the core is small, and holds nothing of Node, the fake, or anybody else", async () => {
  const code = await bundle('export * from "crd-watcher";', "esm");
  const text = new TextDecoder().decode(code);
  assert.not.match(text, /from"node:|require\("node:/);
  const size = gzipSync(code).length;
  assert.ok(size <= CORE_LIMIT, `${size} bytes`);
});

publishing("a bundle of all that a flow needs, the fake included, runs", async () => {
  const code = await bundle(WHOLE, "cjs");
  const program = join(folder.path, "flow.cjs");
  await writeFile(program, code);
  const crd = join(folder.path, "crd.json");
  folder.write("crd.json", parse(await readFile(join(installed, "crds/request-state.yaml"), "utf8")));
  assert.is(await runCommand([process.execPath, program, crd]), "true\n");
});
const WHOLE = `
import { readFileSync } from "node:fs";
import { defineFlow, hasSucceeded, runDirector, runWorker, startFlow } from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";
async function main() {
  const crd = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const cluster = createFetchCluster(createFakeCluster({ crds: [crd] }).fetch);
  const order = defineFlow("order", ["charge", "ship"]);
  const ending = new AbortController();
  const options = { cluster, signal: ending.signal };
  const running = [runDirector([order], options), runWorker(order, { charge: async () => {}, ship: async () => {} }, options)];
  const run = await startFlow(order, {}, { cluster });
  console.log(hasSucceeded(await run.finished));
  ending.abort();
  await Promise.all(running.map(({ finished }) => finished));
}
main();
`;

publishing("a flow of fifty jobs costs the compiler little", async () => {
  const names = Array.from({ length: 50 }, (_, index) => `job${index}`);
  const jobs = names.map((name, index) => {
    const next = names[index + 1];
    return next ? `${name}: { on: { yes: "${next}", no: "job49", failed: "job49" }, retry: { limit: 2 } }` : `${name}: {}`;
  });
  const handlers = names.map((name, index) =>
    index < 49
      ? `${name}: async ({ input, attempt }) => ({ outcome: attempt > 1 ? "no" : "yes", output: { ${name}: input.amount } })`
      : `${name}: async () => {}`
  );
  const text = `import { defineFlow, implementFlow, shape } from "crd-watcher";
const many = defineFlow("many", { start: "job0", input: shape<{ amount: number }>(), jobs: { ${jobs.join(", ")} } });
export default implementFlow(many, { ${handlers.join(",\n")} });
`;
  folder.write("many.ts", text);
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", target: "es2022", skipLibCheck: true, types: [] };
  folder.write("tsconfig.json", { compilerOptions, files: ["many.ts"] });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const check = startCommand([process.execPath, tsc, "-p", folder.path, "--extendedDiagnostics", "--pretty", "false"]);
  assert.is(await check.exited, 0, check.output);
  const count = Number(/^Instantiations:\s+(\d+)/m.exec(check.output)?.[1]);
  assert.ok(count <= INSTANTIATIONS_LIMIT, `${count} instantiations`);
});
publishing.run();
