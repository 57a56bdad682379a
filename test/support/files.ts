import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mkdirSync } from "node:fs";

/** A folder for one test. */
export interface Folder {
  readonly path: string;
  /** Writes a file and returns its path. What is neither a text nor bytes is written as JSON, which is YAML, too. */
  write(name: string, content: unknown): string;
  remove(): void;
}

/** Makes an empty folder. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "crd-watcher-"));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content));
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A kubeconfig with one cluster and one user. */
export const kubeconfig = (cluster: object, user: object = {}): object => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster }],
  users: [{ name: "u", user }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
});
