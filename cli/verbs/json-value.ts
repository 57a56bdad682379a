import { readFile } from "node:fs/promises";
import { UsageError } from "../arguments.ts";
import type { Terminal } from "../terminal.ts";

/**
 * The value of a flag that takes JSON, `@FILE`, or `@-` for stdin.
 *
 * @throws {UsageError} When it is none, or the file cannot be read.
 */
export async function readJson(flag: string, text: string, terminal: Terminal): Promise<unknown> {
  const path = text.startsWith("@") ? text.slice(1) : undefined;
  const where = path === undefined
    ? `Flag --${flag}`
    : path === "-"
    ? `What --${flag} reads from stdin`
    : `The file of --${flag}, ${path},`;
  const json = path === undefined ? text : path === "-" ? await terminal.readInput() : await readText(flag, path);
  try {
    return JSON.parse(json);
  } catch {
    const shown = JSON.stringify(json.trim().slice(0, 60));
    throw new UsageError(`${where} is no JSON, as in {"amount":12} or "a text" with its quotes: ${shown}`);
  }
}

/** By the code of the system. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder",
  EACCES: "may not be read by this user",
};

async function readText(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    throw new UsageError(`Cannot read the file of --${flag}: ${path} ${FAULTS[code] ?? `cannot be read: ${message}`}`);
  }
}
