import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyCrd, type Send, tryWrite } from "../fake/cel-transitions.ts";
import { installPolicy, ownWrites, refused } from "../fake/strict-cases.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { sendOver } from "./send.ts";

for (const assets of genuineAssets()) tests(assets);

function tests({ folder, name }: Assets) {
  const strict = suite(`genuine API server ${name}: the strict policy`);
  let server: ApiServer;
  let send: Send;

  strict.before(async () => {
    server = await startApiServer({ assets: folder });
    send = sendOver(server);
    await applyCrd(send);
    await installPolicy(send);
    // It takes the server a moment to go by it.
    const [, probe] = refused[1]!;
    while ((await tryWrite(send, { name: "probe", ...probe })).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  strict.after(() => server.stop());

  for (const [what, write, message] of refused) {
    strict(`refuses ${what}`, async () => assert.match((await tryWrite(send, { name: what, ...write })).join("\n"), message));
  }

  strict("takes whatever this project writes", async () => {
    for (const write of ownWrites()) assert.equal(await tryWrite(send, write), [], write.name);
  });
  strict.run();
}
