/**
 * Makes `dist/`, which is what is packed: declarations by tsc, JavaScript by esbuild. The modules are put together in a few files,
 * parts that are loaded later in files of their own: a program of 150 small modules takes twice as long to start.
 *
 * `build.ts --executable PATH` makes one file instead, of the fake API server and the Node that runs this, for the platform of this
 * machine: https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";

/** Node's mark of where the blob goes. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const [flag, path] = process.argv.slice(2);
if (flag === undefined) await buildPackage();
else if (flag === "--executable" && path !== undefined) await buildExecutable(path);
else throw new Error(`What is built by ${process.argv.slice(2).join(" ")}? Nothing, or --executable PATH`);

async function buildPackage(): Promise<void> {
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
    chunkNames: "chunks/[name]-[hash]", // as deep as cli/: from there the thread is found
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
}

async function buildExecutable(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "executable-"));
  const [main, blob, config] = ["main.cjs", "blob", "config.json"].map((name) => join(folder, name)) as [string, string, string];
  try {
    await build({
      entryPoints: ["cli/executable.ts"],
      outfile: main,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node24",
      // What only other parts of the command line load.
      external: ["msw", "@mswjs/interceptors", "@kubernetes/client-node", "@cloudydeno/kubernetes-client"],
      logOverride: { "empty-import-meta": "silent" },
      logLevel: "warning",
    });
    writeFileSync(config, JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true }));
    execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: "ignore" });
    copyFileSync(process.execPath, path);
    chmodSync(path, 0o755);
    const macho = process.platform === "darwin" ? ["--macho-segment-name", "NODE_SEA"] : [];
    // It warns of sections of Node that it cannot name.
    const postject = ["node_modules/postject/dist/cli.js", path, "NODE_SEA_BLOB", blob, "--sentinel-fuse", FUSE, ...macho];
    execFileSync(process.execPath, postject, { stdio: "pipe" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
