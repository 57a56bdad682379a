import { readFile } from "node:fs/promises";
import type { Tokens, TokenUser } from "../../src/fake/mod.ts";

/** Splits a line of CSV. @returns Nothing when its quotes are not closed or stand in the middle of a value. */
function columnsOf(line: string): string[] | undefined {
  const columns: string[] = [];
  const column = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = column.exec(line);
    if (!match) return undefined;
    columns.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === "") return columns;
  }
}

/**
 * Reads users by token from the text of a file as kube-apiserver's `--token-auth-file` takes it: a line a token, with
 * the token, the user's name, its uid and, in quotes, its groups. Who is in `system:masters` may do everything, everybody else
 * what roles and their bindings say, as on a server with `--authorization-mode=RBAC`. Pure.
 *
 * @throws {Error} when a line is not as it must be; the message names it.
 */
export function parseTokens(text: string): Tokens {
  const tokens = new Map<string, TokenUser>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line === "") return;
    const columns = columnsOf(line);
    if (!columns) throw new Error(`line ${index + 1} is no CSV: quotes go around a whole value`);
    const [token = "", user = "", uid = "", groups] = columns;
    if (columns.length < 3) throw new Error(`line ${index + 1} has ${columns.length} of at least 3 columns`);
    if (token === "" || user === "") throw new Error(`line ${index + 1} has no ${token === "" ? "token" : "user"}`);
    const names = groups === undefined ? [] : groups.split(",");
    tokens.set(token, { user, uid, groups: names, allow: names.includes("system:masters") ? "all" : "rbac" });
  });
  return Object.fromEntries(tokens);
}

/** Reads such a file. @throws {Error} with one sentence. */
export async function readTokenFile(path: string): Promise<Tokens> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new Error(
      code === "ENOENT"
        ? `The token file does not exist: ${path} (--token-auth-file)`
        : `Cannot read the token file ${path}: ${message}`,
    );
  }
  try {
    return parseTokens(text);
  } catch (error) {
    throw new Error(
      `The token file ${path} is wrong: ${(error as Error).message}, expected token,user,uid,"group1,group2" (--token-auth-file)`,
    );
  }
}
