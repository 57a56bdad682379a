import { readdir } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, startCommand } from "../support/programs.ts";

/** What each of them prints at its end. */
const ENDS: Readonly<Record<string, RegExp>> = {
  "run-controller.ts": /^blog: page created\nblog: page updated\nblog: taken off the air\n$/,
  "run-order.ts": /\nsucceeded after 9 transitions\n$/,
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
    });
  }
}
examples.run();
