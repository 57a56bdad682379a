/** What comes and goes is not kept by V8 until all memory is collected. */
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, runCommand } from "../support/programs.ts";

/** Bytes of the heap that are left each time, of things of 600 bytes and more. */
const leftOf = async (what: string): Promise<number> =>
  Number(await runCommand([process.execPath, "--expose-gc", "--import", "tsx", "test/support/survivors.ts", what]));

const survivors = suite("what has left");
survivors.after(endPrograms);

for (const what of ["churn", "store", "expectations", "queue", "calls"]) {
  survivors(`${what}: is collected with what is young`, async () => {
    const left = await leftOf(what);
    assert.ok(left < 300, `${left} bytes`);
  });
}

survivors("is kept by a Map: without that the others would prove nothing", async () => {
  const left = await leftOf("map");
  assert.ok(left > 400, `${left} bytes`);
});
survivors.run();
