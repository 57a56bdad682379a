/** The short forms of the soaks on a genuine server, each a process of its own. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genuineAssets } from "../support/apiserver.ts";
import { endPrograms, runCommand } from "../support/programs.ts";

const node = join(fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url)), "node");
const env = { KUBEBUILDER_ASSETS: genuineAssets()[0]!.folder };
const start = (script: string, ...args: string[]) =>
  runCommand([node, "--expose-gc", "--import", "tsx", `test/soak/${script}.ts`, ...args], env);

const soak = suite("soak on a genuine API server");
soak.after.each(endPrograms);
soak("every flow finishes while apiserver and etcd are killed once each", async () => {
  const said = await start("outages", "--kills", "1", "--flows", "10", "--no-compaction", "--freeze", "0");
  assert.match(said, /^10 of 10 flows over /m);
  assert.match(said, /\nwell\n$/);
});
soak("what many objects cost is told", async () => {
  const said = await start("objects", "--objects", "200");
  assert.match(said, /^whole: 200 objects in \d+ ms, .*\n {2}listed again in \d+ ms/m);
  assert.match(said, /^with managedFields: 200 objects in \d+ ms, .*\n {2}listed again in \d+ ms/m);
});
soak.run();
