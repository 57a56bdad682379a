import process from "node:process";
import manifest from "../package.json" with { type: "json" };
import { PROGRAM } from "./help.ts";

/** What is run, and what it runs on: `crd-watcher 0.1.0 (node 24.0.0, linux x64)`. */
export function versionText(): string {
  const { deno, node } = process.versions as { deno?: string; node: string };
  return `${PROGRAM} ${manifest.version} (${
    deno === undefined ? `node ${node}` : `deno ${deno}`
  }, ${process.platform} ${process.arch})\n`;
}
