import { suite } from "uvu";
import { connect } from "../../src/adapters/deno.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { runOneFlow } from "../support/one-flow.ts";
import { crd } from "../support/scenario.ts";

const loopback = suite("scenario: over loopback HTTP, in Deno");
loopback("a flow through whichever client is reached", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  const server = await listen(fake);
  try {
    await runOneFlow(fake, () => connect({ master: server.url }));
  } finally {
    await server.close();
  }
});
loopback.run();
