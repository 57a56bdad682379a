import { cpSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Folder } from "./files.ts";
import { runCommand } from "./programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Packs this checkout as it would be published. @returns The tarball, in that folder. */
export async function pack(folder: Folder): Promise<string> {
  // What is built in the checkout itself is left alone: it may be in use.
  const checkout = join(folder.path, "checkout");
  const left = /^(node_modules|dist|\.git|\.ci)$/;
  cpSync(root, checkout, { recursive: true, filter: (path) => !left.test(relative(root, path)) });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  await runCommand(["npm", "pack", checkout, "--silent", "--pack-destination", folder.path]);
  const { name, version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return join(folder.path, `${name}-${version}.tgz`);
}
