import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../support/files.ts";
import { endPrograms, startCommand } from "../support/programs.ts";

const folder = temporaryFolder();
const executable = suite("programs: the fake API server as one file");
executable.after.each(endPrograms);
executable.after(() => folder.remove());

const path = `${folder.path}/fake-kubernetes`;
executable.before(() => {
  execFileSync(process.execPath, ["node_modules/tsx/dist/cli.mjs", "build.ts", "--executable", path], { stdio: "inherit" });
});

executable("it serves, says what it cannot do, and ends, with no Node to be found", async () => {
  const nothing = { PATH: folder.path };
  const kubeconfig = `${folder.path}/kubeconfig`;
  const program = startCommand([path, "--crds", "examples/website-crd.yaml", "--write-kubeconfig", kubeconfig], nothing);
  const [url] = await program.until(/^http:\/\/127\.0\.0\.1:\d+/);
  assert.match(await readFile(kubeconfig, "utf8"), url);
  for (
    const served of [
      "apis/com.redhat.ecosystem.sample/v1/requeststates",
      "apis/example.com/v1/websites",
      "apis/apps/v1/deployments",
    ]
  ) {
    const answer = await fetch(`${url}/${served}`);
    assert.equal([answer.status, (await answer.json()).items], [200, []], served);
  }
  assert.is(await program.end(), 0, program.errors);
  const wrong = startCommand([path, "--port", "many"], nothing);
  assert.is(await wrong.exited, 2);
  assert.is(wrong.errors.trim().split("\n").length, 1, wrong.errors);
});

executable.run();
