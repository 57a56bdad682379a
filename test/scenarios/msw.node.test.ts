import { suite } from "uvu";
import { connect } from "../../src/adapters/node.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { mountFakeCluster } from "../../src/fake/msw.ts";
import { runOneFlow } from "../support/one-flow.ts";
import { crd } from "../support/scenario.ts";

const msw = suite("scenario: through MSW");
msw("a flow through @kubernetes/client-node, without a socket", async () => {
  const fake = createFakeCluster({ crds: [crd] });
  const mount = await mountFakeCluster(fake);
  try {
    await runOneFlow(fake, () => connect({ master: mount.url }));
  } finally {
    await mount.close();
  }
});
msw.run();
