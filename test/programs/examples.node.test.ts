import { readdir } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, startCommand } from "../support/programs.ts";

const examples = suite("examples");
examples.after.each(endPrograms);
for (const file of (await readdir(new URL("../../examples/", import.meta.url))).sort()) {
  for (const [runtime, command] of [["node", ["node", "--import", "tsx"]], ["deno", ["deno", "run", "-q", "-P"]]] as const) {
    examples(`${file} runs in ${runtime}`, async () => {
      const program = startCommand([...command, `examples/${file}`]);
      assert.is(await program.exited, 0, program.errors);
      assert.is(program.errors, "");
      assert.match(program.output, /\nsucceeded after 9 transitions\n$/, program.output);
    });
  }
}
examples.run();
