/** The short forms of the soaks that need no server, each a process of its own, in both runtimes. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, runCommand, RUNTIMES } from "../support/programs.ts";

const bin = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const START = {
  node: [join(bin, "node"), "--expose-gc", "--import", "tsx"],
  deno: [join(bin, "deno"), "run", "-q", "-A", "--v8-flags=--expose-gc"],
};

const soak = suite("soak");
soak.after.each(endPrograms);
for (const runtime of RUNTIMES) {
  soak(`${runtime}: two hundred restarts of a watch leave nothing behind`, async () => {
    const said = await runCommand([...START[runtime], "test/soak/restarts.ts", "--watches", "200"]);
    assert.match(said, /\nflat\n$/);
  });
  soak(`${runtime}: ten thousand events of one watch leave nothing behind`, async () => {
    const said = await runCommand([...START[runtime], "test/soak/events.ts", "--events", "10000"]);
    assert.match(said, /\nflat\n$/);
  });
}
soak.run();
