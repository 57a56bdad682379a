import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Call, calledAs } from "../../cli/called-as.ts";

const TSX = ["--require", "/home/a/shop/node_modules/tsx/dist/preflight.cjs"];
const FLAGS = "--allow-read --allow-env --allow-sys --allow-net";

const calls: Readonly<Record<string, readonly [call: Omit<Call, "directory" | "isDeno"> & Partial<Call>, expected: string]>> = {
  "a command on the path": [{ script: "/usr/local/bin/crd-watcher" }, "crd-watcher"],
  "npx, of what is installed here": [
    { script: "/home/a/shop/node_modules/.bin/crd-watcher", isOfNpm: true },
    "npx crd-watcher",
  ],
  "npx, of what is installed nowhere": [
    { script: "/home/a/.npm/_npx/1f/node_modules/.bin/crd-watcher", isOfNpm: true },
    "npx crd-watcher",
  ],
  "a script of npm, of what is installed globally": [{ script: "/usr/bin/crd-watcher", isOfNpm: true }, "npx crd-watcher"],
  "a shim that names the file": [{ script: "/home/a/shop/node_modules/crd-watcher/dist/cli/main.js" }, "npx crd-watcher"],
  "a shim of Windows": [{ script: "C:\\shop\\node_modules\\crd-watcher\\dist\\cli\\main.js" }, "npx crd-watcher"],
  "a checkout, by tsx": [{ script: "/home/a/shop/cli/main.ts", loaded: TSX, isOfNpm: true }, "npx tsx cli/main.ts"],
  "a checkout, by tsx, from a folder in it": [
    { script: "/home/a/shop/cli/main.ts", loaded: TSX, directory: "/home/a/shop/docs" },
    "npx tsx ../cli/main.ts",
  ],
  "a checkout, by Node alone": [{ script: "/home/a/shop/cli/main.ts" }, "node cli/main.ts"],
  "what was built": [{ script: "/home/a/shop/dist/cli/main.js" }, "node dist/cli/main.js"],
  "a checkout, by Deno": [{ script: "/home/a/shop/cli/main.ts", isDeno: true }, "deno run -P cli/main.ts"],
  "a checkout, by the Deno of npm": [
    { script: "/home/a/shop/cli/main.ts", isDeno: true, isOfNpm: true },
    "npx deno run -P cli/main.ts",
  ],
  "the package, by Deno": [
    { script: "/home/a/.cache/deno/npm/registry/crd-watcher/0.1.0/dist/cli/main.js", isDeno: true },
    `deno run ${FLAGS} npm:crd-watcher`,
  ],
  "a path that no shell takes as it is": [{ script: "/home/a/my shop/dist/cli/main.js" }, "crd-watcher"],
};

const called = suite("how the program was called");
for (const [title, [call, expected]] of Object.entries(calls)) {
  called(title, () => assert.is(calledAs({ directory: "/home/a/shop", isDeno: false, ...call }), expected));
}
called.run();
