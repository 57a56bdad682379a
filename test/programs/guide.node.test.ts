/** The code of the README and of the guide, from the installed package, as a reader copies it: see ../support/blocks.ts. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { readCommandLine } from "../../cli/arguments.ts";
import { type Block, blocksOf, comparable, documents } from "../support/blocks.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { createProject, type UserProject } from "../support/package.ts";
import { endPrograms, hasTerminals, type Program, runCommand, startCommand } from "../support/programs.ts";
import { skip } from "../support/skip.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = join(root, "node_modules/.bin");
const assets = (process.env["KUBEBUILDER_ASSETS"] ?? "").split(delimiter);
const kubectl = [...assets, ...(process.env["PATH"] ?? "").split(delimiter)].find((path) => existsSync(join(path, "kubectl")));

const KINDS = /^(ts( [\w.-]+\.ts)?|sh( (terminals|kubectl|elsewhere))?|text( elsewhere)?|python|go|yaml)$/;
const all = new Map(await Promise.all((await documents()).map(async (path) => [path, await blocksOf(path)] as const)));
/** Its folder in the project of the reader. */
const folderOf = (path: string) => path.replace(/^docs\/guide\/|\.md$/g, "").replaceAll("/", "-");

const guide = suite("README and guide");
let folder: Folder;
let project: UserProject;
guide.before(async () => {
  folder = temporaryFolder();
  project = await createProject(folder);
  for (const [path, blocks] of all) {
    for (const [name, text] of filesOf(blocks)) folder.write(`project/${folderOf(path)}/${name}`, text);
  }
});
guide.after.each(endPrograms);
guide.after(() => folder.remove());

/** The files of a document: those that have a name, and its programs. */
function filesOf(blocks: readonly Block[]): (readonly [name: string, text: string])[] {
  return blocks.filter(({ language }) => language === "ts").map(({ note, text }, index) => [note || `program-${index}.ts`, text]);
}
const programsOf = (path: string) => filesOf(all.get(path)!).map(([name]) => name).filter((name) => name.startsWith("program-"));

guide("each block says what it is", () => {
  const unknown = [...all.values()].flat().filter(({ language, note }) => !KINDS.test(`${language} ${note}`.trim()));
  assert.equal(unknown.map(({ at, language, note }) => `${at}: ${language} ${note}`), []);
  assert.ok(all.size >= 8);
});

const files = [...all].flatMap(([path, blocks]) => filesOf(blocks).map(([name]) => `${folderOf(path)}/${name}`));

