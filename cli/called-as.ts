/**
 * How a person has called this program, so that commands that it shows can be copied as they are.
 *
 * @module
 */
import { relative } from "node:path";
import process from "node:process";
import { PROGRAM } from "./help.ts";
import { PERMISSION_FLAGS } from "./permissions.ts";

/** What tells how a program was called. */
export interface Call {
  /** The file that runs, as it was named: what npm links to a command is that link. */
  readonly script: string;
  /** Where the person is. */
  readonly directory: string;
  readonly isDeno: boolean;
  /** What the runtime was told to load before. */
  readonly loaded?: readonly string[];
  /** Whether npm, or what goes by its rules, has started it: what it finds is not on the person's path. */
  readonly isOfNpm?: boolean;
}

/** The beginning of a command line that calls it again. Pure. */
export function calledAs({ script, directory, isDeno, loaded = [], isOfNpm = false }: Call): string {
  const npx = isOfNpm ? "npx " : "";
  const path = script.replaceAll("\\", "/");
  const isSource = path.endsWith(".ts");
  if (isDeno && !isSource) return `${npx}deno run ${PERMISSION_FLAGS} npm:${PROGRAM}`;
  const isCommand = path.endsWith(`/${PROGRAM}`);
  if (/\/node_modules\//.test(path) || isCommand && isOfNpm) return `npx ${PROGRAM}`;
  const file = relative(directory, script);
  // Elsewhere, or nothing that a shell takes as it is: what people call it will do.
  if (isCommand || !/^[A-Za-z0-9_./][A-Za-z0-9_./@%+=:,-]*$/.test(file)) return PROGRAM;
  if (isDeno) return `${npx}deno run -P ${file}`;
  return loaded.some((each) => /[/\\]tsx[/\\]/.test(each)) ? `npx tsx ${file}` : `node ${file}`;
}

/** The same of this process. */
export function calledNow(): string {
  try {
    return calledAs({
      script: process.argv[1] ?? "",
      directory: process.cwd(),
      isDeno: "Deno" in globalThis,
      loaded: process.execArgv,
      isOfNpm: process.env["npm_execpath"] !== undefined,
    });
  } catch {
    // A Deno that may not know where it is.
    return PROGRAM;
  }
}
