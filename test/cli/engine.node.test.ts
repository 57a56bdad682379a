import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, runCommand } from "../support/programs.ts";

const sizeOf = async (...args: string[]): Promise<number> =>
  Number(await runCommand([process.execPath, "test/support/young-generation.ts", ...args]));

const memory = suite("the engine");
memory.after(endPrograms);

memory("V8's young generation stays small under load, where V8 would let it grow", async () => {
  const limited = await sizeOf("limited");
  assert.ok(limited <= 16, `${limited} MB`);
  assert.ok(limited < await sizeOf());
});
memory.run();
