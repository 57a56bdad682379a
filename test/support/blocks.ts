/**
 * The code blocks of the documents, and what each of them is, by the words after its opening fence.
 *
 * | block | what is done with it |
 * | --- | --- |
 * | `ts` | a program of its own: checked, and run in Node and in Deno |
 * | `ts NAME` | a file of the reader's folder, checked; what follows in the document finds it there |
 * | `sh` | run in that folder, while the terminals of the document are open |
 * | `sh terminals` | each line runs in a terminal of its own, until the document ends |
 * | `sh kubectl` | the same as `sh`, where a kubectl is found |
 * | `sh elsewhere` | needs what no test has (a registry, a cluster, a checkout): a shell parses it, its command lines are read |
 * | `text` | what the `sh` before it prints; times, names of machines and ids are others each time |
 * | `python`, `go` | a program, run by `npm run clients` (test/clients/foreign.ts) |
 * | `yaml` | parsed, and held against the files of the project where it says which |
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One block. */
export interface Block {
  /** Where it stands, as in `README.md:12`. */
  readonly at: string;
  /** Such as `ts`. */
  readonly language: string;
  /** What else stands after the fence. */
  readonly note: string;
  readonly text: string;
}

/** The README, the chapters of the guide, and what operators read. */
export async function documents(): Promise<string[]> {
  const chapters = (await readdir(join(root, "docs/guide"))).filter((name) => name.endsWith(".md")).sort();
  return ["README.md", "docs/fake.md", "docs/operations.md", ...chapters.map((name) => `docs/guide/${name}`)];
}

/** The blocks of a document, in their order. */
export async function blocksOf(path: string): Promise<Block[]> {
  const text = await readFile(join(root, path), "utf8");
  return [...text.matchAll(/^```(\S*)(?: ([^\n]*))?\n(.*?)^```$/gms)].map((
    { index, 1: language = "", 2: note = "", 3: body = "" },
  ) => ({
    at: `${path}:${text.slice(0, index).split("\n").length}`,
    language,
    note,
    text: body,
  }));
}

/** What a command prints, without what is another each time: times, names of machines, ids. */
export const comparable = (text: string): string =>
  text.trim().split("\n").map((line) =>
    line.replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?\b|\b\d\d:\d\d:\d\d\b/g, "TIME")
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "UID")
      .replace(/\b(worker|director|client)-[\w-]+(…\w+)?/g, "$1")
      .replace(/\b\d+(\.\d+)? ?(ms|s|m|h)\b/g, "SPAN")
      .replace(/\s+/g, " ").trim()
  ).join("\n");
