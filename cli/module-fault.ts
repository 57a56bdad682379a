import { fileURLToPath } from "node:url";
import { thrownText } from "../src/errors.ts";

/** esbuild, which is what tsx reads modules with: `PATH:LINE:COLUMN: ERROR: TEXT`, below a line that says nothing. */
const ESBUILD = /^(.+:\d+:\d+): ERROR: (.+)$/m;
/** Deno, and Node where it strips types: an URL or a path. For JavaScript Node tells nobody but the console. */
const PLACES = [/^ +at (file:.+:\d+:\d+)$/m, /^((?:file:|\/|[A-Z]:\\).+:\d+)\n/];

/** Why a module could not be loaded, in one clause, with the place of a mistake in its syntax where the runtime names it. Pure. */
export function moduleFault(error: unknown): string {
  const message = thrownText(error);
  const [, at, said] = ESBUILD.exec(message) ?? [];
  if (at !== undefined) return `${said} at ${at}`;
  const text = message.split("\n")[0]!.replace(/^SyntaxError: /, "");
  if (!isSyntax(error, message)) return text;
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const place = PLACES.map((pattern) => pattern.exec(stack)?.[1]).find((found) => found !== undefined);
  if (place === undefined || text.includes(place)) return text;
  const [, url, position] = /^(.+?)((?::\d+)+)$/.exec(place)!;
  return `${text} at ${url!.startsWith("file:") ? fileURLToPath(url!) : url}${position}`;
}

const isSyntax = (error: unknown, message: string): boolean =>
  error instanceof SyntaxError || message.startsWith("SyntaxError: ");
