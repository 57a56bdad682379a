import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadFlows } from "../../cli/flow-module.ts";
import { createVirtualClock } from "../../mod.ts";
import { temporaryFolder } from "../support/files.ts";

const modules = suite("flow modules");
modules("an await at the top level that never ends is told of after 5 s, and given up after a minute", async () => {
  const folder = temporaryFolder();
  const path = folder.write("never.mjs", "await new Promise(() => {});\nexport default 1;\n");
  const clock = createVirtualClock();
  const told: string[] = [];
  const log = { debug() {}, info() {}, warn: (text: string) => void told.push(text), error() {} };
  const loading = loadFlows(path, { log, clock }).then(() => "loaded", (error: Error) => error.message);
  await clock.advance(4_999);
  assert.equal(told, []);
  await clock.advance(55_000);
  assert.equal(told, [`Waiting for the flow module "${path}": an await at its top level has not ended for 5 s`]);
  await clock.advance(1);
  assert.is(
    await loading,
    `Cannot load the flow module "${path}": an await at its top level has not ended for 60 s, wait in a handler instead`,
  );
  assert.is(clock.pending, 0);
  folder.remove();
});

modules("an export that throws when it is read is named with its module", async () => {
  const folder = temporaryFolder();
  const mod = new URL("../../mod.ts", import.meta.url).href;
  const rows: [name: string, text: string, says: string][] = [
    ["proxy.mjs", "export default new Proxy({}, { get() { throw new Error('trap'); } });\n", "trap"],
    ["list.mjs", "export default [{ get flow() { throw new Error('trap'); } }];\n", "trap"],
    [
      "job.mjs",
      `import { SAMPLE } from "${mod}";\nexport default { flow: SAMPLE, handlers: { JOB1() {} } };\n`,
      'Cannot implement flow "sample": job "JOB2" has no handler',
    ],
  ];
  for (const [name, text, says] of rows) {
    const path = folder.write(name, text);
    const error = await loadFlows(path).then(() => undefined, (error: Error) => error);
    assert.is(error?.constructor.name, "UsageError");
    assert.is(error!.message, `Cannot use the default export of "${path}": ${says}`);
  }
  folder.remove();
});

modules("what loads leaves no timer behind", async () => {
  const clock = createVirtualClock();
  assert.is((await loadFlows("test/support/flows/order.ts", { clock }))[0].flow.name, "order");
  assert.is(clock.pending, 0);
});

modules.run();
