import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { USER_AGENT } from "../../src/adapters/transport/user-agent.ts";

const userAgent = suite("the name of the client");
for (const manifest of ["package.json", "deno.json"]) {
  userAgent(`has the version of ${manifest}`, async () => {
    const { version } = JSON.parse(await readFile(new URL(`../../${manifest}`, import.meta.url), "utf8"));
    assert.is(USER_AGENT, `crd-watcher/${version}`);
  });
}
userAgent.run();
