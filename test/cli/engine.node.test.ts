import { spawnSync } from "node:child_process";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, runCommand } from "../support/programs.ts";

const sizeOf = async (...args: string[]): Promise<number> =>
  Number(await runCommand([process.execPath, "test/support/young-generation.ts", ...args]));

const engine = suite("the engine");
engine.after(endPrograms);

engine("V8's young generation stays small under load, where V8 would let it grow", async () => {
  const limited = await sizeOf("limited");
  assert.ok(limited <= 16, `${limited} MB`);
  assert.ok(limited < await sizeOf());
});
engine("what V8 is told to optimize late is something that it knows: else it complains on stderr", () => {
  const told = 'import("./cli/engine.ts").then(({ optimizeLate }) => optimizeLate())';
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--eval", told], { encoding: "utf8" });
  assert.is(stderr, "");
  assert.is(status, 0);
});
engine.run();
