/** The entries of the package are written down four times, each for a tool that reads nothing else. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runtime } from "./support/gates.ts";

const root = new URL("../", import.meta.url);
const read = async (name: string) => JSON.parse(await readFile(new URL(name, root), "utf8"));
const [npm, jsr, tsconfig] = [await read("package.json"), await read("deno.json"), await read("tsconfig.json")];

type Entries = Readonly<Record<string, string>>;
/** By the names under which users import them: where the source is. */
const byName = (entries: Entries, source = (path: string) => path): Entries =>
  Object.fromEntries(Object.entries(entries).map(([name, path]) => [name.replace(/^\./, "crd-watcher"), source(path)]));
/** MSW intercepts nothing in Deno: JSR has no such entry. */
const withoutMsw = ({ "crd-watcher/fake/msw": _, ...rest }: Entries): Entries => rest;
const sourceOf = (compiled: string) => compiled.replace("./dist/", "./").replace(/\.js$/, ".ts");

const { "./package.json": _, ...exported } = npm.exports as Entries;
const packaged = byName(exported, sourceOf);

const entries = suite("entries of the package");
entries("npm, JSR, Deno's import map, and TypeScript's paths have the same", () => {
  assert.equal(byName(jsr.exports), withoutMsw(packaged));
  assert.equal(jsr.imports, withoutMsw(packaged));
  assert.equal(byName(tsconfig.compilerOptions.paths, (path) => path[0]!), packaged);
});

entries("npm and JSR have one version", () => assert.is(npm.version, jsr.version));

entries("in a checkout, which is not built, they are the source", async () => {
  for (const [name, path] of Object.entries(runtime === "deno" ? withoutMsw(packaged) : packaged)) {
    assert.is(await import(name), await import(new URL(path, root).href), name);
  }
});
entries.run();
