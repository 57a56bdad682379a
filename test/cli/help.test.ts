import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Mode, MODES, type Verb, VERBS } from "../../cli/commands.ts";
import { FLAGS } from "../../cli/flags.ts";
import { helpText } from "../../cli/help.ts";
import { nearest } from "../../src/text.ts";

const verbs = Object.keys(VERBS) as Verb[];
const modes = Object.keys(MODES) as Mode[];

const help = suite("help");
help("fits 80 columns, whatever it is of", () => {
  for (const of of [undefined, ...verbs, ...modes]) {
    const lines = helpText(of).split("\n");
    assert.equal(lines.filter((line) => line.length > 80 || line !== line.trimEnd()), [], of);
  }
});

help("of the program names every verb and every mode, of one its flags", () => {
  const overview = helpText();
  for (const name of [...verbs, ...modes]) assert.match(overview, new RegExp(`^  ${name} {2,}\\w`, "m"));
  for (const verb of verbs) {
    for (const flag of VERBS[verb].flags) assert.match(helpText(verb), new RegExp(`^  (-\\w, )?--${flag}( |$)`, "m"), verb);
  }
  assert.match(helpText("graph"), /--output FORMAT +how it is shown: mermaid, dot$/m);
});

help("of a mode says what may stand in the environment", () => {
  const text = (mode: Mode) => helpText(mode).replaceAll(/\s+/g, " ");
  assert.match(text("cluster"), /Each of them but --port may stand in the environment, too: CRD_WATCHER_WRITE_KUBECONFIG\./);
  assert.match(text("demo"), /Each of them but --no-color may stand in the environment, too: CRD_WATCHER_NAMESPACE\./);
  assert.match(text("worker"), /Each of them may stand in the environment, too: CRD_WATCHER_NAMESPACE\./);
});

help("every flag is for something", () => {
  const used = new Set([...Object.values(VERBS), ...Object.values(MODES)].flatMap(({ flags }) => flags));
  assert.equal(Object.keys(FLAGS).filter((flag) => !used.has(flag as keyof typeof FLAGS)), []);
});

help("a letter stands for one flag of a command", () => {
  for (const verb of verbs) {
    const letters = VERBS[verb].flags.flatMap((flag) => FLAGS[flag].short ?? []);
    assert.is(new Set(letters).size, letters.length, verb);
  }
});
help.run();

const like = suite("words that are meant");
like("one slip in three letters, neighbours that changed places count once", () => {
  const cases: readonly [string, string | undefined][] = [
    ["lsit", "list"],
    ["cancle", "cancel"],
    ["SUSPEND", "suspend"],
    ["grap", "graph"],
    ["x", undefined],
    ["frobnicate", undefined],
    ["signals", "signal"],
  ];
  for (const [word, meant] of cases) assert.is(nearest(word, verbs), meant, word);
  assert.is(nearest("order-4", []), undefined);
});
like.run();
