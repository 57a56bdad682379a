import { readdir } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, startCommand } from "../support/programs.ts";

/** What each of them prints at its end. */
const ENDS: Readonly<Record<string, RegExp>> = {
  "approve-order.ts":
    /^charge +REQUESTED .*\ncharge +STARTED .*\ncharge +FAILED [^]* \(attempt 2\)\n[^]*\nsucceeded by way of charge, approve, ship, notify; receipt r-\d+\n$/,
  "cancel-report.ts": /^collected\nwaiting for job embargo: until its hour\ncancelled \(Cancelled\) at embargo\n$/,
  "fork-import.ts":
    /^downloading [^]*\nfailed: Job split failed: [^]*\nstored ann and bob and cid\nsucceeded: the fork went by split, store\n$/,
  "run-controller.ts": /^blog: page created\nblog: page updated\nblog: taken off the air\n$/,
  "run-order.ts": /\nsucceeded after 9 transitions\n$/,
  "undo-booking.ts":
    /attempt 2: no room\ncancel-flight: seat 14C is free again\nfailed \(CancelFlight\) by way of [^]*\nbecause of: .*\n$/,
  "upgrade-order.ts":
    /^order-1: waits .*\norder-1: succeeded by way of charge, approve, ship\norder-2: succeeded by way of charge, screen, approve, ship\n$/,
};

const examples = suite("examples");
examples.after.each(endPrograms);
const files = await readdir(new URL("../../examples/", import.meta.url));
examples("each of them is known here", () => {
  assert.equal(files.filter((name) => name.endsWith(".ts")).sort(), Object.keys(ENDS));
});
for (const file of files.filter((name) => name.endsWith(".ts")).sort()) {
  for (const [runtime, command] of [["node", ["node", "--import", "tsx"]], ["deno", ["deno", "run", "-q", "-P"]]] as const) {
    examples(`${file} runs in ${runtime}`, async () => {
      const program = startCommand([...command, `examples/${file}`]);
      assert.is(await program.exited, 0, program.errors);
      assert.is(program.errors, "");
      assert.match(program.output, ENDS[file]!, program.output);
      assert.equal(program.output.split("\n").filter((line) => line.length > 80), [], "it fits a terminal");
    });
  }
}
examples.run();
