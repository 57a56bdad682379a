import { readFile } from "node:fs/promises";
import process from "node:process";
import { PROGRAM } from "./help.ts";

/** What is run, and what it runs on: `crd-watcher 0.1.0 (node 24.0.0, linux x64)`. */
export async function versionText(): Promise<string> {
  // What is compiled lies one folder deeper, in dist/.
  const path = new URL(import.meta.url.endsWith(".js") ? "../../package.json" : "../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
  const { deno, node } = process.versions as { deno?: string; node: string };
  return `${PROGRAM} ${version} (${deno === undefined ? `node ${node}` : `deno ${deno}`}, ${process.platform} ${process.arch})\n`;
}
