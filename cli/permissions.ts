import process from "node:process";

/** What every mode needs: files of credentials, their environment, the server, the name of the host. */
const NEEDED = ["read", "env", "sys", "net"] as const;

/** Deno's permissions, as far as they are used here. */
interface Permissions {
  request(of: { readonly name: string }): Promise<unknown>;
  query(of: { readonly name: string }): Promise<{ readonly state: "granted" | "denied" | "prompt" }>;
}

/**
 * Asks a person at a terminal for the permissions that were not given on the command line, each as a whole and before
 * anything else happens: while Deno waits for an answer, nothing else runs, and once signals are listened for, Ctrl-C would
 * be heard after the answer only. What is denied here is complained of where it is needed.
 *
 * @returns Whether there may be further questions: a plugin for credentials, or a file to write.
 */
export async function askForPermissions(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const { Deno: { permissions } } = globalThis as unknown as { Deno: { permissions: Permissions } };
  for (const name of NEEDED) await permissions.request({ name });
  const later = await Promise.all(["run", "write"].map((name) => permissions.query({ name })));
  return later.some(({ state }) => state === "prompt");
}
