import { readdir } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXAMPLES } from "../support/examples.ts";
import { endPrograms, startCommand } from "../support/programs.ts";

const examples = suite("examples");
examples.after.each(endPrograms);
const files = await readdir(new URL("../../examples/", import.meta.url));
examples("each of them is known here", () => {
  assert.equal(files.filter((name) => name.endsWith(".ts")).sort(), Object.keys(EXAMPLES));
});
for (const file of files.filter((name) => name.endsWith(".ts")).sort()) {
  for (const [runtime, command] of [["node", ["node", "--import", "tsx"]], ["deno", ["deno", "run", "-q", "-P"]]] as const) {
    examples(`${file} runs in ${runtime}`, async () => {
      const program = startCommand([...command, `examples/${file}`]);
      assert.is(await program.exited, 0, program.errors);
      assert.is(program.errors, "");
      assert.match(program.output, EXAMPLES[file]!, program.output);
      assert.equal(program.output.split("\n").filter((line) => line.length > 80), [], "it fits a terminal");
    });
  }
}
examples.run();