guide("all of its TypeScript is right at the strictest", async () => {
  const compilerOptions = {
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      noEmit: true,
    },
    ...{ target: "es2024", lib: ["es2024", "esnext.disposable", "dom"], module: "nodenext", types: ["node"], skipLibCheck: true },
    // As Node strips them.
    ...{ erasableSyntaxOnly: true, allowImportingTsExtensions: true },
  };
  folder.write("project/tsconfig.json", { compilerOptions, files });
  await runCommand(project.inside([process.execPath, join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"]));
  folder.write("project/tsconfig.json", {});
});

guide("so Deno says", async () => {
  await runCommand(project.inside(["deno", "check", "-q", ...files]));
});

const [first = "", ...others] = programsOf("docs/guide/testing.md");
const IMPORT = /^import { test } from "node:test";.*$/m;
/** What stands in the place of that line, and at the end of the file; how it is run. */
const RUNNERS: Readonly<Record<string, readonly [head: string, tail: string, command: readonly string[]]>> = {
  "node:test": ['import { test } from "node:test";', "", [process.execPath, "--test"]],
  uvu: ['import { test } from "uvu";', "test.run();\n", [process.execPath]],
  // Without any permission.
  "Deno.test": ["const { test } = Deno;", "", ["deno", "test", "-q", "--no-prompt", "--no-check"]],
};
for (const [runner, [head, tail, command]] of Object.entries(RUNNERS)) {
  guide(`the first test passes in ${runner}, and fails there when it leaves something behind`, async () => {
    const text = new Map(filesOf(all.get("docs/guide/testing.md")!)).get(first)!;
    assert.match(text, IMPORT);
    const ours = text.replace(IMPORT, head) + tail;
    folder.write("project/order.test.ts", ours);
    await runCommand(project.inside([...command, "order.test.ts"]));
    folder.write("project/left.test.ts", ours.replace("  const run =", "  t.clock.setTimer(5_000, () => {});\n  const run ="));
    const failing = startCommand(project.inside([...command, "left.test.ts"]));
    assert.is(await failing.exited, 1);
    assert.match(failing.output + failing.errors, /The test has left behind: a timer of t\.clock, due in 4\.75 s/);
  });
}

/** Those that touch a cluster, a file, a socket; those of the test kit need no permission at all. */
const programs = [...all.keys()].flatMap((path) =>
  path === "docs/guide/testing.md" ? [] : programsOf(path).map((name) => `./${folderOf(path)}/${name}`)
);
const kitPrograms = others.map((name) => `./testing/${name}`);
const importing = (names: readonly string[]) => names.map((name) => `await import("${name}");\n`).join("");

assert.ok(kitPrograms.length >= 8 && programs.length >= 6);

for (const [runtime, command] of [["Node", [process.execPath]], ["Deno", ["deno", "run", "-q", "--no-check", "-A"]]] as const) {
  guide(`its programs run in ${runtime}`, async () => {
    folder.write("project/programs.ts", importing(runtime === "Node" ? [...kitPrograms, ...programs] : programs));
    const kubeconfig = join(folder.path, "kubeconfig");
    const main = join(project.installed, "dist/cli/main.js");
    const cluster = startCommand([process.execPath, main, "--mode", "cluster", "--write-kubeconfig", kubeconfig]);
    await cluster.until(/^http:/m);
    await runCommand(project.inside([...command, "programs.ts"]), { KUBECONFIG: kubeconfig });
  });
}

guide("those of the test kit run in Deno without any permission", async () => {
  folder.write("project/kit.ts", importing(kitPrograms));
  assert.is(await runCommand(project.inside(["deno", "run", "-q", "--no-check", "--no-prompt", "kit.ts"])), "");
});

for (const [path, blocks] of all) {
  if (!blocks.some(({ language }) => language === "sh")) continue;
  guide(`what ${path} types in a terminal does what it says`, async () => {
    const place = join(project.path, folderOf(path));
    folder.write(`project/${folderOf(path)}/.keep`, "");
    const env = { PATH: [join(project.path, "node_modules/.bin"), bin, kubectl, process.env["PATH"]].join(delimiter) };
    const shell = (flags: string, text: string) => ["sh", "-c", `cd "$0" && exec sh ${flags} "$1"`, place, text];
    const terminals: Program[] = [];
    let printed = "";
    for (const { at, language, note, text } of blocks) {
      if (language === "text" && note === "") assert.is(comparable(printed), comparable(text), at);
      if (language !== "sh") continue;
      if (note === "elsewhere") {
        await runCommand(shell("-nc", text), env);
        for (const line of commandLines(text)) readCommandLine(line);
      } else if (note === "terminals") {
        for (const line of text.trim().split("\n")) {
          // npx in between would take the signals.
          const terminal = startCommand(shell("-c", `exec env ${line.replace("npx ", "")}`), env);
          terminals.unshift(terminal);
          await terminal.until(/.\n/);
        }
      } else if (note === "kubectl" && kubectl === undefined) {
        skip(at, "there is no kubectl");
      } else {
        // Of npx nothing is needed but that it finds the command. What is exported stays so in the next block.
        const story = `npx() { "$@"; }\n[ ! -f .exports ] || . ./.exports\n${text}\nexport -p > .exports\n`;
        printed = await runCommand(shell("-euc", story), env);
      }
    }
    for (const terminal of terminals) assert.is(await terminal.end(), 0, terminal.errors);
  });
}

/** Our command's lines among those of a block, as words. */
function commandLines(text: string): string[][] {
  const lines = text.replaceAll("\\\n", " ").split("\n").flatMap((line) =>
    /(?:(?:^|[\s:])crd-watcher|main\.[jt]s) (.*?)(?: +[#&|>].*)?$/.exec(line)?.[1] ?? []
  );
  return lines.map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!));
}

for (const [path, blocks] of all) {
  for (const { at, text } of blocks.filter(({ language }) => language === "yaml")) {
    guide(`the YAML of ${at} is right`, () => {
      for (const document of parseAllDocuments(text)) assert.equal(document.errors, [], path);
    });
  }
}
const PICTURE = "the picture of the README shows what a run of today prints";
if (!hasTerminals) skip(PICTURE, "there is no script of util-linux");
else {
  guide(PICTURE, async () => {
    await runCommand([process.execPath, "--import", "tsx", "docs/picture.ts", "--check"]);
  });
}
guide.run();
