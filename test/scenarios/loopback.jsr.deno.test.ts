import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/deno.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { runOneFlow } from "../support/one-flow.ts";
import { crd } from "../support/scenario.ts";

const loopback = suite("scenario: over loopback HTTP, with Deno's own client");
loopback("a flow through @cloudydeno/kubernetes-client", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  const server = await listen(fake);
  const said: string[] = [];
  const log = { ...silentLog, info: (text: string) => void said.push(text) };
  try {
    await runOneFlow(fake, () => connect({ master: server.url, log }));
    assert.is(said.length, 3);
    for (const text of said) assert.match(text, /^Using @cloudydeno\/kubernetes-client/);
  } finally {
    await server.close();
  }
});
loopback.run();
