/** The table in ARCHITECTURE.md of what users of controllers report, against the tests that it names. */
import { readdir, readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** The failures that users of controllers report, and the faults that were found in this project. */
const ROWS = 25;
const FAULTS = 14;

const at = (path: string) => new URL(`../${path}`, import.meta.url);

/** Titles by file, what differs between the tests of a loop as `…`. Pure. */
function titlesIn(source: string): string[] {
  const found = source.matchAll(/(["`])((?:row|fault) \d+: (?:\$\{[^}]*\}|(?!\1).)*)\1/g);
  return Array.from(found, ([, , title]) => title!.replace(/\$\{[^}]*\}/g, "…"));
}

async function written(): Promise<string[]> {
  const files = (await readdir(at("test"), { recursive: true })).filter((file) =>
    file.endsWith(".ts") && file !== "rows.test.ts"
  );
  const titles = await Promise.all(files.map(async (file) => {
    const path = file.replaceAll("\\", "/");
    return titlesIn(await readFile(at(`test/${path}`), "utf8")).map((title) => `test/${path} ${title}`);
  }));
  return titles.flat();
}

interface Row {
  readonly id: string;
  readonly cure: string;
  /** `FILE TITLE` */
  readonly tests: readonly string[];
}

/** Each file in backquotes, then the titles in it, in quotes. */
function testsIn(cell: string): string[] {
  let file = "";
  return Array.from(cell.matchAll(/`([^`]+)`|"([^"]+)"/g)).flatMap(([, path, title]) => {
    if (path) file = path;
    return title ? [`${file} ${title}`] : [];
  });
}

async function table(): Promise<Row[]> {
  const lines = (await readFile(at("ARCHITECTURE.md"), "utf8")).split("\n");
  return lines.filter((line) => /^\| (row|fault) \d+ \|/.test(line)).map((line) => {
    const [id, , cure, tests] = line.slice(1, -1).split("|").map((cell) => cell.trim());
    return { id: id!, cure: cure!, tests: testsIn(tests!) };
  });
}

const count = (what: string, to: number) => Array.from({ length: to }, (_, index) => `${what} ${index + 1}`);
const rows = suite("the table of reported failures");

rows("has each of them once, with a test or with the reason why there is none", async () => {
  const all = await table();
  assert.equal(all.map(({ id }) => id), [...count("row", ROWS), ...count("fault", FAULTS)]);
  const bare = all.filter(({ cure, tests }) => tests.length === 0 && !/^(not ours|not yet): \S/.test(cure));
  assert.equal(bare.map(({ id }) => id), []);
});

rows("names tests that exist, and all that say so", async () => {
  const named = (await table()).flatMap(({ tests }) => tests);
  const there = await written();
  assert.equal(named.filter((test) => !there.includes(test)), [], "these are in the table only");
  assert.equal(there.filter((test) => !named.includes(test)), [], "these are in the tests only");
});

rows("names each test beside what it is of", async () => {
  const strange = (await table()).flatMap(({ id, tests }) => tests.filter((test) => !test.includes(` ${id}: `)));
  assert.equal(strange, []);
});

rows("reads titles as they are written", () => {
  const source = ['a("row 1: b", c);', 'a(`fault 2: ${b ? "c" : d} e`);', "a(`row 3: f`)", 'a("no row 4: g")'].join("\n");
  assert.equal(titlesIn(source), ["row 1: b", "fault 2: … e", "row 3: f"]);
});
rows.run();
