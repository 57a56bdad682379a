/**
 * Links from one document to another, as a reader follows them.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Not of this project, or made by a command. */
const LEFT = /^(node_modules|dist|reference|\..*)$/;

/**
 * Where documents below a folder lead to nothing: a file that is not there, or a heading.
 *
 * @returns Each as in `docs/guide/fake.md: ../mocks.md`; links to other hosts are not followed.
 */
export function deadLinks(root: string): string[] {
  return [...documentsIn(root)].flatMap((path) => {
    const text = prose(readFileSync(path, "utf8"));
    const targets = [...text.matchAll(/\]\(<?([^()\s>]+)>?\)|^\[[^\]]+\]: +(\S+)$/gm)].map(([, inline, named]) =>
      inline ?? named!
    );
    const dead = targets.filter((target) => !/^[a-z][a-z+.-]*:/i.test(target) && !leads(path, target, root));
    return dead.map((target) => `${relative(root, path)}: ${target}`);
  });
}

function leads(from: string, target: string, root: string): boolean {
  const [path = "", anchor] = target.split("#");
  const to = path === "" ? from : join(dirname(from), decodeURIComponent(path));
  if (relative(root, to).startsWith("..") || !existsSync(to)) return false;
  if (anchor === undefined) return true;
  return statSync(to).isFile() && to.endsWith(".md") && anchorsOf(readFileSync(to, "utf8")).has(anchor);
}

function* documentsIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !LEFT.test(entry.name)) yield* documentsIn(path);
    else if (entry.isFile() && /\.md$|^llms\.txt$/.test(entry.name)) yield path;
  }
}

/** Without its code, in which nothing is a link. */
const prose = (text: string): string => text.replace(/^ *```.*?^ *```$/gms, "").replace(/(`+)[^`].*?\1/g, "code");

/** The names under which GitHub and npm find the headings of a document. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.replace(/^ *```.*?^ *```$/gms, "").matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    let name = anchor;
    for (let count = 1; anchors.has(name); count++) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}
