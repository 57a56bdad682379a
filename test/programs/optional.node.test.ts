/** The package where nothing is installed but what npm installs with it. */
import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";
import { createProject, type UserProject } from "../support/package.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";

const optional = suite("packages that need not be installed");
let folder: Folder;
let project: UserProject;
optional.before(async () => {
  folder = temporaryFolder();
  project = await createProject(folder, { peers: false });
  folder.write(
    "project/kubeconfig",
    kubeconfig({ server: "https://10.0.0.1" }, { "auth-provider": { name: "oidc", config: {} } }),
  );
  folder.write("project/mount.js", MOUNT);
  folder.write("project/connect.js", CONNECT);
});
optional.after.each(endPrograms);
optional.after(() => folder.remove());

const told = `
  .catch(({ name, message }) => console.log(name, message));
`;
const MOUNT = `
import { createFakeCluster } from "crd-watcher/fake";
import { mountFakeCluster } from "crd-watcher/fake/msw";
await mountFakeCluster(createFakeCluster())${told}`;
const CONNECT = `
const { connect } = await import("crd-watcher/" + ("Deno" in globalThis ? "deno" : "node"));
await connect({ kubeconfig: "kubeconfig" })${told}`;

const OIDC =
  'The auth-provider "oidc" of the user "u" in kubeconfig needs the package @kubernetes/client-node, which is not installed';
const NODE = [process.execPath];
const DENO = ["deno", "run", "-q", "-A"];
/** What each of them says. */
const CASES: readonly (readonly [runtime: readonly string[], program: string, told: string])[] = [
  [
    NODE,
    "mount.js",
    "mountFakeCluster of crd-watcher/fake/msw needs the package msw, which is not installed: " +
    "npm install --save-dev msw @mswjs/interceptors",
  ],
  [NODE, "connect.js", `${OIDC}: npm install @kubernetes/client-node`],
  [
    DENO,
    "mount.js",
    "mountFakeCluster works in Node only: give fake.fetch to createFetchCluster, or listen() of crd-watcher/fake/server",
  ],
  [DENO, "connect.js", `${OIDC}: deno add npm:@kubernetes/client-node`],
];
for (const [runtime, program, message] of CASES) {
  optional(`are missed in one sentence: ${program} in ${runtime === NODE ? "Node" : "Deno"}`, async () => {
    assert.is(await runCommand(project.inside([...runtime, program])), `SetupError ${message}\n`);
  });
}

for (
  const [runtime, command] of [[NODE, "npm install @kubernetes/client-node"], [
    DENO,
    "deno add npm:@kubernetes/client-node",
  ]] as const
) {
  optional(`are missed by the command in one line, in ${runtime === NODE ? "Node" : "Deno"}`, async () => {
    const main = join(project.installed, "dist/cli/main.js");
    const list = startCommand(project.inside([...runtime, main, "--kubeconfig", "kubeconfig", "list"]));
    assert.is(await list.exited, 1);
    assert.equal([list.output, list.errors], ["", `${OIDC}: ${command}\n`]);
  });
}

for (const [runtime, command] of [[NODE, "npm install js-yaml"], [DENO, "deno add npm:js-yaml"]] as const) {
  optional(`what reads YAML is missed for what it is, in ${runtime === NODE ? "Node" : "Deno"}`, async () => {
    const yaml = join(project.path, "node_modules/js-yaml");
    const target = readlinkSync(yaml);
    rmSync(yaml);
    try {
      folder.write("project/yaml", "apiVersion: v1\nkind: Config\n");
      const main = join(project.installed, "dist/cli/main.js");
      const list = startCommand(project.inside([...runtime, main, "--kubeconfig", "yaml", "list"]));
      assert.is(await list.exited, 1);
      const why = `Reading YAML needs the package js-yaml, which is not installed: ${command}`;
      assert.equal([list.output, list.errors], ["", `The kubeconfig yaml cannot be read: ${why}\n`]);
    } finally {
      symlinkSync(target, yaml);
    }
  });
}

optional("are none of those that a first flow needs, in the test kit and by the command", async () => {
  folder.write("project/kit.js", KIT);
  assert.is(await runCommand(project.inside([...NODE, "kit.js"])), "succeeded\n");
  assert.match(
    await runCommand(
      project.inside([...NODE, join(project.installed, "dist/cli/main.js"), "--mode", "demo", "--flow", "flow.js"]),
    ),
    /succeeded/i,
  );
});
const KIT = `
import { writeFileSync } from "node:fs";
writeFileSync("flow.js", \`import { defineFlow, implementFlow } from "crd-watcher";
export default implementFlow(defineFlow("order", ["charge"]), { charge: async () => {} });\`);
const { testFlow } = await import("crd-watcher/testing");
const t = await testFlow((await import("./flow.js")).default);
console.log((await t.untilOver(await t.start())).status);
await t.close();
`;

optional("are not asked for by a bundler", async () => {
  const { warnings, outputFiles } = await build({
    ...{ bundle: true, platform: "node", format: "esm", write: false, logLevel: "silent", nodePaths: [] },
    stdin: { contents: 'export { connect } from "crd-watcher/node";\nexport * from "crd-watcher";\n', resolveDir: project.path },
    absWorkingDir: project.path,
  });
  assert.equal(warnings.map(({ text }) => text), []);
  folder.write("project/bundle.mjs", outputFiles![0]!.contents);
  folder.write(
    "project/bundled.mjs",
    'const { connect } = await import("./bundle.mjs");\nawait connect({ kubeconfig: "kubeconfig" })' + told,
  );
  assert.is(
    await runCommand(project.inside([...NODE, "bundled.mjs"])),
    `SetupError ${OIDC}: npm install @kubernetes/client-node\n`,
  );
});
optional.run();
