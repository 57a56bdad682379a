/** What Deno has to be granted: no more than is written down, and nobody is asked for what is not needed. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PERMISSION_FLAGS } from "../../cli/permissions.ts";
import { documents } from "../support/blocks.ts";
import { endPrograms, hasTerminals, startAtTerminal, startCommand } from "../support/programs.ts";
import { skip } from "../support/skip.ts";

const root = new URL("../../", import.meta.url);
const permissions = suite("permissions of Deno");
permissions.after.each(endPrograms);

const LINE = /^.*\bdeno run (.*?) npm:crd-watcher\b.*$/gm;

permissions("are those that the documents name", async () => {
  const texts = await Promise.all((await documents()).map((path) => readFile(new URL(path, root), "utf8")));
  const lines = texts.flatMap((text) => [...text.matchAll(LINE)].map(([, flags]) => flags!.split(" ").sort()));
  assert.ok(lines.length > 0);
  for (const flags of lines) assert.equal(flags, ["--no-prompt", ...PERMISSION_FLAGS.split(" ")].sort());
  const { permissions: { default: checkout } } = JSON.parse(await readFile(new URL("deno.json", root), "utf8"));
  for (const flag of PERMISSION_FLAGS.split(" ")) assert.ok(checkout[flag.replace("--allow-", "")], flag);
});

const ALL = PERMISSION_FLAGS.split(" ");
/** What is needed, and for what: with it there is no complaint and no question, without one of it there is. */
const CASES: readonly (readonly [flags: readonly string[], words: readonly string[], without?: string])[] = [
  [[], ["--version"]],
  [[], ["--help"]],
  [[], ["help", "list"]],
  [[], ["list", "--help"]],
  [[], ["completion", "bash"]],
  [["--allow-read", "--allow-env"], ["graph", "--flow", "test/support/flows/order.ts"]],
  // It would like to know the machine's name, and does without.
  [ALL, ["--mode", "demo"], "--allow-sys"],
];
for (const [flags, words, without] of CASES) {
  permissions(`of ${words.join(" ")} are ${flags.join(" ") || "none"}`, async () => {
    const deno = (flags: readonly string[]) =>
      startCommand(["deno", "run", "-q", "--no-prompt", ...flags, "cli/main.ts", ...words]);
    const program = deno(flags);
    assert.is(await program.exited, 0, program.errors);
    for (const left of flags.filter((flag) => flag !== without)) {
      const less = deno(flags.filter((flag) => flag !== left));
      assert.is(await less.exited, 1, left);
      assert.match(less.errors, new RegExp(`\\b${left.replace("--allow-", "")} access`), left);
      assert.match(less.errors, /deno run --allow-read [^\n]*\n$/, "it says how to grant it");
    }
  });

  if (!hasTerminals) skip(`${words.join(" ")} at a terminal`, "there is no script of util-linux");
  else {
    permissions(`${words.join(" ")} asks nobody for more`, async () => {
      const program = startAtTerminal(["deno", "run", "-q", ...flags, "cli/main.ts", ...words]);
      assert.is(await program.exited, 0, program.output);
      assert.not.match(program.output, /requests/);
    });
  }
}
permissions.run();
