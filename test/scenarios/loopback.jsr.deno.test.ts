import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/deno.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { runOneFlowOverLoopback } from "../support/one-flow.ts";

const loopback = suite("scenario: over loopback HTTP, with Deno's own client");
loopback("a flow through @cloudydeno/kubernetes-client", async () => {
  const said: string[] = [];
  const log = { ...silentLog, info: (text: string) => void said.push(text) };
  await runOneFlowOverLoopback((options) => connect({ ...options, log }));
  assert.is(said.length, 3);
  for (const text of said) assert.match(text, /^Using @cloudydeno\/kubernetes-client/);
});
loopback.run();
