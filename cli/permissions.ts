import process from "node:process";
import { type CommandLine, readCommandLine } from "./arguments.ts";
import { VERBS } from "./commands.ts";

/** What everything needs that asks a cluster: files of credentials, their environment, the server, the name of the host. */
const NEEDED = ["read", "env", "sys", "net"] as const;

/** The flags of `deno run` that grant it. */
export const PERMISSION_FLAGS: string = NEEDED.map((name) => `--allow-${name}`).join(" ");

/** Which of them a command line needs. Pure. */
function neededBy(line: CommandLine): readonly (typeof NEEDED)[number][] {
  if (line.kind === "help" || line.kind === "version") return [];
  if (line.kind === "mode") return NEEDED;
  const { flags } = VERBS[line.given.verb];
  if (flags.includes("kubeconfig")) return NEEDED;
  return flags.includes("flow") ? ["read", "env"] : [];
}

/** What it says is complained of later. */
function readWords(words: readonly string[]): CommandLine {
  try {
    return readCommandLine(words);
  } catch {
    return { kind: "help" };
  }
}

/** Deno's permissions, as far as they are used here. */
interface Permissions {
  request(of: { readonly name: string }): Promise<unknown>;
  query(of: { readonly name: string }): Promise<{ readonly state: "granted" | "denied" | "prompt" }>;
}

/**
 * Asks a person at a terminal for the permissions that its command line needs and that were not given, each as a whole and before
 * anything else happens: while Deno waits for an answer, nothing else runs, and once signals are listened for, Ctrl-C would
 * be heard after the answer only. What is denied here is complained of where it is needed.
 *
 * @returns Whether there may be further questions: a plugin for credentials, or a file to write.
 */
export async function askForPermissions(words: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const { Deno: { permissions } } = globalThis as unknown as { Deno: { permissions: Permissions } };
  const needed = neededBy(readWords(words));
  if (needed.length === 0) return false;
  for (const name of needed) await permissions.request({ name });
  const later = await Promise.all(["run", "write"].map((name) => permissions.query({ name })));
  return later.some(({ state }) => state === "prompt");
}
