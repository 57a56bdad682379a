/**
 * Makes `dist/`, which is what is packed: declarations by tsc, JavaScript by esbuild. The modules are put together in a few files,
 * parts that are loaded later in files of their own: a program of 150 small modules takes twice as long to start.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));
/** What runs in a thread of its own. */
const THREADS = ["./dist/cli/story/thread.js"];
const compiled = [...Object.values<string>(exports), ...Object.values<string>(bin), ...THREADS].filter((path) =>
  path.endsWith(".js")
);

rmSync("dist", { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
await build({
  entryPoints: compiled.map((path) => path.replace(/^(\.\/)?dist\//, "").replace(/\.js$/, ".ts")),
  outdir: "dist",
  outbase: ".",
  chunkNames: "chunks/[name]-[hash]", // as deep as cli/: from there the CRD is found
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "neutral",
  target: "node22",
  packages: "external",
  external: ["node:*"],
  sourcemap: true,
  logLevel: "warning",
});
