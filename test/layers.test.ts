import { readdir, readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/**
 * The layers, lowest first: a file may import from its own and from lower ones. `uses` lists what else a layer may
 * touch: packages, `node:` modules.
 */
const LAYERS: readonly { readonly files: RegExp; readonly uses: RegExp; readonly name: string }[] = [
  { name: "ports and errors", files: /^src\/(ports|errors|text|printable|options|optional-package)\.ts$/, uses: /^$/ },
  { name: "the resource", files: /^src\/request-state\.ts$/, uses: /^$/ },
  { name: "the parts of the rules", files: /^src\/flow\//, uses: /^$/ },
  { name: "the rules", files: /^src\/flow\.ts$/, uses: /^$/ },
  { name: "the runtime", files: /^src\/runtime\//, uses: /^$/ },
  { name: "the programs", files: /^src\/programs\//, uses: /^$/ },
  { name: "the library", files: /^mod\.ts$/, uses: /^$/ },
  { name: "the CRD", files: /^src\/request-state-crd\.ts$/, uses: /^$/ },
  { name: "the adapters", files: /^src\/adapters\//, uses: /^(@kubernetes\/client-node|js-yaml|prom-client|socks|node:.*)$/ },
  { name: "the fake", files: /^src\/fake\//, uses: /^(yaml|node:http|node:.*|msw.*|@mswjs\/.*)$/ },
  { name: "the test kit", files: /^src\/testing\//, uses: /^node:async_hooks$/ },
  { name: "the command line", files: /^cli\//, uses: /^(yaml|prom-client|node:.*)$/ },
];

/** Layers that know nothing of those beside or between them: what they may import of the project. */
const ONLY: Readonly<Record<string, RegExp>> = {
  "the runtime": /^src\/(runtime\/|ports\.ts|errors\.ts|options\.ts|text\.ts|printable\.ts)/,
  "the adapters": /^src\/(adapters\/|ports\.ts|errors\.ts|options\.ts|optional-package\.ts|runtime\/time\/clock\.ts)/,
  "the fake": /^src\/(fake\/|ports\.ts|errors\.ts|options\.ts|optional-package\.ts|text\.ts|runtime\/time\/clock\.ts)/,
};

/** The rooms of large layers, lowest first; what lies beside them is above them all. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  adapters: ["transport", "config", "credentials", "wire", "api", "sources"],
  runtime: ["time", "log", "store", "queue", "reflector", "leases", "objects", "controller"],
  fake: [
    "types",
    "output",
    "schema",
    "managed",
    "cel",
    "crd",
    "builtin",
    "store",
    "accounts",
    "rbac",
    "admission",
    "discovery",
    "http",
    "patch",
    "webhooks",
    "verbs",
    "instruments",
    "stages",
    "gate",
  ],
};
/** How high a file is in its layer; undefined where that has no rooms, -1 for a room without a place. */
const floorOf = (file: string): number | undefined => {
  const [, layer = "", room] = /^src\/([^/]+)\/(?:([^/]+)\/)?.+$/.exec(file) ?? [];
  const rooms = ROOMS[layer];
  return rooms === undefined || room === undefined ? rooms?.length : rooms.indexOf(room);
};

/** Files that alone may touch something. */
const MSW = /^src\/fake\/msw(\.|-)/;
const PROMETHEUS = /^(src\/adapters\/prometheus|cli\/operations)\.ts$/;
const CLIENT_NODE = /^src\/adapters\/sources\/auth-provider\.ts$/;
/** Loaded only when they are needed: they cost memory and time at start. */
const LAZY = /^(js-yaml|socks|@kubernetes\/client-node|msw.*|@mswjs\/.*)$/;

/** What only tests use. */
const KIT = /^src\/testing\//;

const root = new URL("../", import.meta.url);
const files = ["mod.ts", ...await list("src/"), ...await list("cli/")];

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(new URL(folder, root), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => entry.isDirectory() ? list(`${folder}${entry.name}/`) : [`${folder}${entry.name}`]),
  );
  return found.flat().filter((name) => name.endsWith(".ts"));
}

/** What a file imports: static and literal dynamic imports, as written. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g,
  )]
    .map((match) => match[1] ?? match[2] ?? match[3]!);

/** What a file loads with itself. */
const importedAtOnce = (text: string): string[] =>
  [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b(?!\s+type\b)[^;"'(]*?["']([^"']+)["']/g)].map((match) => match[1]!);

const layers = suite("layers");
layers("every file has a place", () => {
  assert.equal(files.filter((file) => !LAYERS.some((layer) => layer.files.test(file)) || floorOf(file) === -1), []);
});
for (const file of files) {
  layers(`${file} imports nothing above it`, async () => {
    const source = (await readFile(new URL(file, root), "utf8")).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    const place = LAYERS.findIndex((layer) => layer.files.test(file));
    const { name, uses } = LAYERS[place]!;
    for (const specifier of importsOf(source)) {
      if (!specifier.startsWith(".")) {
        assert.ok(uses.test(specifier), `${file} imports ${specifier}, which ${name} may not use`);
        if (/msw/.test(specifier)) assert.match(file, MSW, `${file} imports ${specifier}: only the MSW mount may`);
        if (specifier === "@kubernetes/client-node") assert.match(file, CLIENT_NODE, `${file} imports ${specifier}, 90 MB of it`);
        if (LAZY.test(specifier)) assert.not(importedAtOnce(source).includes(specifier), `${file} loads ${specifier} at once`);
        if (specifier === "prom-client") {
          assert.match(file, PROMETHEUS, `${file} imports prom-client: only its adapter and what serves it may`);
        }
        continue;
      }
      const target = new URL(specifier, new URL(file, root)).href.slice(root.href.length);
      if (target === "package.json" && file === "cli/version.ts") continue; // it is put into the bundle: no file is read
      const below = LAYERS.findIndex((layer) => layer.files.test(target));
      assert.ok(below >= 0 && below <= place, `${file} imports ${target}, which is above it`);
      if (KIT.test(target)) assert.match(file, KIT, `${file} imports ${target}: nothing but tests may use the test kit`);
      if (below === place && floorOf(file) !== undefined) {
        assert.ok(floorOf(target)! <= floorOf(file)!, `${file} imports ${target}, which is above it among the rooms of ${name}`);
      }
      if (ONLY[name]) assert.match(target, ONLY[name], `${file} imports ${target}, of which ${name} must know nothing`);
    }
    if (place <= LAYERS.findIndex(({ name }) => name === "the library")) {
      assert.not.match(source, /\b(Deno|process|Buffer)\./, `${file} names a runtime`);
    }
    if (!MSW.test(file)) assert.not(importsOf(source).includes("./msw.ts"), `${file} imports the MSW mount`);
  });
}
layers.run();
