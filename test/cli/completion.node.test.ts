import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VERBS } from "../../cli/commands.ts";
import { completionScript, type Shell, SHELLS } from "../../cli/completion.ts";
import { skip } from "../support/skip.ts";

/** Whether a shell is on this machine. */
const isThere = (shell: Shell) => spawnSync(shell, ["--version"]).status === 0;

/** What bash offers for the last of some words. @param flows What they are called; a word tells where they were asked for. */
function offered(line: string, flows: readonly string[] = ["one", 'two"${3:+-in}${4:-}"']): string[] {
  const words = line.split(" ");
  const script = `
    crd-watcher() { printf '%s  order  running\\n' ${flows.join(" ")}; }
    ${completionScript("bash")}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
    _crd_watcher; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  assert.is(stderr, "");
  return stdout.split("\n").filter((word) => word !== "");
}

const completion = suite("shell completion");
for (const shell of SHELLS) {
  completion(`${shell} reads the script, which knows every verb and flag`, () => {
    const script = completionScript(shell);
    for (const [verb, { flags }] of Object.entries(VERBS)) {
      assert.match(script, new RegExp(`\\b${verb}\\b`));
      for (const flag of flags) assert.match(script, new RegExp(shell === "fish" ? `-l ${flag}\\b` : `--${flag}\\b`), flag);
    }
    if (!isThere(shell)) return skip(`shell completion: ${shell} reads the script`, `${shell} is not on this machine`);
    const { status, stderr } = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
    assert.equal([status, stderr], [0, ""]);
  });
}

completion("in bash: verbs, flags, values, flows", () => {
  assert.equal(offered("crd-watcher ca"), ["cancel"]);
  assert.equal(offered("crd-watcher -n shop li"), ["list"]);
  assert.equal(offered("crd-watcher list --sta"), ["--status"]);
  assert.equal(offered("crd-watcher list --status par"), ["parked"]);
  assert.equal(offered("crd-watcher graph -o "), ["mermaid", "dot"]);
  assert.equal(offered("crd-watcher list -o y"), ["yaml"]);
  assert.equal(offered("crd-watcher --mode d"), ["director", "demo"]);
  assert.equal(offered("crd-watcher cancel "), ["one", "two"]);
  assert.equal(offered("crd-watcher cancel -n shop tw"), ["two-inshop"]);
  assert.equal(offered("crd-watcher completion z"), ["zsh"]);
});

completion("in bash: what flows are called is text of others, offered as it can be typed, and never run", () => {
  const quoted = (key: string) => `'${key.replaceAll("'", `'\\''`)}'`;
  const keys = ["Order 42!", "$(echo run)", "`echo run`", "$HOME", "it's", "*"];
  const typed = offered("crd-watcher get ", keys.map(quoted));
  const { stdout } = spawnSync("bash", ["-c", `printf '%s\\n' ${typed.join(" ")}`], { encoding: "utf8" });
  assert.equal(stdout.split("\n").slice(0, -1), keys);
  assert.equal(offered("crd-watcher get Or", keys.map(quoted)), ["Order\\ 42\\!"]);
  assert.equal(offered("crd-watcher get order-42,", [quoted("order-42,retry-1"), quoted("order-41")]), ["order-42,retry-1"]);
});
completion("in bash: keys, and values of flags, that bash parts at : and =", () => {
  const keys = ["order:42", "order:43", "a=b", "4", "'x y:1'"];
  // As an interactive bash has them in COMP_WORDS; it puts what is offered behind the last colon.
  assert.equal(offered("crd-watcher get ord", keys), ["order:42", "order:43"]);
  assert.equal(offered("crd-watcher get order :", keys), ["42", "43"]);
  assert.equal(offered("crd-watcher get order : 4", keys), ["42", "43"]);
  assert.equal(offered("crd-watcher get order : 42", keys), ["42"]);
  assert.equal(offered("crd-watcher get a =", keys), ["b"]);
  assert.equal(offered("crd-watcher get 4", keys), ["4"]);
  const listed = ["one", "'two'\"$4\""];
  assert.equal(offered("crd-watcher get --namespace = shop tw", listed), ["twoshop"]);
});
completion.run();
